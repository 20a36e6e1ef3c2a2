# SPDX-License-Identifier: GPL-2.0-only

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
# The distribution's, which is the one that has its Python packages.
find_program(SYSTEM_PYTHON_EXECUTABLE python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
find_program(MANDOC_EXECUTABLE mandoc REQUIRED)
find_program(MAN_EXECUTABLE man REQUIRED)
find_program(BASH_EXECUTABLE bash REQUIRED)
# Unpacked by tools/unpack-prometheus, as their packages start services.
set(PROMETHEUS_PROGRAMS "${CMAKE_SOURCE_DIR}/../build/prometheus/usr/bin")
find_program(PROMTOOL_EXECUTABLE promtool HINTS "${PROMETHEUS_PROGRAMS}" REQUIRED)
find_program(NODE_EXPORTER_EXECUTABLE prometheus-node-exporter HINTS "${PROMETHEUS_PROGRAMS}"
  REQUIRED)
# What the kernel tells user space: of the series' kernels that are unpacked, and of
# this machine.
file(GLOB UAPI_DIRS CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/../build/linux/*/arch/x86/include/uapi/asm")
find_path(SYSTEM_UAPI_DIR asm/svm.h REQUIRED)
list(APPEND UAPI_DIRS "${SYSTEM_UAPI_DIR}/asm")
list(JOIN UAPI_DIRS ":" UAPI_DIRS)
include(GoogleTest)

add_executable(kvm_exits_test
  src/base/clock_test.cc
  src/base/file_output_test.cc
  src/base/output_test.cc
  src/base/regex_test.cc
  src/base/stop_signals_test.cc
  src/model/exit_reason_test.cc
  src/model/exit_reason_names_test.cc
  src/model/exit_slot_test.cc
  src/model/snapshot_test.cc
  src/source/cpuid_source_test.cc
  src/source/guest_leaves_test.cc
  src/source/guest_reader_test.cc
  src/view/csv_test.cc
  src/view/json_test.cc
  src/view/openmetrics_test.cc
  src/view/report_test.cc
  src/view/table_test.cc
  src/command/guest_test.cc
  src/command/command_line_test.cc
  src/documentation_test.cc)
target_link_libraries(kvm_exits_test
  PRIVATE kvm_exits_core fmt::fmt-header-only nlohmann_json::nlohmann_json GTest::gmock_main)
target_include_directories(kvm_exits_test PRIVATE "${EXIT_REASONS_DIR}")
target_compile_definitions(kvm_exits_test PRIVATE
  KVM_EXITS_TOOLS_DIR="${CMAKE_SOURCE_DIR}" KVM_EXITS_UAPI_DIRS="${UAPI_DIRS}")
# Most of the time that the tests take is the compiler's: for these headers, and
# for optimizing what runs once.
target_precompile_headers(kvm_exits_test PRIVATE <gmock/gmock.h> <nlohmann/json.hpp>)
target_compile_options(kvm_exits_test PRIVATE $<$<CONFIG:Release>:-O0>)
# What gcc 12 says of std::regex under AddressSanitizer is false.
set_source_files_properties(src/documentation_test.cc PROPERTIES
  COMPILE_OPTIONS -Wno-maybe-uninitialized)
gtest_discover_tests(kvm_exits_test)

add_executable(kvm_exits_perftest src/view/report_perftest.cc)
target_link_libraries(kvm_exits_perftest PRIVATE kvm_exits_core benchmark::benchmark)
add_test(NAME perftest_runs COMMAND kvm_exits_perftest --benchmark_min_time=0.01)

foreach(page kvm-exits kvm-exits-guest)
  set(path "${CMAKE_SOURCE_DIR}/man/${page}.1")
  add_test(NAME man_mandoc_${page} COMMAND "${MANDOC_EXECUTABLE}" -T lint -W warning "${path}")
  add_test(NAME man_groff_${page} COMMAND "${MAN_EXECUTABLE}" --warnings -l "${path}")
  # man reports warnings but does not fail on them.
  set_tests_properties(man_groff_${page} PROPERTIES
    ENVIRONMENT "MANPAGER=cat;LC_ALL=C.UTF-8;MANWIDTH=80"
    FAIL_REGULAR_EXPRESSION "[Ww]arning;[Ee]rror:")
endforeach()

# The texts that openmetrics_test compares with are themselves held against those who
# read them.
foreach(isa vmx svm)
  foreach(reader openmetrics:openmetrics promtool=${PROMTOOL_EXECUTABLE}:prom
                 node_exporter=${NODE_EXPORTER_EXECUTABLE}:prom
                 node_exporter=${NODE_EXPORTER_EXECUTABLE}:openmetrics)
    string(REGEX MATCH "^(.*):(.*)$" matched "${reader}")
    set(program "${CMAKE_MATCH_1}")
    set(text "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "=.*" "" name "${program}")
    add_test(NAME ${name}_takes_${isa}.${text}
      COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/src/view/openmetrics_test.py"
              "${program}" ${isa} "${CMAKE_SOURCE_DIR}/src/view/testdata/guest_${isa}.${text}")
  endforeach()
endforeach()

add_test(NAME completion
  COMMAND "${BASH_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/completions/kvm-exits_test.bash")

# The executable itself: what main() adds to the parts that the unit tests hold.
add_test(NAME executable_full_disk
  COMMAND sh -c "\"$1\" --version >/dev/full" sh $<TARGET_FILE:kvm-exits>)
add_test(NAME executable_closed_output
  COMMAND sh -c "\"$1\" --version >&-" sh $<TARGET_FILE:kvm-exits>)
set_tests_properties(executable_full_disk PROPERTIES
  PASS_REGULAR_EXPRESSION "kvm-exits: cannot write the output: No space left on device")
set_tests_properties(executable_closed_output PROPERTIES
  PASS_REGULAR_EXPRESSION "kvm-exits: cannot write the output: Bad file descriptor")
# As others do: silently, by SIGPIPE; and where that is ignored with an error.
add_test(NAME executable_closed_pipe
  COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/src/main_test.py"
          $<TARGET_FILE:kvm-exits>)
add_test(NAME executable_status COMMAND sh -c
  "\"$1\" --version >/dev/full; test $? = 1 && \"$1\" --nonsense; test $? = 2 && \"$1\" --version"
  sh $<TARGET_FILE:kvm-exits>)

if(KVM_EXITS_STATIC)
  add_test(NAME executable_is_static COMMAND sh -c "! readelf -lW \"$1\" | grep INTERP" sh
    $<TARGET_FILE:kvm-exits>)
endif()

set(CHECK_FLOORS "${CMAKE_SOURCE_DIR}/cmake/check_floors.cmake")
# Includes go down only, and the check sees it where one does not.
add_test(NAME floors
  COMMAND "${CMAKE_COMMAND}" "-DSOURCES=${CMAKE_SOURCE_DIR}/src" -P "${CHECK_FLOORS}")
set(upward "${CMAKE_BINARY_DIR}/floors_test")
file(WRITE "${upward}/base/low.h" "#include \"view/high.h\"\n")
file(WRITE "${upward}/view/high.h" "#include \"base/other.h\"\n#include \"view/next.h\"\n")
add_test(NAME floors_upward_include
  COMMAND "${CMAKE_COMMAND}" "-DSOURCES=${upward}" -P "${CHECK_FLOORS}")
set_tests_properties(floors_upward_include PROPERTIES
  PASS_REGULAR_EXPRESSION "base/low.h includes view/high.h"
  FAIL_REGULAR_EXPRESSION "view/high.h includes")
