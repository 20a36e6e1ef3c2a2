// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "model/explanation.h"
#include "view/grid.h"
#include "view/history_report.h"
#include "view/host_grids.h"
#include "view/host_text.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

// Lines of the course
constexpr size_t kMaxLines = 24;
constexpr size_t kMaxExplained = 8;

// "01-31 23:59:59"
std::string TimeOfDay(std::chrono::system_clock::time_point time) {
  constexpr size_t kYear = 5;     // "2026-"
  constexpr size_t kLength = 14;  // without milliseconds
  std::string text = FormatTime(time).substr(kYear, kLength);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

Grid MakeCourseGrid(const HistoryReport& report) {
  Grid grid{.columns = {{.title = "FROM (UTC)", .width = 14, .is_text = true},
                        {.title = "LENGTH", .width = 6},
                        {.title = "EXIT/s", .width = 6},
                        {.title = "BUSY/s", .width = 6},
                        {.title = "GST", .width = 3},
                        {.title = "KRN", .width = 3},
                        {.title = "VMM", .width = 3},
                        {.title = "HLT", .width = 3},
                        {.title = "PRE", .width = 3},
                        {.title = "TOP REASON", .width = 18, .is_text = true}},
            .rows = {}};
  for (const HistoryPoint& point : Join(report.history.Points(), kMaxLines)) {
    constexpr double kMicro = 1e6;
    const auto begin = std::chrono::duration_cast<std::chrono::system_clock::duration>(point.begin);
    std::vector<std::string> cells = {TimeOfDay(report.begin.wall + begin),
                                      ShortTime(point.length.count() * kMicro)};
    if (!point.exits) {
      cells.resize(grid.columns.size(), "-");
      cells[2] = "0";
      grid.rows.push_back(std::move(cells));
      continue;
    }
    const HostRow row =
        BuildHostRow({.identity = {}, .exits = *point.exits, .vcpus = {}, .cpu = point.cpu}, {});
    const VmSummary& vm = row.report.vm;
    cells.push_back(ShortCount(ExitsPerSecond(vm.exits, point.length)));
    std::optional<double> busy;
    if (vm.time && vm.clock_khz > 0 && point.timed > Seconds{}) {
      busy = SecondsOf(CostCycles(*vm.time), vm.clock_khz) / point.timed.count();
    }
    cells.push_back(ShortTime(busy ? std::optional(*busy * kMicro) : std::nullopt));
    for (const auto& percent : row.shares.percent) cells.push_back(WholePercent(percent));
    cells.push_back(row.top ? std::string(row.top->count.reason.name) : "-");
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

// What the reasons that cost most are, a line each.
std::string Titles(const HostRow& all, Isa isa) {
  std::string text;
  for (const ReportRow* const row : MostCostly(all.report, kMaxExplained)) {
    const Explanation* const explanation = FindExplanation(isa, row->count.reason.number);
    if (explanation == nullptr) continue;
    text += fmt::format("{:<20} {}\n", row->count.reason.name, explanation->title);
  }
  return text;
}

std::string Notes(const HistoryReport& report) {
  std::string text;
  if (!report.gaps.empty()) {
    Seconds all{};
    for (const auto& gap : report.gaps) all += gap.length;
    text += fmt::format("No sample was taken in {} gap{}, of {} in all\n", report.gaps.size(),
                        report.gaps.size() == 1 ? "" : "s", ShortTime(all.count() * 1e6));
  }
  if (IsClockSet(report)) {
    text += fmt::format(
        "The host's clock was set by {:+.0f} s meanwhile, or it slept: times are counted on\n",
        report.clock_set.count());
  }
  return text;
}

}  // namespace

bool IsClockSet(const HistoryReport& report) {
  constexpr Seconds kDrift{2};
  return std::chrono::abs(report.clock_set) > kDrift;
}

std::string FormatHistory(const HistoryReport& report, size_t columns) {
  HostReportOptions options;
  options.sort = VmSortKey::kTime;
  options.vm_limit = kTextVms;
  HostDifference all = report.history.Whole();
  all.snapshot.taken = report.end;
  const HostReport whole = BuildHostReport(all, report.source, options);
  std::string text = HostHeading(whole) + "\n";
  if (!report.host.empty()) text += "Host " + Printable(report.host);
  if (!report.host.empty() && !report.kernel.empty()) text += ", Linux " + Printable(report.kernel);
  if (!report.host.empty()) text += "\n";
  if (!whole.all) return text + "No VM ran.\n" + HostNotes(whole);
  text += "\n" + FormatGrid(MakeCourseGrid(report));
  text += "BUSY/s: time in exits in each second, without halted\n";
  text += "\n" + HostTables(whole, HostTable::kReasons, columns);
  if (whole.isa) text += "\n" + Titles(*whole.all, *whole.isa);
  return text + "'kvm-exits explain REASON' says more.\n" + HostNotes(whole) + Notes(report);
}

}  // namespace kvm_exits
