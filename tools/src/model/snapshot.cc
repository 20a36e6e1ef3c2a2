// SPDX-License-Identifier: GPL-2.0-only
#include "model/snapshot.h"

#include <cstddef>

namespace kvm_exits {

std::optional<Snapshot> Difference(const Snapshot& before, const Snapshot& after) {
  if (before.vm.isa != after.vm.isa || before.vm.exits > after.vm.exits ||
      before.reasons.size() != after.reasons.size()) {
    return std::nullopt;
  }
  Snapshot difference = after;
  difference.vm.period = after.vm.taken.steady - before.vm.taken.steady;
  difference.vm.exits -= before.vm.exits;
  for (size_t i = 0; i < difference.reasons.size(); ++i) {
    const ReasonCount& earlier = before.reasons[i];
    ReasonCount& count = difference.reasons[i];
    if (earlier.reason.number != count.reason.number || earlier.exits > count.exits) {
      return std::nullopt;
    }
    count.exits -= earlier.exits;
  }
  return difference;
}

}  // namespace kvm_exits
