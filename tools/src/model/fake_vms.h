// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_HOST_FAKES_H_
#define KVM_EXITS_MODEL_HOST_FAKES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "model/host_snapshot.h"

// Hosts for tests to look at.
namespace kvm_exits {

// Exits for HLT that took 2000 cycles each, of 2 GHz, as many in the guest, and one vCPU's.
inline Snapshot MakeExits(uint64_t exits) {
  return {.vm = {.isa = Isa::kVmx,
                 .clock_khz = 2000000,
                 .taken = FakeClock().now,
                 .period = std::nullopt,
                 .exits = exits,
                 .time = VmTime{.in_exits = exits * 2000,
                                .of_state = {exits * 2000, exits * 500, 0, exits * 1500, 0, 0, 0}}},
          .reasons = {{.reason = {.number = 12, .name = "HLT"},
                       .exits = exits,
                       .cycles = exits * 2000,
                       .longest = 9000,
                       .of_state = {exits * 2000, exits * 500, 0, exits * 1500, 0, 0, 0}}}};
}

inline VmSnapshot MakeVm(pid_t pid, const std::string& name, uint64_t exits) {
  return {.identity = {.id = std::to_string(pid) + "-11", .pid = pid, .name = name, .vmm = "qemu"},
          .exits = MakeExits(exits),
          .vcpu_count = 2,
          .vcpus = {}};
}

// At a moment after FakeClock().now; its total is that of the VMs.
inline HostSnapshot MakeHost(std::vector<VmSnapshot> vms, std::chrono::seconds since = {}) {
  FakeClock clock;
  clock.Pass(since);
  HostSnapshot host{.taken = clock.now, .isa = Isa::kVmx, .vms = std::move(vms)};
  host.total = MakeExits(0);
  for (VmSnapshot& vm : host.vms) {
    vm.exits.vm.taken = host.taken;
    Add(vm.exits, *host.total);
  }
  host.total->vm.taken = host.taken;
  return host;
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_HOST_FAKES_H_
