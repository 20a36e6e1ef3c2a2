// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_HOST_SNAPSHOT_H_
#define KVM_EXITS_MODEL_HOST_SNAPSHOT_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/snapshot.h"

namespace kvm_exits {

// Which VM: what stays the same as long as it lives.
struct VmIdentity {
  std::string id;    // "<pid>-<fd>", as in KVM's debugfs; "<pid>" where no more is known
  pid_t pid = 0;     // of the process, its VMM
  std::string name;  // what the VMM calls it; may be empty, and is foreign text
  std::string vmm;   // "qemu", "firecracker", ...: foreign text too
  // That the VMM was given, in lower case; may be empty.
  std::string uuid = {};

  bool operator==(const VmIdentity&) const = default;
};

// What the scheduler knows of the threads of a VM's vCPUs since they began: free, and
// only as good as the kernel's tick.
struct CpuTimes {
  Seconds guest{};      // in the guest
  Seconds user{};       // in the VMM
  Seconds system{};     // in the kernel
  Seconds run_delay{};  // ready to run, without a CPU
  Seconds lifetime{};   // all of it, asleep or not

  bool operator==(const CpuTimes&) const = default;
};

void Add(const CpuTimes& more, CpuTimes& times);

struct VcpuSnapshot {
  uint32_t vcpu;  // its number, which is the VMM's to choose
  Snapshot exits;
};

struct VmSnapshot {
  VmIdentity identity;
  Snapshot exits;  // of all its vCPUs
  size_t vcpu_count = 0;
  std::vector<VcpuSnapshot> vcpus;             // ascending, if they were asked for
  std::optional<CpuTimes> cpu = std::nullopt;  // of all its vCPUs
};

// The exits of all VMs of a host up to one moment, or between two.
struct HostSnapshot {
  Instant taken;
  std::optional<Seconds> period = std::nullopt;
  std::optional<Isa> isa = std::nullopt;  // none: as long as there was no exit at all
  std::vector<VmSnapshot> vms;
  // Of all VMs and those that have ended; none where the source forgets those.
  std::optional<Snapshot> total = std::nullopt;
  // The same before the VMs were read, and not after them; none where that is one moment.
  std::optional<Snapshot> total_before = std::nullopt;
  uint64_t lost = 0;  // exits that the source had no room for
};

// What happened between two readings of a host.
struct HostDifference {
  HostSnapshot snapshot;
  // VMs that have ended meanwhile.  What they and those that came and went did since the
  // first reading is in `ended_exits` where the source keeps it.
  std::vector<VmIdentity> ended;
  std::optional<Snapshot> ended_exits = std::nullopt;
  std::vector<VmIdentity> restarted;  // whose counters went backwards: left out
};

// A VM that is new in `after` began in between, so all that it has is of the period.
HostDifference Difference(const HostSnapshot& before, const HostSnapshot& after);

// The times of all VMs; nothing where one of them has none, or there is no VM.
std::optional<CpuTimes> CpuOfAll(const std::vector<VmSnapshot>& vms);

// The exits of all VMs of `difference`, the ended ones included where they are known.
// Nothing where there is no VM.
std::optional<Snapshot> AllExits(const HostDifference& difference);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_HOST_SNAPSHOT_H_
