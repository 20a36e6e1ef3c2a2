// SPDX-License-Identifier: GPL-2.0-only
#include "view/vm_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/wrap.h"
#include "model/explanation.h"
#include "view/host_text.h"
#include "view/json_parts.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

// The reasons that are told of; after these a VM's exits are few.
constexpr size_t kMaxReasons = 5;

ReasonMeasurement Measure(const ReportRow& row, const HostRow& vm) {
  ReasonMeasurement measured{.exits = row.count.exits,
                             .exit_share = row.share_percent,
                             .time_share = row.time_share_percent,
                             .exits_per_second = std::nullopt,
                             .mean_us = row.mean_microseconds};
  const size_t vcpus = std::max<size_t>(vm.vcpu_count, 1);
  if (row.exits_per_second) {
    measured.exits_per_second = *row.exits_per_second / static_cast<double>(vcpus);
  }
  uint64_t all = 0;
  for (const auto& cycles : row.count.of_state) {
    if (!cycles) return measured;
    all += *cycles;
  }
  if (all == 0) return measured;
  measured.state_share.emplace();
  for (size_t state = 0; state < kVcpuStates; ++state) {
    (*measured.state_share)[state] = *SharePercent(*row.count.of_state[state], all);
  }
  return measured;
}

// A reason that cost the VM something, and what is known of it.
struct Cost {
  const ReportRow* row;
  const Explanation* explanation;  // nullptr: none
  std::vector<const Hint*> hints;  // that hold
};

std::vector<Cost> MostCostly(const HostRow& vm, Isa isa) {
  std::vector<Cost> costs;
  for (const ReportRow* row : MostCostly(vm.report, kMaxReasons)) {
    Cost cost{
        .row = row, .explanation = FindExplanation(isa, row->count.reason.number), .hints = {}};
    if (cost.explanation != nullptr) {
      const ReasonMeasurement measured = Measure(*row, vm);
      for (const Hint& hint : cost.explanation->hints) {
        if (hint.Holds(measured)) cost.hints.push_back(&hint);
      }
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

std::string Numbers(const ReportRow& row) {
  std::string text =
      fmt::format("{} exits, {} % of all", row.count.exits, ShortPercent(row.share_percent));
  if (row.exits_per_second) text += fmt::format(", {}/s", ShortCount(row.exits_per_second));
  if (row.microseconds) {
    text += fmt::format("; {}, {} % of the time in exits", ShortTime(row.microseconds),
                        ShortPercent(row.time_share_percent));
  }
  if (row.mean_microseconds) text += fmt::format("; {} each", ShortTime(row.mean_microseconds));
  return text;
}

// What of the time after these exits was not the guest's, largest first.
std::string States(const ReportRow& row) {
  std::vector<std::pair<uint64_t, std::string_view>> states;
  uint64_t all = 0;
  for (size_t state = 1; state < kVcpuStates; ++state) {
    const uint64_t cycles = row.count.of_state[state].value_or(0);
    if (cycles > 0) states.emplace_back(cycles, kVcpuStateNames[state]);
    all += cycles;
  }
  std::ranges::sort(states, std::ranges::greater{});
  std::string text;
  for (const auto& [cycles, name] : states) {
    text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", name,
                        ShortPercent(SharePercent(cycles, all)));
  }
  return text;
}

// What names the VM in a command line: what a shell, or an option, would take for more
// than a name is named by its id.
std::string ShellWord(const VmIdentity& vm) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':' || c == '@';
  };
  const bool is_word =
      !vm.name.empty() && vm.name.front() != '-' && std::ranges::all_of(vm.name, is_plain);
  return is_word ? vm.name : vm.id;
}

}  // namespace

std::string RenderVmExplanation(const HostReport& report, size_t width) {
  std::string text = HostHeading(report) + "\n";
  if (report.vms.size() != 1 || !report.isa || report.vms.front().report.rows.empty()) {
    return text + "There were no exits meanwhile: nothing costs this VM anything.\n" +
           HostNotes(report);
  }
  if (report.vms.front().report.vm.time) {
    text += "By the time that they cost, but for what the vCPUs were halted\n";
  } else {
    text += "By their number, as nobody tells times\n";
  }
  size_t number = 0;
  for (const Cost& cost : MostCostly(report.vms.front(), *report.isa)) {
    const std::string_view name = cost.row->count.reason.name;
    const std::string title = cost.explanation != nullptr ? ": " + cost.explanation->title : "";
    text += fmt::format("\n{}. {}{}\n", ++number, name, title);
    AppendWrapped(text, Numbers(*cost.row), "   ", "   ", width);
    if (const std::string states = States(*cost.row); !states.empty()) {
      AppendWrapped(text, "of that: " + states, "   ", "   ", width);
    }
    for (const Hint* const hint : cost.hints)
      AppendWrapped(text, hint->text, "   - ", "     ", width);
    if (cost.explanation == nullptr) continue;
    if (cost.hints.empty()) {
      AppendWrapped(text, "Nothing that was measured calls for a change.", "   ", "   ", width);
    }
    for (const Look& look : cost.explanation->look) {
      if (look.by.empty()) continue;
      text += "   # " + look.CommandLine(name, ShellWord(report.vms.front().identity)) + "\n";
      break;
    }
    text += fmt::format("   # kvm-exits explain {}\n", name);
  }
  return text + "\n" + HostNotes(report);
}

std::string RenderVmExplanationJson(const HostReport& report) {
  ordered_json object = {{"time", FormatTime(report.taken.wall)}};
  object["seconds"] = report.period ? ordered_json(report.period->count()) : nullptr;
  object["source"] = report.source.name;
  object["isa"] = report.isa ? ordered_json(IsaName(*report.isa)) : nullptr;
  object["vm"] = nullptr;
  object["reasons"] = ordered_json::array();
  if (report.vms.size() != 1 || !report.isa) return JsonLine(object);
  const HostRow& vm = report.vms.front();
  object["vm"] = JsonIdentity(vm.identity);
  for (const Cost& cost : MostCostly(vm, *report.isa)) {
    ordered_json reason = JsonReason(*cost.row);
    reason["hints"] = ordered_json::array();
    for (const Hint* const hint : cost.hints) reason["hints"].push_back(hint->text);
    object["reasons"].push_back(std::move(reason));
  }
  return JsonLine(object);
}

}  // namespace kvm_exits
