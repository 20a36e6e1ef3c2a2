// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "model/explanation.h"
#include "view/history_report.h"
#include "view/json_parts.h"

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

// What is more exact than anybody sees makes the text long: to tenths of a microsecond
constexpr double kSecond = 1e7;
ordered_json RoundedSeconds(double seconds) { return std::round(seconds * kSecond) / kSecond; }

// To three digits
ordered_json RoundedMicroseconds(std::optional<double> microseconds) {
  if (!microseconds || *microseconds <= 0) return OrNull(microseconds);
  const double scale = std::pow(10, 2 - std::floor(std::log10(*microseconds)));
  return std::round(*microseconds * scale) / scale;
}

struct Quantiles {
  const char* name;
  double part;
};
constexpr std::array kQuantiles = {Quantiles{"p50_microseconds", 0.5},
                                   Quantiles{"p90_microseconds", 0.9},
                                   Quantiles{"p99_microseconds", 0.99}};

// Of one reason, a value for each point.
ordered_json JsonReasonPoints(const std::vector<HistoryPoint>& points, uint64_t number) {
  auto exits = ordered_json::array();
  auto busy = ordered_json::array();
  std::array<ordered_json, kQuantiles.size()> quantiles;
  quantiles.fill(ordered_json::array());
  bool has_time = false;
  bool has_durations = false;
  for (const HistoryPoint& point : points) {
    const ReasonCount* const count =
        point.exits ? FindReason(point.exits->reasons, number) : nullptr;
    exits.push_back(count != nullptr ? count->exits : 0);
    const bool is_timed = point.exits && point.exits->vm.time && point.exits->vm.clock_khz > 0;
    has_time = has_time || is_timed;
    if (point.exits && !is_timed) {
      busy.push_back(nullptr);
    } else {
      const uint64_t cost = count != nullptr ? CostOf(*count, point.exits->vm) : 0;
      busy.push_back(RoundedSeconds(SecondsOf(cost, is_timed ? point.exits->vm.clock_khz : 0)));
    }
    for (size_t i = 0; i < kQuantiles.size(); ++i) {
      std::optional<double> value;
      if (count != nullptr && count->durations) {
        value = ToMicroseconds(Quantile(*count->durations, kQuantiles[i].part),
                               point.exits->vm.clock_khz);
      }
      has_durations = has_durations || value;
      quantiles[i].push_back(RoundedMicroseconds(value));
    }
  }
  ordered_json object = {{"exits", std::move(exits)}};
  object["busy_seconds"] = has_time ? std::move(busy) : ordered_json(nullptr);
  for (size_t i = 0; i < kQuantiles.size(); ++i) {
    object[kQuantiles[i].name] = has_durations ? std::move(quantiles[i]) : ordered_json(nullptr);
  }
  return object;
}

ordered_json JsonPoints(const std::vector<HistoryPoint>& points) {
  ordered_json object = {{"begin_seconds", ordered_json::array()},
                         {"end_seconds", ordered_json::array()},
                         {"seconds", ordered_json::array()},
                         {"timed_seconds", ordered_json::array()}};
  auto shares = ordered_json::object();
  for (const std::string_view name : kTimeShareNames) {
    shares[std::string(name)] = ordered_json::array();
  }
  bool has_shares = false;
  for (const HistoryPoint& point : points) {
    constexpr double kMillisecond = 1e3;
    const auto rounded = [](Seconds seconds) {
      return std::round(seconds.count() * kMillisecond) / kMillisecond;
    };
    object["begin_seconds"].push_back(rounded(point.begin));
    object["end_seconds"].push_back(rounded(point.end));
    object["seconds"].push_back(rounded(point.length));
    object["timed_seconds"].push_back(rounded(point.timed));
    TimeShares of_point;
    if (point.exits) of_point = SharesOf(*point.exits, point.cpu);
    for (size_t i = 0; i < kTimeShares; ++i) {
      has_shares = has_shares || of_point.percent[i];
      constexpr double kPercent = 100;
      const auto percent = of_point.percent[i];
      shares[std::string(kTimeShareNames[i])].push_back(
          percent ? ordered_json(std::round(*percent * kPercent) / kPercent) : nullptr);
    }
  }
  object["time_percent"] = has_shares ? std::move(shares) : ordered_json(nullptr);
  return object;
}

// `row` is of all `points`.
ordered_json JsonSeries(const HostRow& row, const std::vector<HistoryPoint>& points) {
  const VmSummary& vm = row.report.vm;
  const auto busy = [&](uint64_t cycles) {
    return vm.time && vm.clock_khz > 0 ? RoundedSeconds(SecondsOf(cycles, vm.clock_khz))
                                       : ordered_json(nullptr);
  };
  ordered_json object = {{"exits", vm.exits},
                         {"busy_seconds", busy(vm.time ? CostCycles(*vm.time) : 0)},
                         {"reasons", ordered_json::array()}};
  for (const ReportRow& reason : row.report.rows) {
    const ExitReason& of = reason.count.reason;
    const bool is_unknown = of.number == kUnknownReason.number;
    object["reasons"].push_back(
        {{"reason", is_unknown ? ordered_json(nullptr) : ordered_json(of.number)},
         {"name", of.name},
         {"exits", reason.count.exits},
         {"busy_seconds", busy(CostOf(reason.count, vm))},
         {"p50_microseconds", RoundedMicroseconds(reason.p50_microseconds)},
         {"p99_microseconds", RoundedMicroseconds(reason.p99_microseconds)},
         {"points", JsonReasonPoints(points, of.number)}});
  }
  object["points"] = JsonPoints(points);
  return object;
}

// The places of those VMs that cost most, in the order in which they came.
std::vector<size_t> MostCostly(const std::vector<VmSnapshot>& vms, size_t max) {
  std::vector<size_t> places(vms.size());
  std::iota(places.begin(), places.end(), 0);
  if (places.size() <= max) return places;
  std::vector<std::pair<uint64_t, uint64_t>> costs;
  for (const VmSnapshot& vm : vms) {
    const VmSummary& all = vm.exits.vm;
    costs.emplace_back(all.time ? CostCycles(*all.time) : 0, all.exits);
  }
  std::ranges::stable_sort(places, std::ranges::greater{}, [&](size_t i) { return costs[i]; });
  places.resize(max);
  std::ranges::sort(places);
  return places;
}

}  // namespace

std::string FormatHistoryJson(const HistoryReport& report, size_t max_vms) {
  const HostDifference all = report.history.Whole();
  const HostReport whole = BuildHostReport(all, report.source, {});
  ordered_json object = {
      {"format", "kvm-exits-report"},
      {"format_version", 1},
      {"program_version", KVM_EXITS_VERSION},
      {"file", report.file},
      {"host", report.host},
      {"kernel", report.kernel},
      {"source", report.source.name},
      {"limits", report.source.limits},
      {"problem", report.problem},
      {"vm", report.vm.empty() ? ordered_json(nullptr) : ordered_json(report.vm)},
      {"isa", whole.isa ? ordered_json(IsaName(*whole.isa)) : nullptr},
      {"begin", FormatTime(report.begin.wall)},
      {"end", FormatTime(report.end.wall)},
      {"seconds", RoundedSeconds(report.history.Length().count())},
      {"samples", report.samples},
      {"lost_exits", whole.lost}};
  object["ended_exits"] = whole.ended_exits;
  object["restarted"] = ordered_json::array();
  for (const VmIdentity& vm : whole.restarted) object["restarted"].push_back(JsonIdentity(vm));
  object["clock_set_seconds"] =
      IsClockSet(report) ? RoundedSeconds(report.clock_set.count()) : ordered_json(nullptr);
  object["gaps"] = ordered_json::array();
  for (const auto& gap : report.gaps) {
    object["gaps"].push_back({{"begin_seconds", RoundedSeconds(gap.begin.count())},
                              {"seconds", RoundedSeconds(gap.length.count())}});
  }
  object["all"] =
      whole.all ? JsonSeries(*whole.all, report.history.Points()) : ordered_json(nullptr);
  object["vm_count"] = report.history.Vms().size();
  object["vms"] = ordered_json::array();
  // Those of the one are in the order of the other.
  for (const size_t i : MostCostly(all.snapshot.vms, max_vms)) {
    const VmHistory& vm = report.history.Vms()[i];
    ordered_json series = JsonIdentity(vm.identity);
    series["vcpus"] = vm.vcpu_count;
    series.update(JsonSeries(BuildHostRow(all.snapshot.vms[i], {}), vm.points));
    object["vms"].push_back(std::move(series));
  }
  object["explanations"] = ordered_json::array();
  if (whole.all && whole.isa) {
    for (const ReportRow& row : whole.all->report.rows) {
      const ExitReason& reason = row.count.reason;
      const Explanation* const explanation = FindExplanation(*whole.isa, reason.number);
      if (explanation == nullptr) continue;
      ordered_json one = {{"reason", reason.number}, {"name", reason.name}};
      one.update(JsonExplanation(*explanation, *whole.isa, reason.name));
      object["explanations"].push_back(std::move(one));
    }
  }
  return JsonLine(object);
}

}  // namespace kvm_exits
