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

namespace {

std::string Seconds(uint64_t cycles, uint32_t khz) {
  return fmt::format("{:.9f}", Microseconds(cycles, khz).value_or(0) / 1e6);
}

// Counters that the host has told; a rate of them is a share of time.
std::string Times(const Report& report, bool is_openmetrics) {
  const std::string_view suffix = is_openmetrics ? "" : "_total";
  const uint32_t khz = report.vm.clock_khz;
  std::string text = fmt::format(
      "# HELP kvm_guest_exit_seconds{0} Time from VM exits to the next entries, by exit reason.\n"
      "# TYPE kvm_guest_exit_seconds{0} counter\n",
      suffix);
  for (const ReportRow& row : report.rows) {
    if (!row.count.cycles) continue;
    text += fmt::format("kvm_guest_exit_seconds_total{{reason=\"{}\",number=\"{}\"}} {}\n",
                        OpenMetricsLabelValue(row.count.reason.name),
                        FormatReasonNumber(report.vm.isa, row.count.reason.number),
                        Seconds(*row.count.cycles, khz));
  }
  text += fmt::format(
      "# HELP kvm_guest_vcpu_seconds{0} Time of this VM's vCPUs, by what they did.\n"
      "# TYPE kvm_guest_vcpu_seconds{0} counter\n",
      suffix);
  for (size_t state = 0; state < kVcpuStates; ++state) {
    if (const auto cycles = report.vm.time->of_state[state]) {
      text += fmt::format("kvm_guest_vcpu_seconds_total{{state=\"{}\"}} {}\n",
                          kVcpuStateNames[state], Seconds(*cycles, khz));
    }
  }
  return text;
}

}  // namespace

std::string OpenMetricsRenderer::Render(const Report& report) {
  // OpenMetrics names a counter without the suffix of its samples, Prometheus with
  // it, and neither takes the other's lines for what they are.
  const bool is_openmetrics = dialect_ == MetricsDialect::kOpenMetrics;
  std::string text = fmt::format(
      "# HELP kvm_guest_exits{0} VM exits of this VM since it was created, by exit reason.\n"
      "# TYPE kvm_guest_exits{0} counter\n",
      is_openmetrics ? "" : "_total");
  for (const ReportRow& row : report.rows) {
    // A lower bound, which may be less at the next reading: no counter.
    if (row.count.reason.number == kUnknownReason.number) continue;
    text +=
        fmt::format("kvm_guest_exits_total{{reason=\"{}\",number=\"{}\"}} {}\n",
                    OpenMetricsLabelValue(row.count.reason.name),
                    FormatReasonNumber(report.vm.isa, row.count.reason.number), row.count.exits);
  }
  text += fmt::format(
      "# HELP kvm_guest_vm_exits{0} VM exits of this VM since it was created.\n"
      "# TYPE kvm_guest_vm_exits{0} counter\n"
      "kvm_guest_vm_exits_total {1}\n",
      is_openmetrics ? "" : "_total", report.vm.exits);
  if (report.vm.time) text += Times(report, is_openmetrics);
  text += fmt::format(
      "# HELP kvm_guest_reading_exits CPUID exits of this reading itself, which are not counted.\n"
      "# TYPE kvm_guest_reading_exits gauge\n"
      "kvm_guest_reading_exits {}\n"
      "# HELP kvm_guest_host_info Virtualization extension of the host's processor.\n"
      "# TYPE kvm_guest_host_info gauge\n"
      "kvm_guest_host_info{{isa=\"{}\"}} 1\n"
      "# HELP kvm_guest_host_tsc_hertz Rate of the host's time stamp counter.\n"
      "# TYPE kvm_guest_host_tsc_hertz gauge\n"
      "kvm_guest_host_tsc_hertz {}\n",
      report.vm.reading_exits, IsaName(report.vm.isa), uint64_t{report.vm.clock_khz} * 1000);
  if (is_openmetrics) text += "# EOF\n";
  return text;
}

}  // namespace kvm_exits
