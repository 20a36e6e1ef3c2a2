// SPDX-License-Identifier: GPL-2.0-only
#include "view/json.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

template <typename Value>
ordered_json OrNull(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : nullptr;
}

// Null where the host does not tell.
ordered_json States(const VmSummary& vm) {
  if (!vm.time) return nullptr;
  auto states = ordered_json::array();
  for (size_t state = 0; state < kVcpuStates; ++state) {
    const uint64_t cycles = vm.time->of_state[state];
    states.push_back({{"state", state},
                      {"name", kVcpuStateNames[state]},
                      {"cycles", cycles},
                      {"microseconds", OrNull(Microseconds(cycles, vm.host_tsc_khz))},
                      {"time_share_percent", OrNull(SharePercent(cycles, SumOfStates(*vm.time)))}});
  }
  return states;
}

}  // namespace

std::string JsonRenderer::Render(const Report& report) {
  auto reasons = ordered_json::array();
  for (const ReportRow& row : report.rows) {
    const ExitReason& of = row.count.reason;
    const bool is_unknown = of.number == kUnknownReason.number;
    ordered_json reason = {{"reason", is_unknown ? ordered_json(nullptr) : ordered_json(of.number)},
                           {"name", of.name},
                           {"exits", row.count.exits}};
    if (row.exits_per_second) reason["exits_per_second"] = *row.exits_per_second;
    reason["share_percent"] = OrNull(row.share_percent);
    reason["cycles"] = OrNull(row.count.cycles);
    reason["microseconds"] = OrNull(row.microseconds);
    reason["mean_microseconds"] = OrNull(row.mean_microseconds);
    reason["time_share_percent"] = OrNull(row.time_share_percent);
    reasons.push_back(std::move(reason));
  }

  ordered_json object = {{"time", FormatTime(report.vm.taken.wall)}};
  if (report.vm.period) object["seconds"] = report.vm.period->count();
  object["isa"] = IsaName(report.vm.isa);
  object["host_tsc_khz"] = report.vm.host_tsc_khz;
  object["vm_exits"] = report.vm.exits;
  object["shown_exits"] = report.shown_exits;
  object["reading_exits"] = report.vm.reading_exits;
  object["vm_cycles"] = report.vm.time ? ordered_json(report.vm.time->in_exits) : nullptr;
  object["states"] = States(report.vm);
  object["reasons"] = std::move(reasons);
  return object.dump() + "\n";
}

}  // namespace kvm_exits
