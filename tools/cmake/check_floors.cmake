# SPDX-License-Identifier: GPL-2.0-only
#
# cmake -DSOURCES=<directory> -P check_floors.cmake
#
# The folders of <directory> are floors, and the files beside them the roof: a
# file includes only from its own floor and from those below.

set(floors base model source view command)  # from the ground up

file(GLOB_RECURSE files RELATIVE "${SOURCES}" "${SOURCES}/*.cc" "${SOURCES}/*.h")
if(NOT files)
  message(FATAL_ERROR "no sources in '${SOURCES}'")
endif()

# Sets <result> to the number of the floor that <path> is on.
function(find_floor path result)
  get_filename_component(folder "${path}" DIRECTORY)
  list(FIND floors "${folder}" floor)
  if(folder STREQUAL "")
    list(LENGTH floors floor)
  elseif(floor EQUAL -1)
    message(SEND_ERROR "${path}: '${folder}' is none of the floors ${floors}")
  endif()
  set(${result} ${floor} PARENT_SCOPE)
endfunction()

foreach(file IN LISTS files)
  find_floor("${file}" floor)
  file(STRINGS "${SOURCES}/${file}" includes REGEX "^#include \"")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include \"([^\"]*)\".*" "\\1" included "${include}")
    # The kernel's lists of exit reasons, and what the build makes, are none of our files.
    if(included MATCHES "^(arch/x86/kvm|generated)/")
      continue()
    endif()
    find_floor("${included}" included_floor)
    if(included_floor GREATER floor)
      message(SEND_ERROR "${file} includes ${included}, which is above it")
    endif()
  endforeach()
endforeach()
