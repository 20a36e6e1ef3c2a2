// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_VM_DIRECTORY_H_
#define KVM_EXITS_SOURCE_VM_DIRECTORY_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kvm_exits {

// A VM that the kernel knows of, whether or not anybody counts its exits.
struct VmOnHost {
  std::string id;  // "<pid>-<fd>", as KVM's debugfs calls it
  pid_t pid;       // of the process that has it; 0 where that cannot be found
  std::optional<std::chrono::system_clock::time_point> created;  // none: nobody knows
};

// Returns the VMs of the host whose /proc and /sys are below `root`, ascending by the
// numbers of their ids.
//
// They are the directories of KVM's debugfs, or where that cannot be read what the
// processes have open.  A process that has a VM open twice counts twice then, and one
// that closed it, for its vCPUs keep it alive, not at all.
std::vector<VmOnHost> FindVms(const std::string& root);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_VM_DIRECTORY_H_
