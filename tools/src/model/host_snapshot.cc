// SPDX-License-Identifier: GPL-2.0-only
#include "model/host_snapshot.h"

#include <algorithm>
#include <unordered_map>

namespace kvm_exits {
namespace {

std::optional<CpuTimes> Difference(const std::optional<CpuTimes>& before,
                                   const std::optional<CpuTimes>& after) {
  if (!before || !after) return std::nullopt;
  // A vCPU that was unplugged takes its time along.
  const auto since = [](Seconds then, Seconds now) { return std::max(Seconds{}, now - then); };
  return CpuTimes{.guest = since(before->guest, after->guest),
                  .user = since(before->user, after->user),
                  .system = since(before->system, after->system),
                  .run_delay = since(before->run_delay, after->run_delay),
                  .lifetime = since(before->lifetime, after->lifetime)};
}

// Returns nothing where the counters of one vCPU fell.
std::optional<VmSnapshot> Difference(const VmSnapshot& before, const VmSnapshot& after) {
  const auto exits = Difference(before.exits, after.exits);
  if (!exits) return std::nullopt;
  VmSnapshot difference{.identity = after.identity,
                        .exits = *exits,
                        .vcpu_count = after.vcpu_count,
                        .vcpus = {},
                        .cpu = Difference(before.cpu, after.cpu)};
  auto earlier = before.vcpus.begin();
  for (const VcpuSnapshot& vcpu : after.vcpus) {
    while (earlier != before.vcpus.end() && earlier->vcpu < vcpu.vcpu) ++earlier;
    if (earlier == before.vcpus.end() || earlier->vcpu != vcpu.vcpu) {
      difference.vcpus.push_back(vcpu);
      difference.vcpus.back().exits.vm.period = exits->vm.period;
    } else if (auto since = Difference(earlier->exits, vcpu.exits)) {
      difference.vcpus.push_back({.vcpu = vcpu.vcpu, .exits = std::move(*since)});
    } else {
      return std::nullopt;
    }
  }
  return difference;
}

// What the VMs of `shown` do not explain of `all`: a lower bound for each reason, where
// `all` is of less time than they are.
Snapshot Rest(Snapshot all, const std::vector<VmSnapshot>& shown) {
  const auto less = [](uint64_t a, uint64_t b) { return a - std::min(a, b); };
  for (ReasonCount& count : all.reasons) {
    for (const VmSnapshot& vm : shown) {
      const ReasonCount* const found = FindReason(vm.exits.reasons, count.reason.number);
      if (found == nullptr) continue;
      count.exits = less(count.exits, found->exits);
      if (count.cycles) count.cycles = less(*count.cycles, found->cycles.value_or(0));
      for (size_t state = 0; state < kVcpuStates; ++state) {
        auto& cycles = count.of_state[state];
        if (cycles) cycles = less(*cycles, found->of_state[state].value_or(0));
      }
    }
  }
  for (const VmSnapshot& vm : shown) {
    if (!all.vm.time || !vm.exits.vm.time) continue;
    for (size_t state = 0; state < kVcpuStates; ++state) {
      auto& cycles = all.vm.time->of_state[state];
      if (cycles) cycles = less(*cycles, vm.exits.vm.time->of_state[state].value_or(0));
    }
  }
  std::erase_if(all.reasons, [](const ReasonCount& count) {
    return count.exits == 0 && count.cycles.value_or(0) == 0;
  });
  all.vm.exits = 0;
  if (all.vm.time) all.vm.time->in_exits = 0;
  for (ReasonCount& count : all.reasons) {
    all.vm.exits += count.exits;
    if (all.vm.time) all.vm.time->in_exits += count.cycles.value_or(0);
    count.longest.reset();
  }
  return all;
}

}  // namespace

void Add(const CpuTimes& more, CpuTimes& times) {
  times.guest += more.guest;
  times.user += more.user;
  times.system += more.system;
  times.run_delay += more.run_delay;
  times.lifetime += more.lifetime;
}

std::optional<CpuTimes> CpuOfAll(const std::vector<VmSnapshot>& vms) {
  std::optional<CpuTimes> all;
  for (const VmSnapshot& vm : vms) {
    if (!vm.cpu) return std::nullopt;
    if (!all) all.emplace();
    Add(*vm.cpu, *all);
  }
  return all;
}

HostDifference Difference(const HostSnapshot& before, const HostSnapshot& after) {
  HostDifference difference{.snapshot = {.taken = after.taken,
                                         .period = after.taken.steady - before.taken.steady,
                                         .isa = after.isa,
                                         .vms = {},
                                         .total = std::nullopt,
                                         .lost = after.lost - std::min(after.lost, before.lost)},
                            .ended = {},
                            .restarted = {}};
  HostSnapshot& snapshot = difference.snapshot;
  std::unordered_map<std::string, const VmSnapshot*> earlier;
  for (const VmSnapshot& vm : before.vms) earlier.emplace(vm.identity.id, &vm);
  for (const VmSnapshot& vm : after.vms) {
    const auto found = earlier.find(vm.identity.id);
    // The id of a process that has ended may be another's by now.
    if (found == earlier.end() || found->second->identity.pid != vm.identity.pid) {
      snapshot.vms.push_back(vm);
      snapshot.vms.back().exits.vm.period = snapshot.period;
      for (VcpuSnapshot& vcpu : snapshot.vms.back().vcpus) vcpu.exits.vm.period = snapshot.period;
      continue;
    }
    if (auto since = Difference(*found->second, vm)) {
      snapshot.vms.push_back(std::move(*since));
    } else {
      difference.restarted.push_back(vm.identity);
    }
    earlier.erase(found);
  }
  for (const VmSnapshot& vm : before.vms) {
    if (earlier.contains(vm.identity.id)) difference.ended.push_back(vm.identity);
  }
  if (before.total && after.total) snapshot.total = Difference(*before.total, *after.total);
  // From after the VMs of the first reading to before those of the second: what VMs that
  // live did then is in their counts.
  std::optional<Snapshot> all = snapshot.total;
  if (before.total && after.total_before) all = Difference(*before.total, *after.total_before);
  if (!all) return difference;
  Snapshot rest = Rest(*std::move(all), snapshot.vms);
  // Some are of VMs that were left out, nobody knows how many.
  const bool is_known = difference.restarted.empty() && rest.vm.exits > 0;
  if (!difference.ended.empty() || is_known) difference.ended_exits = std::move(rest);
  return difference;
}

std::optional<Snapshot> AllExits(const HostDifference& difference) {
  std::optional<Snapshot> all = difference.ended_exits;
  for (const VmSnapshot& vm : difference.snapshot.vms) {
    if (all) {
      Add(vm.exits, *all);
    } else {
      all = vm.exits;
    }
  }
  if (all) all->vm.period = difference.snapshot.period;
  return all;
}

}  // namespace kvm_exits
