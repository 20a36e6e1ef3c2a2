// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_VMM_PROCESS_H_
#define KVM_EXITS_SOURCE_VMM_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace kvm_exits {

// A process that has VMs, as /proc knows it.
//
// Its own command line says what its VM is called, then libvirt's name for its cgroup, and
// if neither does, the program's name stands in.  All of it is whatever bytes somebody
// chose: see Printable().
struct VmmProcess {
  pid_t pid;
  std::string name;  // as the VMM was told
  std::string vmm;   // "qemu", "firecracker", "cloud-hypervisor", "crosvm", "kvmtool", or comm
  std::string uuid;  // that the VMM was given; empty: none
};

// Returns nothing where the process is gone.
std::optional<VmmProcess> ReadVmmProcess(const std::string& root, pid_t pid);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_VMM_PROCESS_H_
