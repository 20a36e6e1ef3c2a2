// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_GUEST_LEAVES_H_
#define KVM_EXITS_SOURCE_GUEST_LEAVES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "source/cpuid_source.h"

// The CPUID leaves in which a KVM that counts exits answers its guests: where
// each value stands in the registers, and nothing about when to read them.
namespace kvm_exits {

// Intel SDM vol. 2 and AMD APM vol. 3, CPUID: function 1 has in ECX bit 31 the
// hypervisor's presence.
inline constexpr uint32_t kLeafProcessorFeatures = 1;

inline constexpr uint32_t kLeafSignature = 0x4FFFFFF0;
inline constexpr uint32_t kLeafFeatures = 0x4FFFFFF1;
inline constexpr uint32_t kLeafStateCycles = 0x4FFFFFF2;   // subleaf: the state's number
inline constexpr uint32_t kLeafReasonMap = 0x4FFFFFF3;     // subleaf: which 128 slots
inline constexpr uint32_t kLeafReasonCycles = 0x4FFFFFFC;  // subleaf: the exit reason
inline constexpr uint32_t kLeafReasonExits = 0x4FFFFFFD;   // subleaf: the exit reason
inline constexpr uint32_t kLeafTotalCycles = 0x4FFFFFFE;
inline constexpr uint32_t kLeafTotalExits = 0x4FFFFFFF;

struct GuestFeatures {
  bool has_counts;
  bool has_cycles;
  uint32_t isa;           // a value of enum Isa, or one that came after this version
  uint32_t host_tsc_khz;  // rate of the host's time stamp counter
};

// From kLeafProcessorFeatures: whether this is a virtual machine at all.
bool DecodeHypervisorPresent(const CpuidRegisters& registers);

// From kLeafSignature: whether the text is there that only a KVM with exit
// counts gives.  Without it the other leaves' answers mean nothing: for a leaf
// out of range Intel processors, and KVM in their place, give the data of
// their highest basic leaf.
bool DecodeSignature(const CpuidRegisters& registers);

// From kLeafFeatures.
GuestFeatures DecodeFeatures(const CpuidRegisters& registers);

// Slots that one answer of kLeafReasonMap is about, a bit each.
inline constexpr uint32_t kSlotsPerMap = 128;

// From kLeafReasonMap: the slots in which there are exits, ascending.
std::vector<uint32_t> DecodeReasonMap(const CpuidRegisters& registers, uint32_t subleaf);

// From kLeafTotalExits: VM exits since the VM was created.
uint64_t DecodeTotalExits(const CpuidRegisters& registers);

// From kLeafReasonExits: VM exits since the VM was created, or nothing where
// the processor's manual does not define the reason asked for.
std::optional<uint64_t> DecodeReasonExits(const CpuidRegisters& registers);

// From kLeafTotalCycles, kLeafReasonCycles and kLeafStateCycles: cycles of the host's
// TSC, or nothing where there is no such reason or state.
std::optional<uint64_t> DecodeCycles(const CpuidRegisters& registers);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_GUEST_LEAVES_H_
