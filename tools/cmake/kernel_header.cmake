# SPDX-License-Identifier: GPL-2.0-only
#
# A header that the kernel patches create is taken out of the patches
# themselves, so that the tools and the kernel cannot disagree about it.

# Sets <result> to the patches of the series in <directory>, in the order in
# which they apply.  Number 0000 is a cover letter, which has no diff.
function(list_series directory result)
  file(GLOB patches "${directory}/[0-9][0-9][0-9][0-9]-*.patch")
  list(FILTER patches EXCLUDE REGEX "/0000-[^/]*$")
  list(SORT patches)
  set(${result} "${patches}" PARENT_SCOPE)
endfunction()

# Writes <header> (a path in the kernel tree) as it is after the patches of the
# list <patches> to <destination>/<header>.  Works for a header that the series
# creates; no kernel tree is needed.  Stops with an error where the series does
# not create it.  A <destination> that is up to date is not touched.
function(extract_kernel_header patches header destination)
  find_program(GIT_EXECUTABLE git REQUIRED)
  set(scratch "${destination}.scratch")
  file(REMOVE_RECURSE "${scratch}")
  file(MAKE_DIRECTORY "${scratch}")

  # Inside a work tree git apply takes paths as relative to its top and skips,
  # without a word, all that are outside of the current directory.  So no
  # repository may be found from here: neither by the search upwards nor by
  # the variables that git sets for its hooks.
  get_filename_component(ceiling "${scratch}" DIRECTORY)
  foreach(patch IN LISTS patches)
    execute_process(
      COMMAND
        "${CMAKE_COMMAND}" -E env --unset=GIT_DIR --unset=GIT_WORK_TREE --unset=GIT_INDEX_FILE
        --unset=GIT_PREFIX "GIT_CEILING_DIRECTORIES=${ceiling}" "${GIT_EXECUTABLE}" apply
        "--include=${header}" "${patch}"
      WORKING_DIRECTORY "${scratch}"
      RESULT_VARIABLE status
      ERROR_VARIABLE errors)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "${patch}: git apply --include=${header} failed:\n${errors}")
    endif()
  endforeach()

  if(NOT EXISTS "${scratch}/${header}")
    message(
      FATAL_ERROR
        "No patch of the kernel series creates ${header}. "
        "KVM_EXITS_SERIES must name a directory of kvm-exits patches such as patches/6.12.")
  endif()
  get_filename_component(directory "${destination}/${header}" DIRECTORY)
  file(MAKE_DIRECTORY "${directory}")
  file(COPY_FILE "${scratch}/${header}" "${destination}/${header}" ONLY_IF_DIFFERENT)
  file(REMOVE_RECURSE "${scratch}")
endfunction()
