// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_GUEST_READER_H_
#define KVM_EXITS_SOURCE_GUEST_READER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/snapshot.h"
#include "source/cpuid_source.h"

namespace kvm_exits {

// An exit reason that a user asks for.  Which one a name stands for depends on
// the host.
struct WantedReason {
  std::string text;                // as it was typed
  std::optional<uint32_t> number;  // none: `text` is a name
};

// Reads what the guest's KVM has counted for it: the reason `only_reason`, or
// every reason in the table that KVM defines as well.
//
// Throws Error where there is nothing to read: on bare metal, under a
// hypervisor without the counts or with an extension this version has no table
// of, and for an `only_reason` that is no exit reason.
Snapshot ReadGuestSnapshot(CpuidSource& cpuid, Clock& clock,
                           const std::optional<WantedReason>& only_reason);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_GUEST_READER_H_
