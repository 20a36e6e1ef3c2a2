// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_EXIT_SLOT_H_
#define KVM_EXITS_MODEL_EXIT_SLOT_H_

#include <cstdint>
#include <optional>

#include "model/exit_reason.h"

namespace kvm_exits {

// KVM counts in numbered slots, which are the same on every kernel: the buckets
// of its binary statistic exit_reasons and the bits of the CPUID leaf 0x4FFFFFF3.
inline constexpr uint32_t kExitSlots = 217;

// Returns the exit reason that a slot counts, or nothing for one that is no
// reason's: that is the last one, for reasons that no manual defines.  Slots that
// no manual has use for yet are those of the reasons that they are reserved for.
std::optional<uint32_t> SlotReason(Isa isa, uint32_t slot);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_EXIT_SLOT_H_
