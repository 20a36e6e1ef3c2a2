// SPDX-License-Identifier: GPL-2.0-only
#include "view/table.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace kvm_exits {
namespace {

std::string Percent(std::optional<double> percent) {
  if (!percent) return "-";
  // A reason that occurred must not look like one that did not.
  if (*percent > 0 && *percent < 0.01) return "<0.01";
  return fmt::format("{:.2f}", *percent);
}

std::string Rate(std::optional<double> per_second) {
  return per_second ? fmt::format("{:.1f}", *per_second) : "-";
}

// Appends one line; `rate` is left out of the table of a VM's whole life.
void AppendLine(std::string& text, bool with_rate, std::string_view reason, std::string_view name,
                std::string_view exits, std::string_view rate, std::string_view share) {
  text += fmt::format("{:>6}  {:<24}  {:>20}", reason, name, exits);
  if (with_rate) text += fmt::format("  {:>14}", rate);
  text += fmt::format("  {:>7}\n", share);
}

// The host's rate changes between no two intervals, and both do not fit into a line.
std::string Heading(const VmSummary& vm) {
  const std::string_view isa = IsaName(vm.isa);
  if (!vm.period) {
    return fmt::format("{} exits of this VM since it was created; host TSC {} kHz\n", isa,
                       vm.host_tsc_khz);
  }
  return fmt::format("{} exits of this VM in the {:.3f} s to {}\n", isa, vm.period->count(),
                     FormatTime(vm.taken.wall));
}

}  // namespace

std::string TableRenderer::Render(const Report& report) {
  const bool with_rate = report.vm.period.has_value();
  const auto append_sum = [&](std::string& text, std::string_view name, uint64_t exits) {
    AppendLine(text, with_rate, "", name, fmt::to_string(exits),
               Rate(ExitsPerSecond(exits, report.vm.period)),
               Percent(SharePercent(exits, report.vm.exits)));
  };

  std::string text = first_ ? "" : "\n";
  first_ = false;
  text += Heading(report.vm);
  AppendLine(text, with_rate, "REASON", "NAME", "EXITS", "EXITS/S", "SHARE %");
  for (const ReportRow& row : report.rows) {
    AppendLine(text, with_rate, FormatReasonNumber(report.vm.isa, row.count.reason.number),
               row.count.reason.name, fmt::to_string(row.count.exits), Rate(row.exits_per_second),
               Percent(row.share_percent));
  }
  append_sum(text, fmt::format("sum of {} shown", report.rows.size()), report.shown_exits);
  append_sum(text, "VM total", report.vm.exits);
  if (report.vm.reading_exits > 0) {
    text += fmt::format("Not counted: {} CPUID exits of the reading itself.\n",
                        report.vm.reading_exits);
  }
  return text;
}

}  // namespace kvm_exits
