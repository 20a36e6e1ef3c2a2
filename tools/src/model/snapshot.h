// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_SNAPSHOT_H_
#define KVM_EXITS_MODEL_SNAPSHOT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/exit_reason.h"

namespace kvm_exits {

using Seconds = std::chrono::duration<double>;

// What a snapshot says of the VM as a whole.
struct VmSummary {
  Isa isa;
  uint32_t host_tsc_khz;
  Instant taken;
  std::optional<Seconds> period;  // that the exits are of; none: since the VM was created
  uint64_t exits;                 // all of the VM, whatever their reason
  uint64_t reading_exits;         // CPUID instructions that one reading takes, each an exit
};

struct ReasonCount {
  ExitReason reason;
  uint64_t exits;

  bool operator==(const ReasonCount&) const = default;
};

// The exits of one VM up to one moment, or between two.
//
// The counts go on while they are read.  The total is read after the reasons,
// so their sum is never above it; what it is below are exits taken during the
// reading and exits for reasons that were not read.
struct Snapshot {
  VmSummary vm;
  std::vector<ReasonCount> reasons;  // ascending by number
};

// Returns the exits from `before` to `after`, or nothing where they are not
// two moments of the same counts: when one fell, or the reasons differ, the VM
// was moved to another host or restored, where KVM counts from zero.
std::optional<Snapshot> Difference(const Snapshot& before, const Snapshot& after);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_SNAPSHOT_H_
