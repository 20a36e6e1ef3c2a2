// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_INTERVALS_H_
#define KVM_EXITS_MODEL_INTERVALS_H_

#include <deque>
#include <optional>

#include "model/host_snapshot.h"
#include "model/vm_selection.h"

namespace kvm_exits {

// What happened from one reading of a host to the next, of all VMs or of those that are meant: the
// ones of the id `wanted.any`, or else of that name, or else of that process.
//
// A VM that was in no reading for a while goes on: where it was, or where the host has totals, in
// which what it did meanwhile is that of no VM, where it is now.  One that is called so late began
// when it began.
class Intervals {
 public:
  Intervals(HostSnapshot first, WantedVm wanted);

  // Returns nothing where a VM was meant, and none is there.
  std::optional<HostDifference> Next(HostSnapshot now);

  // Whether one that is meant has ever been there.
  bool HasMeant() const { return has_meant_; }
  const HostSnapshot& Last() const { return last_; }

 private:
  // Adds to the last reading what VMs had that were absent in it.
  void AddAbsent(const HostSnapshot& now);

  HostSnapshot last_;
  WantedVm wanted_;
  bool has_meant_;
  std::deque<VmSnapshot> absent_;  // that were there once, and are not now
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_INTERVALS_H_
