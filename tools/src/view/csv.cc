// SPDX-License-Identifier: GPL-2.0-only
#include "view/csv.h"

#include <fmt/format.h>

#include <optional>

namespace kvm_exits {
namespace {

template <typename Value>
std::string Number(std::optional<Value> value) {
  return value ? fmt::to_string(*value) : "";
}

// Of the VM, the same in each line: cycles in exits, and in each state.
std::string VmCycles(const std::optional<VmTime>& time) {
  std::string text =
      fmt::format(",{}", Number(time ? std::optional(time->in_exits) : std::nullopt));
  for (size_t state = 0; state < kVcpuStates; ++state) {
    text += fmt::format(",{}", Number(time ? time->of_state[state] : std::nullopt));
  }
  return text;
}

}  // namespace

std::string CsvField(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string CsvRenderer::Render(const Report& report) {
  std::string text;
  if (first_) {
    text =
        "time,seconds,reason,name,exits,exits_per_second,share_percent,vm_exits,reading_exits,"
        "cycles,microseconds,mean_microseconds,time_share_percent,vm_cycles";
    for (const std::string_view name : kVcpuStateNames) text += fmt::format(",{}_cycles", name);
    text += '\n';
  }
  first_ = false;
  const std::string time = FormatTime(report.vm.taken.wall);
  const std::string seconds = report.vm.period ? fmt::to_string(report.vm.period->count()) : "";
  const std::string vm_cycles = VmCycles(report.vm.time);
  for (const ReportRow& row : report.rows) {
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}{}\n", time, seconds,
                        FormatReasonNumber(report.vm.isa, row.count.reason.number),
                        CsvField(row.count.reason.name), row.count.exits,
                        Number(row.exits_per_second), Number(row.share_percent), report.vm.exits,
                        report.vm.reading_exits, Number(row.count.cycles), Number(row.microseconds),
                        Number(row.mean_microseconds), Number(row.time_share_percent), vm_cycles);
  }
  return text;
}

}  // namespace kvm_exits
