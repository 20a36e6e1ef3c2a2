// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TOP_FIXTURE_H_
#define KVM_EXITS_VIEW_TOP_FIXTURE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/fakes.h"
#include "view/host_report.h"
#include "view/top_screen.h"

// Hosts for `top` to show.
namespace kvm_exits {

// A second of a vCPU of `exits` for two reasons each, or of several vCPUs.
inline Snapshot MakeTopExits(uint64_t exits) {
  Snapshot snapshot{
      .vm = {.isa = Isa::kVmx,
             .clock_khz = 2000000,
             .taken = FakeClock().now,
             .period = Seconds(1),
             .exits = 2 * exits,
             .time = VmTime{.in_exits = 3 * exits,
                            .of_state = {4 * exits, exits, 0, 2 * exits, exits, 0, 0}}},
      .reasons = {{.reason = {.number = 10, .name = "CPUID"},
                   .exits = exits,
                   .cycles = exits,
                   .longest = exits},
                  {.reason = {.number = 12, .name = "HLT"},
                   .exits = exits,
                   .cycles = 2 * exits,
                   .longest = exits,
                   .durations = Durations{{.from = 0, .below = 64, .exits = exits},
                                          {.from = 64, .below = 0, .exits = exits}}}}};
  for (ReasonCount& count : snapshot.reasons) count.of_state.fill(exits);
  return snapshot;
}

// VMs of two vCPUs, by name and what a vCPU has had; their processes are 1000 and up.
inline HostReport MakeTopReport(const std::vector<std::pair<std::string, uint64_t>>& vms) {
  HostDifference host{
      .snapshot = {.taken = FakeClock().now, .period = Seconds(1), .isa = Isa::kVmx, .vms = {}},
      .ended = {},
      .restarted = {}};
  for (const auto& [name, exits] : vms) {
    const pid_t pid = 1000 + static_cast<pid_t>(host.snapshot.vms.size());
    host.snapshot.vms.push_back(
        {.identity = {.id = std::to_string(pid) + "-11", .pid = pid, .name = name, .vmm = "qemu"},
         .exits = MakeTopExits(2 * exits),
         .vcpu_count = 2,
         .vcpus = {{.vcpu = 0, .exits = MakeTopExits(exits)},
                   {.vcpu = 1, .exits = MakeTopExits(exits)}}});
  }
  return BuildHostReport(host, {.name = "module", .limits = ""}, {});
}

inline TopData MakeTopData(const std::vector<std::pair<std::string, uint64_t>>& vms) {
  return {
      .rates = MakeTopReport(vms), .totals = MakeTopReport(vms), .accesses = {}, .explanation = {}};
}

// `state` after the VM, and the vCPU 0, and the reason HLT of it were entered.
inline void EnterTop(TopLevel level, const HostReport& report, TopState& state) {
  state.level = level;
  state.vm.reset();
  state.vcpu.reset();
  state.reason.reset();
  if (level != TopLevel::kHost && !report.vms.empty()) state.vm = report.vms.front().identity;
  if (level == TopLevel::kVcpu || level == TopLevel::kReason) state.vcpu = 0;
  if (level == TopLevel::kReason) state.reason = {.number = 12, .name = "HLT"};
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TOP_FIXTURE_H_
