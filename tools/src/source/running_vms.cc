// SPDX-License-Identifier: GPL-2.0-only
#include "source/running_vms.h"

#include <map>

#include "source/vm_directory.h"

namespace kvm_exits {

std::vector<VmIdentity> RunningVms(const std::string& root, VmmNames& names) {
  std::map<pid_t, std::string> ids;
  for (const VmOnHost& vm : FindVms(root)) {
    if (vm.pid == 0) continue;
    const auto [entry, is_new] = ids.emplace(vm.pid, vm.id);
    if (!is_new) entry->second = std::to_string(vm.pid);
  }
  std::vector<VmIdentity> vms;
  for (const auto& [pid, id] : ids) vms.push_back(names.Identify(id, pid));
  return vms;
}

}  // namespace kvm_exits
