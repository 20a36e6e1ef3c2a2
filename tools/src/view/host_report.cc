// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_report.h"

#include <algorithm>
#include <numeric>

#include "base/printable.h"

namespace kvm_exits {
namespace {

// The ledger's "waiting" and "stopped" are in no column of their own: they are rare,
// and what they are is in the table of states.
TimeShares SharesOfLedger(const VmTime& time) {
  TimeShares shares;
  const uint64_t all = AllTime(time);
  constexpr std::array kStates = {VcpuState::kGuest, VcpuState::kKernel, VcpuState::kVmm,
                                  VcpuState::kHalted, VcpuState::kPreempted};
  for (size_t i = 0; i < kTimeShares; ++i) {
    const auto cycles = time.of_state[static_cast<size_t>(kStates[i])];
    if (cycles) shares.percent[i] = SharePercent(*cycles, all);
  }
  return shares;
}

TimeShares SharesOfThreads(const CpuTimes& cpu) {
  TimeShares shares{.percent = {}, .is_sampled = true};
  const Seconds busy = cpu.guest + cpu.user + cpu.system + cpu.run_delay;
  const Seconds all = std::max(busy, cpu.lifetime);
  if (all <= Seconds{}) return shares;
  const std::array parts = {cpu.guest, cpu.system, cpu.user, all - busy, cpu.run_delay};
  for (size_t i = 0; i < kTimeShares; ++i) shares.percent[i] = parts[i] / all * 100;
  return shares;
}

bool HasAllStates(const std::optional<VmTime>& time) {
  return time &&
         std::ranges::all_of(time->of_state, [](const auto& cycles) { return cycles.has_value(); });
}

// With the reasons that never occurred, which sources leave out.
Snapshot WithZeros(Snapshot exits) {
  for (const ExitReason& reason : FindReasonTable(exits.vm.isa)->reasons) {
    const auto at =
        std::ranges::lower_bound(exits.reasons, reason.number, {},
                                 [](const ReasonCount& count) { return count.reason.number; });
    if (at == exits.reasons.end() || at->reason.number != reason.number) {
      exits.reasons.insert(at, {.reason = reason, .exits = 0});
    }
  }
  return exits;
}

HostRow MakeRow(const VmIdentity& identity, const Snapshot& exits,
                const std::optional<CpuTimes>& cpu, const ReportOptions& options) {
  HostRow row{.identity = identity,
              .vcpu = std::nullopt,
              .shares = SharesOf(exits, cpu),
              .top = std::nullopt,
              .report = options.with_zeros || options.only ? BuildReport(WithZeros(exits), options)
                                                           : BuildReport(exits, options)};
  const Report all = BuildReport(exits, {});
  const auto top = std::ranges::max_element(
      all.rows, {}, [&](const ReportRow& reason) { return CostOf(reason.count, exits.vm); });
  if (top != all.rows.end()) row.top = *top;
  return row;
}

// Time that exits cost, or the exits where no time is told.
uint64_t Cost(const HostRow& row) {
  return row.report.vm.time ? CostCycles(*row.report.vm.time) : row.report.vm.exits;
}

void Sort(std::vector<HostRow>& rows, VmSortKey key) {
  switch (key) {
    case VmSortKey::kExits:
      std::ranges::stable_sort(rows, std::ranges::greater{},
                               [](const HostRow& row) { return row.report.vm.exits; });
      break;
    case VmSortKey::kTime:
      std::ranges::stable_sort(rows, std::ranges::greater{}, Cost);
      break;
    case VmSortKey::kName:
      std::ranges::stable_sort(rows, {},
                               [](const HostRow& row) { return DisplayName(row.identity); });
      break;
    case VmSortKey::kPid:
      std::ranges::stable_sort(rows, {}, [](const HostRow& row) { return row.identity.pid; });
      break;
  }
}

}  // namespace

TimeShares SharesOf(const Snapshot& exits, const std::optional<CpuTimes>& cpu) {
  if (HasAllStates(exits.vm.time)) return SharesOfLedger(*exits.vm.time);
  if (cpu) return SharesOfThreads(*cpu);
  if (exits.vm.time) return SharesOfLedger(*exits.vm.time);
  return {};
}

std::string DisplayName(const VmIdentity& identity) {
  return Printable(identity.name.empty() ? identity.id : identity.name);
}

HostRow BuildHostRow(const VmSnapshot& vm, const ReportOptions& options) {
  HostRow row = MakeRow(vm.identity, vm.exits, vm.cpu, options);
  row.vcpu_count = vm.vcpu_count;
  return row;
}

HostReport BuildHostReport(const HostDifference& difference, const SourceNote& source,
                           const HostReportOptions& options) {
  const HostSnapshot& snapshot = difference.snapshot;
  HostReport report{.source = source,
                    .taken = snapshot.taken,
                    .period = snapshot.period,
                    .isa = snapshot.isa,
                    .vm_count = snapshot.vms.size(),
                    .vms = {},
                    .vcpus = {},
                    .all = std::nullopt,
                    .ended = difference.ended,
                    .ended_exits = difference.ended_exits ? difference.ended_exits->vm.exits : 0,
                    .restarted = difference.restarted,
                    .lost = snapshot.lost};
  for (const VmSnapshot& vm : snapshot.vms) {
    if (options.vm_filter && !options.vm_filter->Search(DisplayName(vm.identity))) continue;
    report.vms.push_back(BuildHostRow(vm, options.reasons));
    for (const VcpuSnapshot& vcpu : vm.vcpus) {
      report.vcpus.push_back(MakeRow(vm.identity, vcpu.exits, std::nullopt, options.reasons));
      report.vcpus.back().vcpu = vcpu.vcpu;
      report.vcpus.back().vcpu_count = 1;
    }
  }
  if (const auto all = AllExits(difference)) {
    report.all = MakeRow({}, *all, CpuOfAll(snapshot.vms), options.reasons);
    for (const VmSnapshot& vm : snapshot.vms) report.all->vcpu_count += vm.vcpu_count;
  }
  Sort(report.vms, options.sort);
  if (options.vm_limit && *options.vm_limit < report.vms.size()) {
    report.vms.resize(*options.vm_limit);
  }
  return report;
}

}  // namespace kvm_exits
