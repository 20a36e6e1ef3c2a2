// SPDX-License-Identifier: GPL-2.0-only
#include "view/openmetrics.h"

#include <fmt/format.h>

namespace kvm_exits {

std::string OpenMetricsLabelValue(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string OpenMetricsRenderer::Render(const Report& report) {
  std::string text =
      "# TYPE kvm_exits counter\n"
      "# HELP kvm_exits VM exits of this VM since it was created, by exit reason.\n";
  for (const ReportRow& row : report.rows) {
    text += fmt::format("kvm_exits_total{{reason=\"{}\",name=\"{}\"}} {}\n",
                        FormatReasonNumber(report.vm.isa, row.count.reason.number),
                        OpenMetricsLabelValue(row.count.reason.name), row.count.exits);
  }
  text += fmt::format(
      "# TYPE kvm_exits_vm counter\n"
      "# HELP kvm_exits_vm VM exits of this VM since it was created, for any reason.\n"
      "kvm_exits_vm_total {}\n"
      "# TYPE kvm_exits_host info\n"
      "# HELP kvm_exits_host Virtualization extension of the host's processor.\n"
      "kvm_exits_host_info{{isa=\"{}\"}} 1\n"
      "# TYPE kvm_exits_host_tsc_hertz gauge\n"
      "# UNIT kvm_exits_host_tsc_hertz hertz\n"
      "# HELP kvm_exits_host_tsc_hertz Rate of the host's time stamp counter.\n"
      "kvm_exits_host_tsc_hertz {}\n"
      "# EOF\n",
      report.vm.exits, IsaName(report.vm.isa), uint64_t{report.vm.host_tsc_khz} * 1000);
  return text;
}

}  // namespace kvm_exits
