// SPDX-License-Identifier: GPL-2.0-only
#include "view/report.h"

#include <algorithm>
#include <functional>

namespace kvm_exits {
namespace {

// Stable, so that equal rows stay in the snapshot's order, which is by number.
void Sort(std::vector<ReportRow>& rows, SortKey key) {
  switch (key) {
    case SortKey::kExits:
      std::ranges::stable_sort(rows, std::ranges::greater{},
                               [](const ReportRow& row) { return row.count.exits; });
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

bool IsShown(const ReasonCount& count, const ReportOptions& options) {
  if (options.only) return count.reason.number == *options.only;
  if (count.exits == 0 && !options.with_zeros) return false;
  return !options.filter || options.filter->Search(count.reason.name);
}

}  // namespace

std::optional<double> SharePercent(uint64_t part, uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole) * 100;
}

std::optional<double> ExitsPerSecond(uint64_t exits, std::optional<Seconds> period) {
  if (!period || period->count() <= 0) return std::nullopt;
  return static_cast<double>(exits) / period->count();
}

Report BuildReport(const Snapshot& snapshot, const ReportOptions& options) {
  Report report{.vm = snapshot.vm, .rows = {}, .shown_exits = 0};
  for (const ReasonCount& count : snapshot.reasons) {
    if (!IsShown(count, options)) continue;
    report.rows.push_back({.count = count,
                           .share_percent = SharePercent(count.exits, snapshot.vm.exits),
                           .exits_per_second = ExitsPerSecond(count.exits, snapshot.vm.period)});
  }
  Sort(report.rows, options.sort);
  if (options.limit && *options.limit < report.rows.size()) report.rows.resize(*options.limit);
  for (const ReportRow& row : report.rows) report.shown_exits += row.count.exits;
  return report;
}

}  // namespace kvm_exits
