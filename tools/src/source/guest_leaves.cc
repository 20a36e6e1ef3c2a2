// SPDX-License-Identifier: GPL-2.0-only
#include "source/guest_leaves.h"

#include <array>
#include <bit>
#include <cstring>
#include <string_view>

namespace kvm_exits {
namespace {

constexpr std::string_view kSignature = "KVMExitCount";
constexpr uint32_t kHypervisorPresent = 1U << 31U;
constexpr uint32_t kFeatureCounts = 1U << 0U;
constexpr uint32_t kFeatureCycles = 1U << 1U;
constexpr uint32_t kReasonUndefined = 0xFFFFFFFF;

// Both exit leaves have the low half in EAX and the high half in EBX.
uint64_t DecodeExits(const CpuidRegisters& registers) {
  return uint64_t{registers.ebx} << 32U | registers.eax;
}

}  // namespace

bool DecodeHypervisorPresent(const CpuidRegisters& registers) {
  return (registers.ecx & kHypervisorPresent) != 0;
}

bool DecodeSignature(const CpuidRegisters& registers) {
  const std::array text = {registers.ebx, registers.ecx, registers.edx};
  static_assert(sizeof(text) == kSignature.size());
  static_assert(std::endian::native == std::endian::little);
  return std::memcmp(text.data(), kSignature.data(), sizeof(text)) == 0;
}

GuestFeatures DecodeFeatures(const CpuidRegisters& registers) {
  return {
      .has_counts = (registers.eax & kFeatureCounts) != 0,
      .has_cycles = (registers.eax & kFeatureCycles) != 0,
      .isa = registers.ebx,
      .host_tsc_khz = registers.edx,
  };
}

std::vector<uint32_t> DecodeReasonMap(const CpuidRegisters& registers, uint32_t subleaf) {
  std::vector<uint32_t> slots;
  uint32_t first = subleaf * kSlotsPerMap;
  for (uint32_t bits : {registers.eax, registers.ebx, registers.ecx, registers.edx}) {
    for (; bits != 0; bits &= bits - 1) {
      slots.push_back(first + static_cast<uint32_t>(std::countr_zero(bits)));
    }
    first += 32;
  }
  return slots;
}

uint64_t DecodeTotalExits(const CpuidRegisters& registers) { return DecodeExits(registers); }

std::optional<uint64_t> DecodeReasonExits(const CpuidRegisters& registers) {
  if (registers.edx == kReasonUndefined) return std::nullopt;
  return DecodeExits(registers);
}

// The high half is in EBX, the low one in ECX.
std::optional<uint64_t> DecodeCycles(const CpuidRegisters& registers) {
  if (registers.edx == kReasonUndefined) return std::nullopt;
  return uint64_t{registers.ebx} << 32U | registers.ecx;
}

}  // namespace kvm_exits
