// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/regex.h"
#include "view/host_grids.h"
#include "view/screen.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

// A row before it is text.
struct Row {
  TopRowKey key;
  std::string name;
  uint64_t exits = 0;
  std::optional<uint64_t> cycles = std::nullopt;
  const HostRow* host = nullptr;
  const ReportRow* reason = nullptr;
};

void Sort(std::vector<Row>& rows, const TopState& state) {
  const auto is_before = [&](const Row& a, const Row& b) {
    switch (state.sort) {
      case TopSort::kName:
        // vCPUs by their number.
        return std::tie(a.key.vcpu, a.name) < std::tie(b.key.vcpu, b.name);
      case TopSort::kTime:
        if (!a.cycles && !b.cycles) break;
        return a.cycles.value_or(0) > b.cycles.value_or(0);
      case TopSort::kRate:
        break;
    }
    return a.exits > b.exits;
  };
  std::ranges::stable_sort(rows, is_before);
  if (state.is_inverted) std::ranges::reverse(rows);
}

void Filter(std::vector<Row>& rows, const TopState& state) {
  if (state.filter.empty()) return;
  const auto filter = Regex::Parse(state.filter);
  if (!filter) return;
  try {
    std::erase_if(rows, [&](const Row& row) { return !filter->Search(row.name); });
  } catch (const Error&) {
    rows.clear();  // of one that takes too long nobody knows what matches
  }
}

Row RowOf(const HostRow& host, TopRowKey key, std::string name) {
  const auto& time = host.report.vm.time;
  return {.key = std::move(key),
          .name = std::move(name),
          .exits = host.report.vm.exits,
          .cycles = time ? std::optional(CostCycles(*time)) : std::nullopt,
          .host = &host};
}

std::vector<Row> VmRows(const HostReport& report) {
  std::vector<Row> rows;
  for (const HostRow& vm : report.vms) {
    rows.push_back(RowOf(vm, {.vm = vm.identity}, DisplayName(vm.identity)));
  }
  return rows;
}

std::vector<Row> VcpuRows(const HostReport& report) {
  std::vector<Row> rows;
  for (const HostRow& vcpu : report.vcpus) {
    rows.push_back(RowOf(vcpu, {.vm = vcpu.identity, .vcpu = vcpu.vcpu},
                         fmt::format("vCPU {}", vcpu.vcpu.value_or(0))));
  }
  return rows;
}

std::vector<Row> ReasonRows(const HostRow& of) {
  std::vector<Row> rows;
  for (const ReportRow& reason : of.report.rows) {
    rows.push_back({.key = {.vm = of.identity, .vcpu = of.vcpu, .reason = reason.count.reason},
                    .name = std::string(reason.count.reason.name),
                    .exits = reason.count.exits,
                    .cycles = reason.count.cycles,
                    .host = &of,
                    .reason = &reason});
  }
  return rows;
}

// The rate, or the number where totals are shown.
std::string Amount(uint64_t exits, const VmSummary& vm, const TopState& state) {
  if (state.shows_totals) return ShortCount(static_cast<double>(exits));
  return ShortCount(ExitsPerSecond(exits, vm.period));
}

std::string AmountTitle(const TopState& state) { return state.shows_totals ? "EXITS" : "EXIT/s"; }

void MakeHostGrid(const std::vector<Row>& rows, const TopState& state, const TopLook& look,
                  TopTable& table) {
  const bool is_vms = state.level == TopLevel::kHost;
  const size_t more = look.columns - std::min(look.columns, kMinColumns);
  const size_t bar = 5 + std::min<size_t>(more / 2, 20);
  std::vector<GridColumn>& columns = table.grid.columns;
  columns = {{.title = is_vms ? "VM" : "vCPU",
              .width = 14 + std::min<size_t>(more / 2, 26),
              .is_text = true,
              .is_name = true}};
  if (is_vms) {
    columns.push_back({.title = "PID", .width = 7});
    columns.push_back({.title = "vCPU", .width = 4});
  }
  columns.push_back({.title = AmountTitle(state), .width = 7});
  columns.push_back({.title = "", .width = bar, .is_text = true});
  table.bar_column = columns.size() - 1;
  for (const char* const title : {"GST", "KRN", "VMM", "HLT", "PRE"}) {
    columns.push_back({.title = title, .width = 3});
  }
  columns.push_back({.title = "TOP REASON", .width = 18, .is_text = true});

  uint64_t most = 0;
  for (const Row& row : rows) most = std::max(most, row.exits);
  for (const Row& row : rows) {
    std::vector<std::string> cells = {row.name};
    if (is_vms) {
      cells.push_back(fmt::to_string(row.host->identity.pid));
      cells.push_back(fmt::to_string(row.host->vcpu_count));
    }
    cells.push_back(Amount(row.exits, row.host->report.vm, state));
    cells.push_back(
        Bar(static_cast<double>(row.exits), static_cast<double>(most), bar, look.has_utf8));
    for (const auto& percent : row.host->shares.percent) cells.push_back(WholePercent(percent));
    cells.push_back(row.host->top ? std::string(row.host->top->count.reason.name) : "-");
    table.grid.rows.push_back(std::move(cells));
  }
}

void MakeReasonsGrid(const std::vector<Row>& rows, const TopState& state, const TopLook& look,
                     TopTable& table) {
  const size_t more = look.columns - std::min(look.columns, kMinColumns);
  const size_t bar = 9 + std::min<size_t>(more, 40);
  table.grid.columns = {{.title = "REASON", .width = 19, .is_text = true},
                        {.title = AmountTitle(state), .width = 7},
                        {.title = "", .width = bar, .is_text = true},
                        {.title = "EXIT%", .width = 5},
                        {.title = "TIME%", .width = 5},
                        {.title = "MEAN", .width = 6},
                        {.title = "P50", .width = 6},
                        {.title = "P99", .width = 6},
                        {.title = "MAX", .width = 6}};
  table.bar_column = 2;
  uint64_t most = 0;
  for (const Row& row : rows) most = std::max(most, row.exits);
  for (const Row& row : rows) {
    const ReportRow& reason = *row.reason;
    table.grid.rows.push_back(
        {row.name, Amount(row.exits, row.host->report.vm, state),
         Bar(static_cast<double>(row.exits), static_cast<double>(most), bar, look.has_utf8),
         ShortPercent(reason.share_percent), ShortPercent(reason.time_share_percent),
         ShortTime(reason.mean_microseconds), ShortTime(reason.p50_microseconds),
         ShortTime(reason.p99_microseconds), ShortTime(reason.longest_microseconds)});
  }
}

}  // namespace

const HostRow* FindEntered(const HostReport& report, const TopState& state) {
  if (!state.vm) return report.all ? &*report.all : nullptr;
  const std::vector<HostRow>& rows = state.vcpu ? report.vcpus : report.vms;
  const auto found = std::ranges::find_if(rows, [&](const HostRow& row) {
    return row.identity.id == state.vm->id && (!state.vcpu || row.vcpu == state.vcpu);
  });
  return found == rows.end() ? nullptr : &*found;
}

TopTable MakeTopTable(const HostReport& report, const TopState& state, const TopLook& look) {
  std::vector<Row> rows;
  const HostRow* const entered = FindEntered(report, state);
  if (state.level == TopLevel::kHost) {
    rows = VmRows(report);
  } else if (state.level == TopLevel::kVm) {
    rows = VcpuRows(report);
  } else if (entered != nullptr) {
    rows = ReasonRows(*entered);
  }
  Filter(rows, state);
  Sort(rows, state);
  if (state.level == TopLevel::kVm && entered != nullptr) {
    rows.insert(rows.begin(), RowOf(*entered, {.vm = entered->identity}, "all vCPUs"));
  }
  TopTable table{.grid = {}, .bar_column = 0, .keys = {}};
  if (state.level == TopLevel::kHost || state.level == TopLevel::kVm) {
    MakeHostGrid(rows, state, look, table);
  } else {
    MakeReasonsGrid(rows, state, look, table);
  }
  for (const Row& row : rows) table.keys.push_back(row.key);
  return table;
}

}  // namespace kvm_exits
