// SPDX-License-Identifier: GPL-2.0-only
#include "view/report.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace kvm_exits {
namespace {

// Stable, so that equal rows stay in the snapshot's order, which is by number.
void Sort(std::vector<ReportRow>& rows, SortKey key) {
  switch (key) {
    case SortKey::kExits:
      std::ranges::stable_sort(rows, std::ranges::greater{},
                               [](const ReportRow& row) { return row.count.exits; });
      break;
    case SortKey::kTime:
      // Or by exits, where there are no times.
      std::ranges::stable_sort(rows, std::ranges::greater{}, [](const ReportRow& row) {
        return std::pair(row.count.cycles.value_or(0), row.count.exits);
      });
      break;
    case SortKey::kReason:
      std::ranges::stable_sort(rows, {},
                               [](const ReportRow& row) { return row.count.reason.number; });
      break;
    case SortKey::kName:
      std::ranges::stable_sort(rows, {},
                               [](const ReportRow& row) { return row.count.reason.name; });
      break;
  }
}

ReportRow MakeRow(const ReasonCount& count, const VmSummary& vm) {
  ReportRow row{.count = count,
                .share_percent = SharePercent(count.exits, vm.exits),
                .exits_per_second = ExitsPerSecond(count.exits, vm.period),
                .microseconds = Microseconds(count.cycles, vm.clock_khz),
                .mean_microseconds = std::nullopt,
                .time_share_percent = std::nullopt};
  const uint64_t timed = count.exits + count.taken_off - std::min(count.exits, count.untimed);
  // Since the VM was created there may be exits that nobody timed.
  if (row.microseconds && vm.period && timed > 0) {
    row.mean_microseconds = *row.microseconds / static_cast<double>(timed);
  }
  if (vm.time && count.cycles) {
    row.time_share_percent = SharePercent(*count.cycles, vm.time->in_exits);
  }
  if (count.durations) {
    row.p50_microseconds = ToMicroseconds(Quantile(*count.durations, 0.5), vm.clock_khz);
    row.p99_microseconds = ToMicroseconds(Quantile(*count.durations, 0.99), vm.clock_khz);
  }
  row.longest_microseconds = Microseconds(count.longest, vm.clock_khz);
  return row;
}

bool IsShown(const ReasonCount& count, const ReportOptions& options) {
  if (options.only) return count.reason.number == *options.only;
  // The time of a long exit comes with its end, which may be after its interval.
  if (count.exits == 0 && count.cycles.value_or(0) == 0 && !options.with_zeros) return false;
  return !options.filter || options.filter->Search(count.reason.name);
}

}  // namespace

std::vector<const ReportRow*> MostCostly(const Report& report, size_t max) {
  std::vector<const ReportRow*> rows;
  for (const ReportRow& row : report.rows) rows.push_back(&row);
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [&](const ReportRow* row) { return CostOf(row->count, report.vm); });
  if (rows.size() > max) rows.resize(max);
  return rows;
}

std::optional<double> SharePercent(uint64_t part, uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole) * 100;
}

std::optional<double> ExitsPerSecond(uint64_t exits, std::optional<Seconds> period) {
  if (!period || period->count() <= 0) return std::nullopt;
  return static_cast<double>(exits) / period->count();
}

std::optional<double> ToMicroseconds(std::optional<double> cycles, uint32_t khz) {
  if (!cycles || khz == 0) return std::nullopt;
  return *cycles * 1000 / khz;
}

std::optional<double> Microseconds(std::optional<uint64_t> cycles, uint32_t khz) {
  if (!cycles) return std::nullopt;
  return ToMicroseconds(static_cast<double>(*cycles), khz);
}

Report BuildReport(const Snapshot& snapshot, const ReportOptions& options) {
  Report report{.vm = snapshot.vm, .rows = {}, .shown_exits = 0};
  for (const ReasonCount& count : snapshot.reasons) {
    if (!IsShown(count, options)) continue;
    report.rows.push_back(MakeRow(count, snapshot.vm));
  }
  Sort(report.rows, options.sort);
  if (options.limit && *options.limit < report.rows.size()) report.rows.resize(*options.limit);
  for (const ReportRow& row : report.rows) report.shown_exits += row.count.exits;
  return report;
}

}  // namespace kvm_exits
