// SPDX-License-Identifier: GPL-2.0-only
#include "model/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace kvm_exits {
namespace {

constexpr size_t kParts = 20;
// Below the 1 % that the 99th percentile is about there should be more than a few.
constexpr uint64_t kExitsOfQuantile = 2000;
constexpr ExitReason kAllReasons = {.number = kUnknownReason.number + 1, .name = "all reasons"};

// Student's t that is exceeded, in either direction, with a probability of 0.1 %.
double CriticalT(double freedom) {
  struct Entry {
    double freedom;
    double t;
  };
  constexpr std::array kTable = {
      Entry{1, 636.619}, Entry{2, 31.599}, Entry{3, 12.924}, Entry{4, 8.610},  Entry{5, 6.869},
      Entry{6, 5.959},   Entry{7, 5.408},  Entry{8, 5.041},  Entry{9, 4.781},  Entry{10, 4.587},
      Entry{12, 4.318},  Entry{15, 4.073}, Entry{20, 3.850}, Entry{25, 3.725}, Entry{30, 3.646},
      Entry{40, 3.551},  Entry{60, 3.460}, Entry{120, 3.373}};
  // The one below: on the safe side
  const auto above = std::ranges::upper_bound(kTable, freedom, {}, &Entry::freedom);
  return above == kTable.begin() ? kTable.front().t : std::prev(above)->t;
}

std::optional<double> Factor(double a, double b) {
  return a > 0 ? std::optional(b / a) : std::nullopt;
}

Change ChangeOf(const Rate& a, const Rate& b) {
  Change change{.factor = Factor(a.mean, b.mean)};
  const double variance = a.variance + b.variance;
  if (variance <= 0) {
    change.is_noise = a.mean == b.mean;
    return change;
  }
  // Welch and Satterthwaite's approximation
  const double freedom =
      variance * variance /
      (a.variance * a.variance / a.freedom + b.variance * b.variance / b.freedom);
  change.is_noise = std::abs(b.mean - a.mean) <= CriticalT(freedom) * std::sqrt(variance);
  return change;
}

// In microseconds; without an end it is infinite.
std::pair<double, double> Range(const ReasonRates& rates) {
  const double unit = 1e6 / (1000.0 * rates.clock_khz);
  const auto from = static_cast<double>(rates.p99->from) * unit;
  return {from, rates.p99->below > 0 ? static_cast<double>(rates.p99->below) * unit : INFINITY};
}

Change ChangeOfP99(const ReasonRates& a, const ReasonRates& b) {
  if (!a.p99 || !b.p99 || a.clock_khz == 0 || b.clock_khz == 0) return {};
  const auto [a_from, a_below] = Range(a);
  const auto [b_from, b_below] = Range(b);
  const auto middle = [](const ReasonRates& rates) { return Middle(*rates.p99) / rates.clock_khz; };
  // Clocks of two hosts make neighbours that do not quite touch.
  constexpr double kNearly = 1.001;
  const bool touches = a_from <= b_below * kNearly && b_from <= a_below * kNearly;
  return {.factor = Factor(middle(a), middle(b)),
          .is_noise = touches || std::min(a.exits, b.exits) < kExitsOfQuantile};
}

double SharePercent(double part, double whole) { return whole > 0 ? part / whole * 100 : 0; }

double MaxShare(const ReasonRates& of, const ReasonRates& all) {
  const double exits = SharePercent(of.exits_per_second.mean, all.exits_per_second.mean);
  if (!of.cost || !all.cost) return exits;
  return std::max(exits, SharePercent(of.cost->mean, all.cost->mean));
}

}  // namespace

void ExitCourse::Add(const std::optional<Snapshot>& exits, double period) {
  if (period <= 0) return;
  seconds_ += period;
  Interval interval{.seconds = period, .is_timed = !exits || exits->vm.time, .reasons = {}};
  if (exits) {
    for (const ReasonCount& count : exits->reasons) {
      if (count.exits == 0 && count.cycles.value_or(0) == 0) continue;
      const uint64_t cost = exits->vm.time ? CostOf(count, exits->vm) : 0;
      interval.reasons.push_back({.number = count.reason.number,
                                  .exits = count.exits,
                                  .cost = SecondsOf(cost, exits->vm.clock_khz)});
    }
    if (total_) {
      kvm_exits::Add(*exits, *total_);
    } else {
      total_ = exits;
    }
  }
  intervals_.push_back(std::move(interval));
}

Rate ExitCourse::RateOf(const AmountOf& amount_of, bool is_of_cost) const {
  struct Part {
    double seconds = 0;
    double amount = 0;
  };
  std::vector<const Interval*> intervals;
  for (const Interval& interval : intervals_) {
    if (!is_of_cost || interval.is_timed) intervals.push_back(&interval);
  }
  if (intervals.empty()) return {};
  const size_t nr_parts = std::min(kParts, intervals.size());
  std::vector<Part> parts(nr_parts);
  Part all;
  double exits = 0;
  for (size_t i = 0; i < intervals.size(); ++i) {
    const Amount amount = amount_of(*intervals[i]);
    const double more = is_of_cost ? amount.cost : static_cast<double>(amount.exits);
    exits += static_cast<double>(amount.exits);
    for (Part* const part : {&parts[i * nr_parts / intervals.size()], &all}) {
      part->seconds += intervals[i]->seconds;
      part->amount += more;
    }
  }
  Rate rate{.mean = all.amount / all.seconds, .variance = 0, .freedom = 1};
  double squares = 0;
  for (const Part& part : parts) {
    const double difference = part.amount / part.seconds - rate.mean;
    squares += part.seconds / all.seconds * difference * difference;
  }
  if (nr_parts > 1) {
    rate.freedom = static_cast<double>(nr_parts - 1);
    rate.variance = squares / rate.freedom;
  }
  // Poisson's, of exits that take the same
  if (exits > 0) rate.variance = std::max(rate.variance, rate.mean * rate.mean / exits);
  return rate;
}

ReasonRates ExitCourse::RatesOf(const ReasonCount& count, const AmountOf& amount_of) const {
  ReasonRates rates{.reason = count.reason};
  for (const Interval& interval : intervals_) rates.exits += amount_of(interval).exits;
  rates.exits_per_second = RateOf(amount_of, false);
  const bool is_timed = std::ranges::any_of(
      intervals_, [](const Interval& each) { return each.is_timed && !each.reasons.empty(); });
  if (is_timed) rates.cost = RateOf(amount_of, true);
  if (count.durations) rates.p99 = QuantileBin(*count.durations, 0.99);
  rates.clock_khz = total_->vm.clock_khz;
  return rates;
}

std::vector<ReasonRates> ExitCourse::Reasons() const {
  std::vector<ReasonRates> reasons;
  if (!total_) return reasons;
  for (const ReasonCount& count : total_->reasons) {
    if (count.exits == 0 && count.cycles.value_or(0) == 0) continue;
    const uint64_t number = count.reason.number;
    reasons.push_back(RatesOf(count, [number](const Interval& interval) {
      const auto found = std::ranges::lower_bound(interval.reasons, number, {}, &Amount::number);
      return found != interval.reasons.end() && found->number == number ? *found : Amount{};
    }));
  }
  return reasons;
}

ReasonRates ExitCourse::All() const {
  if (!total_) return {.reason = kAllReasons};
  return RatesOf({.reason = kAllReasons, .exits = 0}, [](const Interval& interval) {
    Amount all;
    for (const Amount& amount : interval.reasons) {
      all.exits += amount.exits;
      all.cost += amount.cost;
    }
    return all;
  });
}

ReasonComparison Compare(const ReasonRates& a, const ReasonRates& b) {
  ReasonComparison comparison{.a = a,
                              .b = b,
                              .exits = ChangeOf(a.exits_per_second, b.exits_per_second),
                              .cost = {},
                              .p99 = ChangeOfP99(a, b)};
  if (a.cost && b.cost) comparison.cost = ChangeOf(*a.cost, *b.cost);
  return comparison;
}

void ForgetCost(ReasonComparison& comparison) {
  comparison.a.cost.reset();
  comparison.b.cost.reset();
  comparison.cost = {};
}

std::vector<ReasonComparison> Compare(const ExitCourse& a, const ExitCourse& b) {
  const std::vector<ReasonRates> of_a = a.Reasons();
  const std::vector<ReasonRates> of_b = b.Reasons();
  const ReasonRates all_a = a.All();
  const ReasonRates all_b = b.All();
  std::map<uint64_t, std::pair<const ReasonRates*, const ReasonRates*>> pairs;
  for (const ReasonRates& rates : of_a) pairs[rates.reason.number].first = &rates;
  for (const ReasonRates& rates : of_b) pairs[rates.reason.number].second = &rates;
  // One that did not occur in a time has a rate of nothing there.
  const auto nothing = [](const ReasonRates& other, const ReasonRates& all) {
    ReasonRates none{.reason = other.reason};
    none.exits_per_second.freedom = all.exits_per_second.freedom;
    if (all.cost) none.cost = Rate{.freedom = all.cost->freedom};
    return none;
  };
  std::vector<ReasonComparison> comparisons;
  for (const auto& [number, pair] : pairs) {
    comparisons.push_back(
        Compare(pair.first != nullptr ? *pair.first : nothing(*pair.second, all_a),
                pair.second != nullptr ? *pair.second : nothing(*pair.first, all_b)));
    ReasonComparison& comparison = comparisons.back();
    comparison.max_share_percent =
        std::max(MaxShare(comparison.a, all_a), MaxShare(comparison.b, all_b));
  }
  std::ranges::stable_sort(comparisons, std::ranges::greater{}, [](const ReasonComparison& each) {
    return each.a.cost && each.b.cost
               ? std::abs(each.b.cost->mean - each.a.cost->mean)
               : std::abs(each.b.exits_per_second.mean - each.a.exits_per_second.mean);
  });
  return comparisons;
}

bool HasGrown(const ReasonComparison& comparison, double factor) {
  const auto has_grown = [&](const Change& change, double before, double after) {
    if (change.is_noise || after <= before) return false;
    return !change.factor || *change.factor >= factor;
  };
  const ReasonRates& a = comparison.a;
  const ReasonRates& b = comparison.b;
  if (has_grown(comparison.exits, a.exits_per_second.mean, b.exits_per_second.mean)) return true;
  if (a.cost && b.cost && has_grown(comparison.cost, a.cost->mean, b.cost->mean)) return true;
  // That of HLT is how long the guest had nothing to do.
  if (a.reason.name == "HLT") return false;
  return comparison.p99.factor && has_grown(comparison.p99, 1, *comparison.p99.factor);
}

}  // namespace kvm_exits
