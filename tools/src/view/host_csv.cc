// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "view/csv.h"

namespace kvm_exits {
namespace {

template <typename Value>
std::string Number(const std::optional<Value>& value) {
  return value ? fmt::to_string(*value) : "";
}

std::string Line(const std::vector<std::string>& fields) {
  return fmt::format("{}\n", fmt::join(fields, ","));
}

std::vector<std::string> Titles(HostTable table) {
  std::vector<std::string> titles = {"time", "seconds", "source", "vm",  "name",
                                     "pid",  "vmm",     "vcpu",   "isa", "vm_exits"};
  if (table == HostTable::kVms) {
    for (const char* const title : {"vcpus", "exits_per_second", "time_source"}) {
      titles.emplace_back(title);
    }
    for (const std::string_view name : kTimeShareNames) {
      titles.push_back(fmt::format("{}_percent", name));
    }
    for (const char* const title : {"top_reason", "top_name", "top_exits"}) {
      titles.emplace_back(title);
    }
    return titles;
  }
  for (const char* const title :
       {"reason", "reason_name", "exits", "exits_per_second", "share_percent", "cycles",
        "microseconds", "mean_microseconds", "time_share_percent", "p50_microseconds",
        "p99_microseconds", "max_microseconds"}) {
    titles.emplace_back(title);
  }
  for (const std::string_view name : kVcpuStateNames) {
    titles.push_back(fmt::format("{}_cycles", name));
  }
  return titles;
}

std::string ReasonNumber(const Report& report, const ReportRow& row) {
  return FormatReasonNumber(report.vm.isa, row.count.reason.number);
}

// The fields that each line of a VM or a vCPU has.
std::vector<std::string> Fields(const HostReport& report, const HostRow& row) {
  return {FormatTime(report.taken.wall),
          report.period ? fmt::to_string(report.period->count()) : "",
          report.source.name,
          CsvField(row.identity.id),
          CsvField(Printable(row.identity.name)),
          fmt::to_string(row.identity.pid),
          CsvField(Printable(row.identity.vmm)),
          Number(row.vcpu),
          std::string(IsaName(row.report.vm.isa)),
          fmt::to_string(row.report.vm.exits)};
}

std::string_view TimeSource(const TimeShares& shares) {
  const bool is_known =
      std::ranges::any_of(shares.percent, [](const auto& percent) { return percent.has_value(); });
  if (!is_known) return "";
  return shares.is_sampled ? "scheduler" : "ledger";
}

std::string VmLine(const HostReport& report, const HostRow& row) {
  std::vector<std::string> fields = Fields(report, row);
  const VmSummary& vm = row.report.vm;
  fields.push_back(fmt::to_string(row.vcpu_count));
  fields.push_back(Number(ExitsPerSecond(vm.exits, vm.period)));
  fields.emplace_back(TimeSource(row.shares));
  for (const auto& percent : row.shares.percent) fields.push_back(Number(percent));
  fields.push_back(row.top ? ReasonNumber(row.report, *row.top) : "");
  fields.push_back(row.top ? std::string(row.top->count.reason.name) : "");
  fields.push_back(row.top ? fmt::to_string(row.top->count.exits) : "");
  return Line(fields);
}

std::string ReasonLines(const HostReport& report, const HostRow& row) {
  const std::vector<std::string> of_row = Fields(report, row);
  std::string text;
  for (const ReportRow& reason : row.report.rows) {
    std::vector<std::string> fields = of_row;
    for (std::string& field : std::vector<std::string>{
             ReasonNumber(row.report, reason), CsvField(reason.count.reason.name),
             fmt::to_string(reason.count.exits), Number(reason.exits_per_second),
             Number(reason.share_percent), Number(reason.count.cycles), Number(reason.microseconds),
             Number(reason.mean_microseconds), Number(reason.time_share_percent),
             Number(reason.p50_microseconds), Number(reason.p99_microseconds),
             Number(reason.longest_microseconds)}) {
      fields.push_back(std::move(field));
    }
    for (const auto& cycles : reason.count.of_state) fields.push_back(Number(cycles));
    text += Line(fields);
  }
  return text;
}

}  // namespace

std::string HostCsvRenderer::Render(const HostReport& report) {
  std::string text = first_ ? Line(Titles(table_)) : "";
  first_ = false;
  const std::vector<HostRow>& rows = report.vcpus.empty() ? report.vms : report.vcpus;
  for (const HostRow& row : rows) {
    text += table_ == HostTable::kVms ? VmLine(report, row) : ReasonLines(report, row);
  }
  return text;
}

}  // namespace kvm_exits
