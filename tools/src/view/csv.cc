// SPDX-License-Identifier: GPL-2.0-only
#include "view/csv.h"

#include <fmt/format.h>

#include <optional>

namespace kvm_exits {
namespace {

std::string Number(std::optional<double> value) { return value ? fmt::to_string(*value) : ""; }

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
    text = "time,seconds,reason,name,exits,exits_per_second,share_percent,vm_exits,reading_exits\n";
  }
  first_ = false;
  const std::string time = FormatTime(report.vm.taken.wall);
  const std::string seconds = report.vm.period ? Number(report.vm.period->count()) : "";
  for (const ReportRow& row : report.rows) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{}\n", time, seconds,
                    FormatReasonNumber(report.vm.isa, row.count.reason.number),
                    CsvField(row.count.reason.name), row.count.exits, Number(row.exits_per_second),
                    Number(row.share_percent), report.vm.exits, report.vm.reading_exits);
  }
  return text;
}

}  // namespace kvm_exits
