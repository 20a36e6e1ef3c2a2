// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_json.h"

#include "view/json_parts.h"

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

ordered_json Shares(const TimeShares& shares) {
  ordered_json object = {{"source", shares.is_sampled ? "scheduler" : "ledger"}};
  bool is_known = false;
  for (size_t i = 0; i < kTimeShares; ++i) {
    object[std::string(kTimeShareNames[i])] = OrNull(shares.percent[i]);
    is_known = is_known || shares.percent[i];
  }
  return is_known ? object : ordered_json(nullptr);
}

ordered_json HostReason(const ReportRow& row) {
  ordered_json reason = JsonReason(row);
  reason["p50_microseconds"] = OrNull(row.p50_microseconds);
  reason["p99_microseconds"] = OrNull(row.p99_microseconds);
  reason["max_microseconds"] = OrNull(row.longest_microseconds);
  return reason;
}

ordered_json Counts(const HostRow& row, bool with_reasons) {
  const VmSummary& vm = row.report.vm;
  ordered_json object = {{"exits", vm.exits},
                         {"exits_per_second", OrNull(ExitsPerSecond(vm.exits, vm.period))},
                         {"cycles", vm.time ? ordered_json(vm.time->in_exits) : nullptr},
                         {"clock_khz", vm.clock_khz > 0 ? ordered_json(vm.clock_khz) : nullptr},
                         {"time_percent", Shares(row.shares)},
                         {"top_reason", row.top ? HostReason(*row.top) : ordered_json(nullptr)}};
  if (!with_reasons) return object;
  object["shown_exits"] = row.report.shown_exits;
  object["states"] = JsonStates(vm);
  object["reasons"] = ordered_json::array();
  for (const ReportRow& reason : row.report.rows) object["reasons"].push_back(HostReason(reason));
  return object;
}

ordered_json Identities(const std::vector<VmIdentity>& vms) {
  auto array = ordered_json::array();
  for (const VmIdentity& vm : vms) array.push_back(JsonIdentity(vm));
  return array;
}

}  // namespace

std::string HostJsonRenderer::Render(const HostReport& report) {
  const bool with_reasons = table_ == HostTable::kReasons;
  ordered_json object = {{"time", FormatTime(report.taken.wall)}};
  object["seconds"] = report.period ? ordered_json(report.period->count()) : nullptr;
  object["source"] = report.source.name;
  object["limits"] = report.source.limits;
  object["isa"] = report.isa ? ordered_json(IsaName(*report.isa)) : nullptr;
  object["lost_exits"] = report.lost;
  object["vms"] = ordered_json::array();
  for (const HostRow& row : report.vms) {
    ordered_json vm = JsonIdentity(row.identity);
    vm["vcpus"] = row.vcpu_count;
    vm.update(Counts(row, with_reasons));
    if (!report.vcpus.empty()) vm["each_vcpu"] = ordered_json::array();
    for (const HostRow& vcpu : report.vcpus) {
      if (vcpu.identity.id != row.identity.id) continue;
      ordered_json of_vcpu = {{"vcpu", vcpu.vcpu.value_or(0)}};
      of_vcpu.update(Counts(vcpu, with_reasons));
      vm["each_vcpu"].push_back(std::move(of_vcpu));
    }
    object["vms"].push_back(std::move(vm));
  }
  object["all"] = report.all ? Counts(*report.all, with_reasons) : ordered_json(nullptr);
  object["ended"] = Identities(report.ended);
  object["restarted"] = Identities(report.restarted);
  return JsonLine(object);
}

}  // namespace kvm_exits
