// SPDX-License-Identifier: GPL-2.0-only
#include "view/json_parts.h"

namespace kvm_exits {

using nlohmann::ordered_json;

std::string JsonLine(const ordered_json& object) {
  std::string line = object.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
  // The one that is ASCII and no printable character.
  for (size_t at = line.find('\x7f'); at != std::string::npos; at = line.find('\x7f', at)) {
    line.replace(at, 1, "\\u007f");
  }
  return line;
}

ordered_json JsonIdentity(const VmIdentity& identity) {
  ordered_json object = {
      {"id", identity.id}, {"pid", identity.pid}, {"name", identity.name}, {"vmm", identity.vmm}};
  if (!identity.uuid.empty()) object["uuid"] = identity.uuid;
  return object;
}

ordered_json JsonStates(const VmSummary& vm) {
  if (!vm.time) return nullptr;
  auto states = ordered_json::array();
  for (size_t state = 0; state < kVcpuStates; ++state) {
    const std::optional<uint64_t> cycles = vm.time->of_state[state];
    const auto share = cycles ? SharePercent(*cycles, AllTime(*vm.time)) : std::nullopt;
    states.push_back({{"state", state},
                      {"name", kVcpuStateNames[state]},
                      {"cycles", OrNull(cycles)},
                      {"microseconds", OrNull(Microseconds(cycles, vm.clock_khz))},
                      {"time_share_percent", OrNull(share)}});
  }
  return states;
}

ordered_json JsonReason(const ReportRow& row) {
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
  return reason;
}

ordered_json JsonExplanation(const Explanation& explanation, Isa isa, std::string_view reason) {
  auto look = ordered_json::array();
  for (const Look& next : explanation.look) {
    look.push_back({{"command", next.CommandLine(reason)}, {"shows", next.shows}});
  }
  auto help = ordered_json::array();
  for (const Help& one : explanation.help) {
    help.push_back({{"do", one.what}, {"price", one.price}});
  }
  return {{"title", explanation.title},
          {"what", explanation.what},
          {"never", explanation.is_never},
          {"causes", explanation.causes},
          {"look", look},
          {"help", help},
          {"sources", explanation.Sources(isa)}};
}

}  // namespace kvm_exits
