// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_grids.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/printable.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

constexpr size_t kMaxNameColumns = 40;

// Names get what they need of what a wider terminal has more.
size_t NameColumns(const std::vector<HostRow>& rows, size_t least, size_t columns) {
  const size_t most =
      std::min(kMaxNameColumns, least + std::max(columns, kMinColumns) - kMinColumns);
  size_t needed = least;
  for (const HostRow& row : rows) {
    needed = std::max(needed, DisplayWidth(DisplayName(row.identity)));
  }
  return std::min(needed, most);
}

GridColumn VmColumn(const std::vector<HostRow>& rows, size_t columns) {
  return {.title = "VM", .width = NameColumns(rows, 14, columns), .is_text = true, .is_name = true};
}

void AddShareColumns(Grid& grid) {
  for (const char* const title : {"GST", "KRN", "VMM", "HLT", "PRE"}) {
    grid.columns.push_back({.title = title, .width = 3});
  }
}

void AddShares(const TimeShares& shares, std::vector<std::string>& cells) {
  for (const std::optional<double>& percent : shares.percent) {
    cells.push_back(WholePercent(percent));
  }
}

std::string Exits(uint64_t exits) {
  constexpr uint64_t kMaxWhole = 9999999999;  // ten columns
  return exits <= kMaxWhole ? fmt::to_string(exits) : ShortCount(static_cast<double>(exits));
}

std::string Top(const HostRow& row) {
  return row.top ? std::string(row.top->count.reason.name) : "-";
}

}  // namespace

Grid MakeVmGrid(const std::vector<HostRow>& vms, size_t columns) {
  Grid grid{.columns = {VmColumn(vms, columns),
                        {.title = "PID", .width = 7},
                        {.title = "vCPU", .width = 4},
                        {.title = "EXITS", .width = 6}},
            .rows = {}};
  // Since they were created is no period that a rate could be of.
  const bool has_rates =
      std::ranges::any_of(vms, [](const HostRow& vm) { return vm.report.vm.period.has_value(); });
  if (has_rates) grid.columns.push_back({.title = "/s", .width = 6});
  AddShareColumns(grid);
  grid.columns.push_back({.title = "TOP REASON", .width = 18, .is_text = true});
  for (const HostRow& vm : vms) {
    const VmSummary& exits = vm.report.vm;
    std::vector<std::string> cells = {DisplayName(vm.identity), fmt::to_string(vm.identity.pid),
                                      fmt::to_string(vm.vcpu_count),
                                      ShortCount(static_cast<double>(exits.exits))};
    if (has_rates) cells.push_back(ShortCount(ExitsPerSecond(exits.exits, exits.period)));
    AddShares(vm.shares, cells);
    cells.push_back(Top(vm));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

Grid MakeVcpuGrid(const std::vector<HostRow>& vcpus, size_t columns) {
  Grid grid{.columns = {VmColumn(vcpus, columns),
                        {.title = "vCPU", .width = 5},
                        {.title = "EXITS", .width = 10},
                        {.title = "/s", .width = 6}},
            .rows = {}};
  AddShareColumns(grid);
  grid.columns.push_back({.title = "TOP REASON", .width = 18, .is_text = true});
  for (const HostRow& vcpu : vcpus) {
    const VmSummary& exits = vcpu.report.vm;
    std::vector<std::string> cells = {DisplayName(vcpu.identity),
                                      fmt::to_string(vcpu.vcpu.value_or(0)), Exits(exits.exits),
                                      ShortCount(ExitsPerSecond(exits.exits, exits.period))};
    AddShares(vcpu.shares, cells);
    cells.push_back(Top(vcpu));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

Grid MakeReasonGrid(const Report& report) {
  Grid grid{.columns = {{.title = "REASON", .width = 20, .is_text = true},
                        {.title = "EXITS", .width = 10},
                        {.title = "/s", .width = 6},
                        {.title = "EXIT%", .width = 5},
                        {.title = "TIME%", .width = 5},
                        {.title = "MEAN", .width = 6},
                        {.title = "P50", .width = 6},
                        {.title = "P99", .width = 6},
                        {.title = "MAX", .width = 6}},
            .rows = {}};
  for (const ReportRow& row : report.rows) {
    grid.rows.push_back({std::string(row.count.reason.name), Exits(row.count.exits),
                         ShortCount(row.exits_per_second), ShortPercent(row.share_percent),
                         ShortPercent(row.time_share_percent), ShortTime(row.mean_microseconds),
                         ShortTime(row.p50_microseconds), ShortTime(row.p99_microseconds),
                         ShortTime(row.longest_microseconds)});
  }
  return grid;
}

Grid MakeStateGrid(const Report& report) {
  Grid grid{.columns = {{.title = "STATE", .width = 12, .is_text = true},
                        {.title = "TIME", .width = 8},
                        {.title = "TIME%", .width = 6}},
            .rows = {}};
  if (!report.vm.time || AllTime(*report.vm.time) == 0) return grid;
  const VmTime& time = *report.vm.time;
  const auto add = [&](std::string_view name, uint64_t cycles) {
    grid.rows.push_back({std::string(name),
                         ShortTime(Microseconds(std::optional(cycles), report.vm.clock_khz)),
                         ShortPercent(SharePercent(cycles, AllTime(time)))});
  };
  for (size_t state = 0; state < kVcpuStates; ++state) {
    if (time.of_state[state]) add(kVcpuStateNames[state], *time.of_state[state]);
  }
  // A source that knows the guest's time alone still knows what is not.
  if (!std::ranges::all_of(time.of_state, [](const auto& cycles) { return cycles.has_value(); })) {
    add("in exits", time.in_exits);
  }
  return grid;
}

}  // namespace kvm_exits
