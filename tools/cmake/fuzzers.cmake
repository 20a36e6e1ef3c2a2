# SPDX-License-Identifier: GPL-2.0-only
#
# `make fuzz`: a program <floor>_<name> of each <floor>/<name>_fuzz.cc.

# What they try, and what that needs: the rest of the program is not built for them.
set(FUZZED
  base/clock base/printable base/read_file base/regex base/stop_signals
  command/options
  model/durations model/exit_reason model/exit_reason_names model/kallsyms
  model/snapshot
  source/host_facts_parser source/host_file source/module_file source/module_files
  source/proc_file source/record_format source/thread_stat source/trace_format source/vmm_name)
list(TRANSFORM FUZZED REPLACE "(.+)" "src/\\1.cc")
add_library(kvm_exits_fuzzed STATIC EXCLUDE_FROM_ALL ${FUZZED})
target_include_directories(kvm_exits_fuzzed PUBLIC src PRIVATE "${EXIT_REASONS_DIR}")
target_compile_options(kvm_exits_fuzzed PUBLIC -fsanitize=fuzzer-no-link)
target_link_libraries(kvm_exits_fuzzed
  PUBLIC CLI11::CLI11
  PRIVATE fmt::fmt-header-only nlohmann_json::nlohmann_json
          "${PCRE2_LIBRARY}" "${UTF8PROC_LIBRARY}")

target_compile_definitions(kvm_exits_fuzzed PRIVATE KVM_EXITS_VERSION="${PROJECT_VERSION}")

add_custom_target(fuzzers)
file(GLOB FUZZERS CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/src" src/*/*_fuzz.cc)
foreach(source ${FUZZERS})
  string(REGEX REPLACE "_fuzz\\.cc$" "" name "${source}")
  string(REPLACE "/" "_" name "${name}")
  add_executable(${name} EXCLUDE_FROM_ALL "src/${source}" src/fuzz_main.cc)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY fuzzers)
  target_link_libraries(${name} PRIVATE kvm_exits_fuzzed)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
endforeach()
