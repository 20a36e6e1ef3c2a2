// SPDX-License-Identifier: GPL-2.0-only
#include "view/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/printable.h"
#include "view/grid.h"
#include "view/json_parts.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMinColumns = 80;
// What the columns behind the name take
constexpr size_t kNumbers = 63;
constexpr size_t kMaxName = 24;

// "1.03x", "12.3x", "123x"; "~" before it: noise.
std::string FactorText(const Change& change, double a, double b) {
  std::string text = "-";
  if (change.factor) {
    constexpr double kMax = 9999;
    const double factor = *change.factor;
    if (factor == 0) {
      text = "gone";
    } else if (factor >= kMax) {
      text = ">9999x";
    } else {
      // Three digits, also of what is rounded up
      text = fmt::format("{:.{}f}x", factor, factor < 9.995 ? 2 : factor < 99.95 ? 1 : 0);
    }
    if (change.is_noise && factor >= 999.5) text = ">999x";
  } else if (a == 0 && b > 0) {
    text = "new";
  } else {
    return text;
  }
  return (change.is_noise ? "~" : "") + text;
}

std::optional<double> P99(const ReasonRates& rates) {
  if (!rates.p99 || rates.clock_khz == 0) return std::nullopt;
  return Middle(*rates.p99) / rates.clock_khz * 1000;
}

std::optional<double> Mean(const std::optional<Rate>& rate) {
  return rate ? std::optional(rate->mean) : std::nullopt;
}

std::optional<double> CostMicroseconds(const ReasonRates& rates) {
  const auto mean = Mean(rates.cost);
  return mean ? std::optional(*mean * 1e6) : std::nullopt;
}

// The first ones, and all that it fails for
std::vector<ReasonComparison> Shown(const ComparisonReport& report) {
  std::vector<ReasonComparison> shown;
  for (const ReasonComparison& comparison : report.reasons) {
    if (!report.limit || shown.size() < *report.limit || report.Fails(comparison)) {
      shown.push_back(comparison);
    }
  }
  return shown;
}

std::vector<std::string> Cells(const ReasonComparison& comparison, bool fails) {
  const ReasonRates& a = comparison.a;
  const ReasonRates& b = comparison.b;
  const auto cost_a = CostMicroseconds(a);
  const auto cost_b = CostMicroseconds(b);
  return {std::string(a.reason.name),
          ShortCount(a.exits_per_second.mean),
          ShortCount(b.exits_per_second.mean),
          FactorText(comparison.exits, a.exits_per_second.mean, b.exits_per_second.mean),
          ShortTime(cost_a),
          ShortTime(cost_b),
          cost_a && cost_b ? FactorText(comparison.cost, *cost_a, *cost_b) : "-",
          ShortTime(P99(a)),
          ShortTime(P99(b)),
          FactorText(comparison.p99, 1, 1),
          fails ? "!" : ""};
}

std::string TimeText(char name, const ComparedTime& time, size_t columns) {
  const double seconds = time.seconds;
  const std::string head = fmt::format("{}  {:.1f} s from {}, {}, ", name, seconds,
                                       FormatTime(time.begin.wall), time.source);
  const size_t left = columns > head.size() ? columns - head.size() : 1;
  return head + FitMiddle(Printable(time.file), left) + "\n";
}

ordered_json JsonTime(const ComparedTime& time) {
  return {{"file", time.file},
          {"source", time.source},
          {"begin", FormatTime(time.begin.wall)},
          {"end", FormatTime(time.end.wall)},
          {"seconds", time.seconds}};
}

ordered_json JsonRate(const std::optional<Rate>& rate) {
  if (!rate) return nullptr;
  return {{"mean", rate->mean}, {"standard_error", std::sqrt(rate->variance)}};
}

ordered_json JsonSide(const ReasonRates& rates) {
  return {{"exits", rates.exits},
          {"exits_per_second", JsonRate(rates.exits_per_second)},
          {"busy_seconds_per_second", JsonRate(rates.cost)},
          {"p99_microseconds", OrNull(P99(rates))}};
}

ordered_json JsonChange(const Change& change) {
  return {{"factor", OrNull(change.factor)}, {"is_noise", change.is_noise}};
}

ordered_json JsonComparison(const ReasonComparison& comparison) {
  return {{"a", JsonSide(comparison.a)},
          {"b", JsonSide(comparison.b)},
          {"exits", JsonChange(comparison.exits)},
          {"busy_seconds", JsonChange(comparison.cost)},
          {"p99", JsonChange(comparison.p99)}};
}

}  // namespace

bool ComparisonReport::Fails(const ReasonComparison& comparison) const {
  return fail_above && comparison.max_share_percent >= min_share_percent &&
         HasGrown(comparison, *fail_above);
}

bool ComparisonReport::HasFailed() const {
  return std::ranges::any_of(reasons, [&](const ReasonComparison& each) { return Fails(each); });
}

std::string FormatComparison(const ComparisonReport& report, size_t columns) {
  const size_t width = std::max(columns, kMinColumns);
  const size_t name = std::min(kMaxName, width - kNumbers);
  const Grid grid{.columns = {{.title = "REASON", .width = name, .is_text = true, .is_name = true},
                              {.title = "A", .width = 6},
                              {.title = "B", .width = 6},
                              {.title = "FACTOR", .width = 6},
                              {.title = "A", .width = 6},
                              {.title = "B", .width = 6},
                              {.title = "FACTOR", .width = 6},
                              {.title = "A", .width = 6},
                              {.title = "B", .width = 6},
                              {.title = "FACTOR", .width = 6},
                              {.title = "", .width = 1, .is_text = true}},
                  .rows = {}};
  std::string text = fmt::format("{} exits of {}\n", report.isa ? IsaName(*report.isa) : "VM",
                                 report.vm.empty() ? "all VMs" : "VM " + Printable(report.vm));
  text += TimeText('A', report.a, width) + TimeText('B', report.b, width);
  text += fmt::format("{:{}} {:>20} {:>20} {:>20}\n", "", name, "EXITS/s", "BUSY/s", "P99");
  text += FormatTitles(grid) + "\n";
  for (const ReasonComparison& comparison : Shown(report)) {
    text += FormatCells(grid, Cells(comparison, report.Fails(comparison))) + "\n";
  }
  text += FormatCells(grid, Cells(report.all, false)) + "\n";
  text +=
      "BUSY/s: time in exits in each second, without halted.  ~: no more than what A and\n"
      "B each vary by\n";
  if (!report.fail_above) return text;
  text +=
      report.HasFailed()
          ? fmt::format("!: {:g} times A or more, of at least {:g} % of exits or time\n",
                        *report.fail_above, report.min_share_percent)
          : fmt::format("nothing is {:g} times A or more, of at least {:g} % of exits or time\n",
                        *report.fail_above, report.min_share_percent);
  return text;
}

std::string FormatComparisonJson(const ComparisonReport& report) {
  ordered_json object = {
      {"isa", report.isa ? ordered_json(IsaName(*report.isa)) : nullptr},
      {"vm", report.vm.empty() ? ordered_json(nullptr) : ordered_json(report.vm)},
      {"a", JsonTime(report.a)},
      {"b", JsonTime(report.b)},
      {"fail_above", OrNull(report.fail_above)},
      {"min_share_percent", report.min_share_percent},
      {"has_failed", report.HasFailed()}};
  object["all"] = JsonComparison(report.all);
  object["reasons"] = ordered_json::array();
  for (const ReasonComparison& comparison : Shown(report)) {
    const ExitReason& of = comparison.a.reason;
    const bool is_unknown = of.number == kUnknownReason.number;
    ordered_json reason = {{"reason", is_unknown ? ordered_json(nullptr) : ordered_json(of.number)},
                           {"name", of.name},
                           {"max_share_percent", comparison.max_share_percent},
                           {"fails", report.Fails(comparison)}};
    reason.update(JsonComparison(comparison));
    object["reasons"].push_back(std::move(reason));
  }
  return JsonLine(object);
}

}  // namespace kvm_exits
