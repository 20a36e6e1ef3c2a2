// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_RUNNING_VMS_H_
#define KVM_EXITS_SOURCE_RUNNING_VMS_H_

#include <string>
#include <vector>

#include "model/host_snapshot.h"
#include "source/vmm_names.h"

namespace kvm_exits {

// Returns the VMs that run on the host below `root`, whoever counts their exits: one for
// each process, by the number of that where it has several.  They ascend by process.
std::vector<VmIdentity> RunningVms(const std::string& root, VmmNames& names);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_RUNNING_VMS_H_
