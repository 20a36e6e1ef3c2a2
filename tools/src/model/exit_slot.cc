// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_slot.h"

namespace kvm_exits {
namespace {

constexpr uint32_t kFirstSlotOf0x400 = 192;
constexpr uint32_t kFirstNegativeSlot = 208;
constexpr uint32_t kUnknownSlot = kExitSlots - 1;

}  // namespace

std::optional<uint32_t> SlotReason(Isa isa, uint32_t slot) {
  if (slot < kFirstSlotOf0x400) return slot;
  if (isa != Isa::kSvm || slot >= kUnknownSlot) return std::nullopt;
  if (slot < kFirstNegativeSlot) return 0x400 + (slot - kFirstSlotOf0x400);
  return slot - kUnknownSlot;  // -8 to -1, as 32 bits
}

}  // namespace kvm_exits
