// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_VMM_NAMES_H_
#define KVM_EXITS_SOURCE_VMM_NAMES_H_

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "model/host_snapshot.h"
#include "source/vcpu_threads.h"

namespace kvm_exits {

// Of all vCPUs of a process.
struct VcpuTimes {
  size_t vcpus = 0;  // threads
  std::optional<CpuTimes> cpu = std::nullopt;
};

// What /proc below `root` knows of VMs' processes, again and again: names are read once,
// files of vCPUs' threads stay open.
class VmmNames {
 public:
  explicit VmmNames(const std::string& root) : root_(root) {}

  // The VM `id` of a process, with the names where there are any.
  VmIdentity Identify(const std::string& id, pid_t pid);

  VcpuTimes ReadVcpuTimes(pid_t pid);

  // Forgets the processes that neither of the above was called for since the last call.
  void ForgetOthers();

 private:
  struct Process {
    VmIdentity identity;
    VcpuThreadReader threads;
    bool is_used = true;
  };

  Process& Find(pid_t pid);

  std::string root_;
  std::unordered_map<pid_t, Process> processes_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_VMM_NAMES_H_
