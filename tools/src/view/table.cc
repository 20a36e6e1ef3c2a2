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

// A tenth of a microsecond is some hundred cycles, and nothing in what takes seconds.
std::string Time(std::optional<double> microseconds) {
  if (!microseconds) return "-";
  return fmt::format("{:.{}f}", *microseconds, *microseconds < 1e6 ? 1 : 0);
}

// What one line has; the columns of rates and of times are only in tables that have any.
struct Line {
  std::string_view reason;
  std::string_view name;
  std::string exits;
  std::string rate;
  std::string share;
  std::string time;
  std::string mean;
  std::string time_share;
};

void AppendLine(std::string& text, const VmSummary& vm, const Line& line) {
  if (!vm.time) {
    text += fmt::format("{:>6}  {:<24}  {:>20}", line.reason, line.name, line.exits);
    if (vm.period) text += fmt::format("  {:>14}", line.rate);
    text += fmt::format("  {:>7}\n", line.share);
    return;
  }
  // There is no mean of exits of which some may not have been timed.
  if (vm.period) {
    text += fmt::format("{:>6} {:<20} {:>11} {:>9} {:>13} {:>9} {:>6}\n", line.reason, line.name,
                        line.exits, line.rate, line.time, line.mean, line.time_share);
  } else {
    text += fmt::format("{:>6}  {:<24}  {:>20}  {:>14}  {:>7}\n", line.reason, line.name,
                        line.exits, line.time, line.time_share);
  }
}

// The host's rate changes between no two intervals, and both do not fit into a line.
std::string Heading(const VmSummary& vm) {
  const std::string_view isa = IsaName(vm.isa);
  if (!vm.period) {
    return fmt::format("{} exits of this VM since it was created; host TSC {} kHz\n", isa,
                       vm.clock_khz);
  }
  return fmt::format("{} exits of this VM in the {:.3f} s to {}\n", isa, vm.period->count(),
                     FormatTime(vm.taken.wall));
}

Line SumLine(const VmSummary& vm, std::string_view name, uint64_t exits,
             std::optional<uint64_t> cycles) {
  const auto time = Microseconds(cycles, vm.clock_khz);
  return {.reason = "",
          .name = name,
          .exits = fmt::to_string(exits),
          .rate = Rate(ExitsPerSecond(exits, vm.period)),
          .share = Percent(SharePercent(exits, vm.exits)),
          .time = Time(time),
          .mean = "",
          .time_share = Percent(cycles ? SharePercent(*cycles, vm.time->in_exits) : std::nullopt)};
}

void AppendStates(std::string& text, const VmSummary& vm) {
  const uint64_t sum = AllTime(*vm.time);
  const auto append = [&](std::string_view name, std::optional<uint64_t> cycles) {
    text +=
        fmt::format("{:<12} {:>22} {:>18} {:>8}\n", name, cycles ? fmt::to_string(*cycles) : "-",
                    Time(Microseconds(cycles, vm.clock_khz)),
                    Percent(cycles ? SharePercent(*cycles, sum) : std::nullopt));
  };
  text += fmt::format("\n{:<12} {:>22} {:>18} {:>8}\n", "STATE", "CYCLES", "TIME us", "TIME %");
  for (size_t state = 0; state < kVcpuStates; ++state) {
    append(kVcpuStateNames[state], vm.time->of_state[state]);
  }
  append("all vCPUs", sum);
}

}  // namespace

std::string TableRenderer::Render(const Report& report) {
  const VmSummary& vm = report.vm;
  std::string text = first_ ? "" : "\n";
  first_ = false;
  text += Heading(vm);
  AppendLine(text, vm,
             {.reason = "REASON",
              .name = "NAME",
              .exits = "EXITS",
              .rate = "EXITS/S",
              .share = "SHARE %",
              .time = "TIME us",
              .mean = "MEAN us",
              .time_share = "TIME %"});
  uint64_t shown_cycles = 0;
  for (const ReportRow& row : report.rows) {
    const std::string reason = FormatReasonNumber(vm.isa, row.count.reason.number);
    AppendLine(text, vm,
               {.reason = reason,
                .name = row.count.reason.name,
                .exits = fmt::to_string(row.count.exits),
                .rate = Rate(row.exits_per_second),
                .share = Percent(row.share_percent),
                .time = Time(row.microseconds),
                .mean = Time(row.mean_microseconds),
                .time_share = Percent(row.time_share_percent)});
    shown_cycles += row.count.cycles.value_or(0);
  }
  const std::string shown = fmt::format("sum of {} shown", report.rows.size());
  const auto told = [&](uint64_t cycles) { return vm.time ? std::optional(cycles) : std::nullopt; };
  AppendLine(text, vm, SumLine(vm, shown, report.shown_exits, told(shown_cycles)));
  AppendLine(text, vm, SumLine(vm, "VM total", vm.exits, told(vm.time ? vm.time->in_exits : 0)));
  if (vm.time) {
    AppendStates(text, vm);
  } else {
    text += "No times: the host keeps none, or tells this VM none.\n";
  }
  if (vm.reading_exits > 0) {
    text += fmt::format("Not counted: {} CPUID exits of the reading itself{}.\n", vm.reading_exits,
                        vm.time ? ", but for their time" : "");
  }
  if (vm.start_exits) {
    text +=
        fmt::format("Not counted: {} exits, as many as starting 'true' takes.\n", *vm.start_exits);
  }
  return text;
}

}  // namespace kvm_exits
