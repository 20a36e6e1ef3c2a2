# SPDX-License-Identifier: GPL-2.0-only
#
# Builds explanations.toml into the program, as the text of a string of C++.  As a
# script: cmake -DINPUT=<file> -DOUTPUT=<file> -P explanations.cmake

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" text)
  if(text MATCHES "\\)toml\"")
    message(FATAL_ERROR "${INPUT}: has the end of the string that it is to be")
  endif()
  file(WRITE "${OUTPUT}" "R\"toml(${text})toml\"\n")
  return()
endif()

set(explanations "${CMAKE_SOURCE_DIR}/explanations.toml")
add_custom_command(OUTPUT "${GENERATED_DIR}/generated/explanations.inc"
  COMMAND "${CMAKE_COMMAND}" "-DINPUT=${explanations}"
          "-DOUTPUT=${GENERATED_DIR}/generated/explanations.inc"
          -P "${CMAKE_SOURCE_DIR}/cmake/explanations.cmake"
  DEPENDS "${explanations}" "${CMAKE_SOURCE_DIR}/cmake/explanations.cmake"
  COMMENT "Building in the explanations" VERBATIM)
