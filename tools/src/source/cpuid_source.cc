// SPDX-License-Identifier: GPL-2.0-only
#include "source/cpuid_source.h"

#include <cpuid.h>

namespace kvm_exits {

CpuidRegisters ProcessorCpuid::Read(uint32_t leaf, uint32_t subleaf) {
  CpuidRegisters registers;
  // Not __get_cpuid_count(): it asks for the highest leaf first, which is one
  // more exit, and refuses leaves beyond it.
  __cpuid_count(leaf, subleaf, registers.eax, registers.ebx, registers.ecx, registers.edx);
  return registers;
}

}  // namespace kvm_exits
