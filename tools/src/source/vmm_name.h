// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_VMM_NAME_H_
#define KVM_EXITS_SOURCE_VMM_NAME_H_

#include <string>
#include <string_view>

namespace kvm_exits {

struct VmmName {
  std::string vmm;   // as in VmmProcess; empty: none of those that are known
  std::string name;  // of its VM; empty: it was given none
  std::string uuid;  // of its VM, in lower case; empty: it was given none
};

// Returns which VMM a process is, and what it was told that its VM is called, from the
// arguments it was started with, each with a NUL at its end, and `comm`, the name of its
// program.
//
// QEMU: -name, -uuid; Firecracker: --id, or the socket of its API; cloud-hypervisor: the socket of
// its API; crosvm: --name, or the socket that it is controlled by; kvmtool: --name.
VmmName NameOfVmm(std::string_view cmdline, std::string_view comm);

// Returns the name that libvirt gave the scope of systemd's in which its VM is, from
// /proc/<pid>/cgroup; empty where there is none.  It lacks what a host's name may not have.
std::string NameInCgroup(std::string_view cgroup);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_VMM_NAME_H_
