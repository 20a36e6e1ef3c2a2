// SPDX-License-Identifier: GPL-2.0-only
#include "view/json.h"

#include <nlohmann/json.hpp>

namespace kvm_exits {

std::string JsonRenderer::Render(const Report& report) {
  using nlohmann::ordered_json;

  auto reasons = ordered_json::array();
  for (const ReportRow& row : report.rows) {
    const ExitReason& of = row.count.reason;
    const bool is_unknown = of.number == kUnknownReason.number;
    ordered_json reason = {{"reason", is_unknown ? ordered_json(nullptr) : ordered_json(of.number)},
                           {"name", of.name},
                           {"exits", row.count.exits}};
    if (row.exits_per_second) reason["exits_per_second"] = *row.exits_per_second;
    reason["share_percent"] = row.share_percent ? ordered_json(*row.share_percent) : nullptr;
    reasons.push_back(std::move(reason));
  }

  ordered_json object = {{"time", FormatTime(report.vm.taken.wall)}};
  if (report.vm.period) object["seconds"] = report.vm.period->count();
  object["isa"] = IsaName(report.vm.isa);
  object["host_tsc_khz"] = report.vm.host_tsc_khz;
  object["vm_exits"] = report.vm.exits;
  object["shown_exits"] = report.shown_exits;
  object["reading_exits"] = report.vm.reading_exits;
  object["reasons"] = std::move(reasons);
  return object.dump() + "\n";
}

}  // namespace kvm_exits
