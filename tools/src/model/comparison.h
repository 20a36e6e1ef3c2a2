// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_COMPARISON_H_
#define KVM_EXITS_MODEL_COMPARISON_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/snapshot.h"

// Two times, and whether what differs between them is more than what each varies by.
namespace kvm_exits {

// A quantity in a second, and how well that is known.
struct Rate {
  double mean = 0;
  double variance = 0;  // of the mean
  double freedom = 1;   // degrees of it, of which the variance is known
};

// What one reason, or all of them, did in a time.
struct ReasonRates {
  ExitReason reason;
  uint64_t exits = 0;
  Rate exits_per_second = {};
  std::optional<Rate> cost =
      std::nullopt;  // seconds in exits in a second, without those that were halted
  std::optional<DurationBin> p99 = std::nullopt;
  uint32_t clock_khz = 0;  // of the bin
};

// The exits of a time, in intervals that follow each other.
class ExitCourse {
 public:
  // Adds those of an interval of `period` seconds; nothing: there were none.
  void Add(const std::optional<Snapshot>& exits, double period);

  double Length() const { return seconds_; }
  const std::optional<Snapshot>& Total() const { return total_; }

  // Of each reason that occurred, ascending by number.  The variance is that of up to 20 parts of
  // about the same length, so that what swings within a part does not count, and no less than
  // that of exits that know nothing of each other.  Cost is that of the intervals in which it is
  // told.
  std::vector<ReasonRates> Reasons() const;
  // Of all of them, under the name "all reasons".
  ReasonRates All() const;

 private:
  struct Amount {
    uint64_t number = 0;
    uint64_t exits = 0;
    double cost = 0;  // seconds
  };
  struct Interval {
    double seconds = 0;
    bool is_timed = false;
    std::vector<Amount> reasons;  // ascending by number
  };
  // Exits and cost in an interval
  using AmountOf = std::function<Amount(const Interval&)>;

  ReasonRates RatesOf(const ReasonCount& count, const AmountOf& amount_of) const;
  Rate RateOf(const AmountOf& amount_of, bool is_of_cost) const;

  double seconds_ = 0;
  std::optional<Snapshot> total_;
  std::vector<Interval> intervals_;
};

// How a quantity has changed.
struct Change {
  std::optional<double> factor;  // none: it was 0, or is not known
  bool is_noise = true;
};

struct ReasonComparison {
  ReasonRates a;
  ReasonRates b;
  Change exits;
  Change cost;
  Change p99;
  double max_share_percent = 0;  // of exits or cost, in the one of the two where it is more
};

// Compares two times of the same reason.  A rate's change is noise where Welch's t-test does not
// reject, at 0.1 %, that both have the same mean; that of a quantile where both are in the same
// bin or in neighbours, or there are fewer than 2000 exits in one.
ReasonComparison Compare(const ReasonRates& a, const ReasonRates& b);

// All reasons of both, those first whose cost, or where that is not told exits, differ most.
std::vector<ReasonComparison> Compare(const ExitCourse& a, const ExitCourse& b);

// Leaves out the cost, which two sources do not mean the same by.
void ForgetCost(ReasonComparison& comparison);

// Whether something has grown to `factor` times what it was, or from nothing, and is no noise: but
// for the quantile of HLT, which is the guest's sleep.
bool HasGrown(const ReasonComparison& comparison, double factor);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_COMPARISON_H_
