# SPDX-License-Identifier: GPL-2.0-only
#
# The names that model/access_names.cc has from the kernel's headers.

option(KVM_EXITS_KERNEL_NAMES
  "Take the names of MSRs, hypercalls and vectors from the kernel's headers" ON)
find_program(AWK_EXECUTABLE awk REQUIRED)

set(KERNEL_NAMES_AWK "${CMAKE_SOURCE_DIR}/cmake/kernel_names.awk")
set(KERNEL_NAMES_FALLBACK "${CMAKE_SOURCE_DIR}/cmake/kernel_names_fallback.h")

# Adds a rule that makes <output> of the headers that follow.
function(add_kernel_names output)
  get_filename_component(directory "${output}" DIRECTORY)
  file(MAKE_DIRECTORY "${directory}")
  add_custom_command(OUTPUT "${output}"
    COMMAND "${AWK_EXECUTABLE}" -f "${KERNEL_NAMES_AWK}" -v "output=${output}" ${ARGN}
    DEPENDS "${KERNEL_NAMES_AWK}" ${ARGN}
    COMMENT "Reading the names of MSRs, hypercalls and vectors" VERBATIM)
endfunction()

# Sets <result> to those headers of the kernel that have names: of the newest of the
# series' kernels that are unpacked, else of this machine's.
function(find_kernel_names result)
  set(msr_index arch/x86/include/asm/msr-index.h)
  set(headers)
  foreach(place "${CMAKE_SOURCE_DIR}/../build/linux/*" "/usr/src/linux-headers-*-common")
    file(GLOB found "${place}/${msr_index}")
    list(SORT found COMPARE NATURAL ORDER DESCENDING)
    list(APPEND headers ${found})
  endforeach()
  if(headers)
    list(GET headers 0 newest)
    string(REPLACE "/${msr_index}" "" tree "${newest}")
    # The names of Hyper-V are in the last one since Linux 6.14.
    set(headers)
    foreach(header "${msr_index}" arch/x86/include/asm/irq_vectors.h
                   arch/x86/include/uapi/asm/kvm_para.h include/uapi/linux/kvm_para.h
                   include/uapi/linux/kvm.h arch/x86/include/asm/hyperv-tlfs.h
                   include/asm-generic/hyperv-tlfs.h include/hyperv/hvgdk_mini.h)
      if(EXISTS "${tree}/${header}")
        list(APPEND headers "${tree}/${header}")
      endif()
    endforeach()
  endif()
  set(${result} ${headers} PARENT_SCOPE)
endfunction()

set(kernel_headers)
if(KVM_EXITS_KERNEL_NAMES)
  find_kernel_names(kernel_headers)
endif()
set(HAS_KERNEL_NAMES 1)
if(NOT kernel_headers)
  set(HAS_KERNEL_NAMES 0)
  message(STATUS "No headers of a kernel: only the best known MSRs get a name")
endif()
# What both have, has the kernel's name, which comes first.
add_kernel_names("${GENERATED_DIR}/generated/kernel_names.inc" ${kernel_headers}
  "${KERNEL_NAMES_FALLBACK}")
