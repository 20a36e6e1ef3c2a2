// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_DURATIONS_H_
#define KVM_EXITS_MODEL_DURATIONS_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace kvm_exits {

// Exits that took from `from` to below `below`, in whatever the source counts time in.
struct DurationBin {
  uint64_t from;
  uint64_t below;  // 0: no end, what was longer than all bins
  uint64_t exits;

  bool operator==(const DurationBin&) const = default;
};

// How long exits take: bins that ascend and do not overlap.  Those without an exit may
// be absent.
using Durations = std::vector<DurationBin>;

// Adds the exits of `more`, whose bins are of the same kind.
void Add(const Durations& more, Durations& durations);

// Returns the exits from `before` to `after`, or nothing where one of the bins fell.
std::optional<Durations> Difference(const Durations& before, const Durations& after);

// The middle of what a bin is of; of one without an end, its beginning.
double Middle(const DurationBin& bin);

// Returns the bin in which the part `part` of the exits is reached.  Nothing where there are no
// exits.
std::optional<DurationBin> QuantileBin(const Durations& durations, double part);

// Returns the duration that the part `part` (0.5: half) of the exits do not exceed:
// the middle of the bin it is in, which is as exact as the bins are.  Nothing where
// there are no exits.
std::optional<double> Quantile(const Durations& durations, double part);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_DURATIONS_H_
