# SPDX-License-Identifier: GPL-2.0-only

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
# The distribution's, which is the one that has its Python packages.
find_program(SYSTEM_PYTHON_EXECUTABLE python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
find_program(MANDOC_EXECUTABLE mandoc REQUIRED)
find_program(MAN_EXECUTABLE man REQUIRED)
find_program(BASH_EXECUTABLE bash REQUIRED)
find_program(TMUX_EXECUTABLE tmux REQUIRED)
find_program(ZSH_EXECUTABLE zsh REQUIRED)
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

file(GLOB TEST_SOURCES CONFIGURE_DEPENDS src/*_test.cc src/*/*_test.cc)
add_executable(kvm_exits_test ${TEST_SOURCES})
target_link_libraries(kvm_exits_test
  PRIVATE kvm_exits_core fmt::fmt-header-only nlohmann_json::nlohmann_json GTest::gmock_main)
target_include_directories(kvm_exits_test PRIVATE "${EXIT_REASONS_DIR}")
target_compile_definitions(kvm_exits_test PRIVATE
  KVM_EXITS_TOOLS_DIR="${CMAKE_SOURCE_DIR}" KVM_EXITS_UAPI_DIRS="${UAPI_DIRS}"
  KVM_EXITS_HAS_KERNEL_NAMES=${HAS_KERNEL_NAMES})
# Most of the time that the tests take is the compiler's: for these headers, and
# for optimizing what runs once.
target_precompile_headers(kvm_exits_test PRIVATE <gmock/gmock.h> <nlohmann/json.hpp>)
target_compile_options(kvm_exits_test PRIVATE $<$<CONFIG:Release>:-O0>)
# What gcc 12 says of std::regex under AddressSanitizer is false.
set_source_files_properties(src/documentation_test.cc PROPERTIES
  COMPILE_OPTIONS -Wno-maybe-uninitialized)
if(KVM_EXITS_TEST_SHARDS)
  # Where it is the start of the program that takes long, not the tests
  math(EXPR last_shard "${KVM_EXITS_TEST_SHARDS} - 1")
  foreach(shard RANGE ${last_shard})
    add_test(NAME unit_tests_${shard} COMMAND kvm_exits_test)
    set_tests_properties(unit_tests_${shard} PROPERTIES
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${KVM_EXITS_TEST_SHARDS};GTEST_SHARD_INDEX=${shard}"
      TIMEOUT 900)
  endforeach()
else()
  gtest_discover_tests(kvm_exits_test)
endif()

# The names as a build without the kernel's headers has them.
set(fallback_names_dir "${CMAKE_BINARY_DIR}/kernel_names_fallback")
add_kernel_names("${fallback_names_dir}/generated/kernel_names.inc" "${KERNEL_NAMES_FALLBACK}")
add_executable(kvm_exits_fallback_names_test
  "${fallback_names_dir}/generated/kernel_names.inc"
  src/model/access_names.cc
  src/model/access_names_test.cc)
target_include_directories(kvm_exits_fallback_names_test PRIVATE src "${fallback_names_dir}")
target_link_libraries(kvm_exits_fallback_names_test PRIVATE GTest::gmock_main)
target_compile_definitions(kvm_exits_fallback_names_test PRIVATE KVM_EXITS_HAS_KERNEL_NAMES=0)
gtest_discover_tests(kvm_exits_fallback_names_test TEST_PREFIX Fallback)

file(GLOB PERFTEST_SOURCES CONFIGURE_DEPENDS src/*/*_perftest.cc)
add_executable(kvm_exits_perftest ${PERFTEST_SOURCES})
target_link_libraries(kvm_exits_perftest PRIVATE kvm_exits_core benchmark::benchmark)
add_test(NAME perftest_runs COMMAND kvm_exits_perftest --benchmark_min_time=0.01)

# For a lab host, see lab/tasks/bpf-test.
add_executable(bpf_exits_check src/source/bpf_exits_check.cc)
target_link_libraries(bpf_exits_check PRIVATE kvm_exits_core fmt::fmt-header-only)
if(KVM_EXITS_STATIC)
  target_link_options(bpf_exits_check PRIVATE -static)
endif()

foreach(path ${MAN_PAGES})
  get_filename_component(page "${path}" NAME_WE)
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

# So is JSON, against the schemas in docs/.
set(JSON_READER "${SYSTEM_PYTHON_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/src/view/json_schema_test.py")
add_test(NAME json_schema_of_guests COMMAND ${JSON_READER} lines
  "${CMAKE_SOURCE_DIR}/../docs/guest.schema.json"
  "${CMAKE_SOURCE_DIR}/src/view/testdata/guest.jsonl")
add_test(NAME json_schema_of_detail COMMAND ${JSON_READER} lines
  "${CMAKE_SOURCE_DIR}/../docs/detail.schema.json"
  "${CMAKE_SOURCE_DIR}/src/view/testdata/detail.jsonl")
foreach(kind host explain doctor record diff report)
  add_test(NAME json_schema_of_${kind} COMMAND ${JSON_READER} ${kind}
    "${CMAKE_SOURCE_DIR}/../docs/${kind}.schema.json" $<TARGET_FILE:kvm-exits>)
endforeach()
# One that takes more than that is seen.
set(loose "${CMAKE_BINARY_DIR}/loose.schema.json")
file(WRITE "${loose}" "{\"type\": \"object\", \"required\": [\"time\"]}\n")
add_test(NAME json_schema_that_is_loose COMMAND ${JSON_READER} lines "${loose}"
  "${CMAKE_SOURCE_DIR}/src/view/testdata/guest.jsonl")
set_tests_properties(json_schema_that_is_loose PROPERTIES
  PASS_REGULAR_EXPRESSION "the schema takes a key that is unexpected")

add_test(NAME completion_bash
  COMMAND "${BASH_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/completions/kvm-exits_test.bash")
add_test(NAME completion_zsh
  COMMAND "${ZSH_EXECUTABLE}" -f "${CMAKE_SOURCE_DIR}/completions/kvm-exits_test.zsh")

# What is installed, below DESTDIR.
add_test(NAME installed
  COMMAND "${CMAKE_SOURCE_DIR}/install_test.sh" "${CMAKE_COMMAND}" "${CMAKE_BINARY_DIR}"
          "${CMAKE_INSTALL_PREFIX}" "${ZSH_COMPLETIONS_DIR}" ${MAN_PAGES})

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

# On a terminal.  Most of it is waiting.
add_test(NAME executable_top
  COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/src/command/top_test.py"
          $<TARGET_FILE:kvm-exits>)
add_test(NAME executable_record
  COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/src/command/record_test.py"
          $<TARGET_FILE:kvm-exits>)
# In a browser.  What looks for obstacles in it is fetched by tools/fetch-axe.
add_test(NAME executable_report
  COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/src/command/report_test.py"
          $<TARGET_FILE:kvm-exits> "${CMAKE_SOURCE_DIR}/../build/axe/axe.min.js")
set_tests_properties(executable_report PROPERTIES SKIP_RETURN_CODE 77)
find_program(PROMETHEUS_EXECUTABLE prometheus HINTS "${PROMETHEUS_PROGRAMS}" REQUIRED)
add_test(NAME executable_exporter
  COMMAND "${SYSTEM_PYTHON_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/src/command/exporter_test.py"
          $<TARGET_FILE:kvm-exits> "${PROMETHEUS_EXECUTABLE}" "${PROMTOOL_EXECUTABLE}"
          "${CMAKE_SOURCE_DIR}/prometheus/kvm-exits.dashboard.json")
add_test(NAME promtool_check_rules
  COMMAND "${PROMTOOL_EXECUTABLE}" check rules "${CMAKE_SOURCE_DIR}/prometheus/kvm-exits.rules.yml")
add_test(NAME promtool_test_rules
  COMMAND "${PROMTOOL_EXECUTABLE}" test rules
          "${CMAKE_SOURCE_DIR}/prometheus/kvm-exits.rules_test.yml")
# libtinfo keeps what it has of a terminal that it does not know.
set_property(TEST executable_top APPEND PROPERTY ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")

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
