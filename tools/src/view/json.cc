// SPDX-License-Identifier: GPL-2.0-only
#include "view/json.h"

#include "view/json_parts.h"

namespace kvm_exits {

using nlohmann::ordered_json;

std::string JsonRenderer::Render(const Report& report) {
  auto reasons = ordered_json::array();
  for (const ReportRow& row : report.rows) reasons.push_back(JsonReason(row));
  ordered_json object = {{"time", FormatTime(report.vm.taken.wall)}};
  if (report.vm.period) object["seconds"] = report.vm.period->count();
  object["isa"] = IsaName(report.vm.isa);
  object["host_tsc_khz"] = report.vm.clock_khz;
  object["vm_exits"] = report.vm.exits;
  object["shown_exits"] = report.shown_exits;
  object["reading_exits"] = report.vm.reading_exits;
  if (report.vm.start_exits) object["start_exits"] = *report.vm.start_exits;
  object["vm_cycles"] = report.vm.time ? ordered_json(report.vm.time->in_exits) : nullptr;
  object["states"] = JsonStates(report.vm);
  object["reasons"] = std::move(reasons);
  return JsonLine(object);
}

}  // namespace kvm_exits
