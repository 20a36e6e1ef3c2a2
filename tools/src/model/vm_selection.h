// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_VM_SELECTION_H_
#define KVM_EXITS_MODEL_VM_SELECTION_H_

#include <optional>
#include <string>
#include <vector>

#include "model/host_snapshot.h"

namespace kvm_exits {

// Which VM a user means.
struct WantedVm {
  std::string any = {};  // its id, the number of its process, or its name
  std::optional<pid_t> pid = std::nullopt;
  std::string name = {};  // its name and nothing else

  bool IsAll() const { return any.empty() && !pid && name.empty(); }
};

// Returns the one VM that is meant.  Throws Error, which names the candidates, where
// there is none or more than one; `advice` is for the former.
VmIdentity SelectVm(const std::vector<VmIdentity>& vms, const WantedVm& wanted,
                    const std::string& advice = "'kvm-exits list' shows those that run");

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_VM_SELECTION_H_
