// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_CPUID_SOURCE_H_
#define KVM_EXITS_SOURCE_CPUID_SOURCE_H_

#include <cstdint>

namespace kvm_exits {

// What one CPUID instruction leaves in the registers.
struct CpuidRegisters {
  uint32_t eax = 0;
  uint32_t ebx = 0;
  uint32_t ecx = 0;
  uint32_t edx = 0;

  bool operator==(const CpuidRegisters&) const = default;
};

// Answers CPUID: the processor, or a made-up guest in tests.
class CpuidSource {
 public:
  CpuidSource() = default;
  CpuidSource(const CpuidSource&) = delete;
  CpuidSource& operator=(const CpuidSource&) = delete;
  virtual ~CpuidSource() = default;

  // `leaf` goes in through EAX, `subleaf` through ECX.
  virtual CpuidRegisters Read(uint32_t leaf, uint32_t subleaf) = 0;
};

// The CPUID instruction of the processor that the caller happens to run on.
// The counts are the VM's, so each of its processors gives the same ones.
class ProcessorCpuid : public CpuidSource {
 public:
  CpuidRegisters Read(uint32_t leaf, uint32_t subleaf) override;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_CPUID_SOURCE_H_
