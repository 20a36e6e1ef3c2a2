# SPDX-License-Identifier: GPL-2.0-only

add_executable(bench_report_test
  catalogue_test.cc
  command_line_test.cc
  comparison_test.cc
  markdown_test.cc
  measurements_json_test.cc
  measurements_text_test.cc
  plot_test.cc
  primitives_test.cc
  text_table_test.cc)
target_link_libraries(bench_report_test PRIVATE bench_report_core GTest::gmock_main)
# As with the tools' tests: most of the time is the compiler's.
target_precompile_headers(bench_report_test PRIVATE <gmock/gmock.h>)
target_compile_options(bench_report_test PRIVATE $<$<CONFIG:Release>:-O0>)
gtest_discover_tests(bench_report_test)

foreach(test main plot)
  add_test(NAME bench_report_${test}
    COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/${test}_test.py"
            $<TARGET_FILE:bench-report>)
endforeach()

# The figures of the documentation are those that were recorded.
add_test(NAME documentation_is_as_recorded
  COMMAND bench-report markdown --check intel.json amd.json --primitives primitives.json
          -o ../../docs/performance.md
  WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}/results")
