# SPDX-License-Identifier: GPL-2.0-only
#
# cmake -DCASE=<case> -DWORK=<directory to use> -P kernel_header_test.cmake
#
# One case a run, because FATAL_ERROR, the answer to a bad series, ends it.

include("${CMAKE_CURRENT_LIST_DIR}/kernel_header.cmake")

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}/series")
set(header "arch/x86/kvm/made_up.h")
file(WRITE "${WORK}/series/0000-cover-letter.patch" "Subject: no diff in here\n")
file(WRITE "${WORK}/series/0001-create.patch"
"diff --git a/${header} b/${header}
new file mode 100644
--- /dev/null
+++ b/${header}
@@ -0,0 +1 @@
+first
diff --git a/arch/x86/kvm/x86.c b/arch/x86/kvm/x86.c
--- a/arch/x86/kvm/x86.c
+++ b/arch/x86/kvm/x86.c
@@ -1 +1 @@
-needs a kernel tree
+that is not here
")
file(WRITE "${WORK}/series/0002-change.patch"
"diff --git a/${header} b/${header}
--- a/${header}
+++ b/${header}
@@ -1 +1,2 @@
 first
+second
")

function(expect_extracted destination)
  list_series("${WORK}/series" patches)
  extract_kernel_header("${patches}" "${header}" "${destination}")
  file(READ "${destination}/${header}" text)
  if(NOT text STREQUAL "first\nsecond\n")
    message(FATAL_ERROR "extracted '${text}'")
  endif()
endfunction()

if(CASE STREQUAL "inside_repository")
  execute_process(COMMAND git init -q "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
  expect_extracted("${WORK}/build/kernel")
elseif(CASE STREQUAL "inside_git_hook")
  execute_process(COMMAND git init -q "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{GIT_DIR} "${WORK}/.git")
  set(ENV{GIT_WORK_TREE} "${WORK}")
  expect_extracted("${WORK}/build/kernel")
elseif(CASE STREQUAL "outside_repository")
  # A ceiling of its own hides the repository that this build directory may be in.
  set(ENV{GIT_CEILING_DIRECTORIES} "${WORK}")
  expect_extracted("${WORK}/build/kernel")
elseif(CASE STREQUAL "second_run_leaves_it_alone")
  expect_extracted("${WORK}/build/kernel")
  file(TIMESTAMP "${WORK}/build/kernel/${header}" before "%s")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
  expect_extracted("${WORK}/build/kernel")
  file(TIMESTAMP "${WORK}/build/kernel/${header}" after "%s")
  if(NOT before STREQUAL after)
    message(FATAL_ERROR "an unchanged header was written again")
  endif()
elseif(CASE STREQUAL "header_not_in_series")
  list_series("${WORK}/series" patches)
  extract_kernel_header("${patches}" "arch/x86/kvm/absent.h" "${WORK}/build/kernel")
elseif(CASE STREQUAL "empty_series")
  list_series("${WORK}/build" patches)
  extract_kernel_header("${patches}" "${header}" "${WORK}/build/kernel")
elseif(CASE STREQUAL "broken_patch")
  file(WRITE "${WORK}/series/0002-change.patch" "--- a/${header}\n+++ b/${header}\n@@ -9 +9 @@\n-x\n+y\n")
  expect_extracted("${WORK}/build/kernel")
else()
  message(FATAL_ERROR "no such case: '${CASE}'")
endif()
