// SPDX-License-Identifier: GPL-2.0-only
#include "model/durations.h"

#include <algorithm>
#include <cmath>

namespace kvm_exits {

double Middle(const DurationBin& bin) {
  const auto from = static_cast<double>(bin.from);
  if (bin.below <= bin.from) return from;
  return from + (static_cast<double>(bin.below) - from) / 2;
}

void Add(const Durations& more, Durations& durations) {
  for (const DurationBin& bin : more) {
    const auto found = std::ranges::lower_bound(durations, bin.from, {}, &DurationBin::from);
    if (found != durations.end() && found->from == bin.from) {
      found->exits += bin.exits;
    } else {
      durations.insert(found, bin);
    }
  }
}

std::optional<Durations> Difference(const Durations& before, const Durations& after) {
  Durations difference = after;
  auto bin = difference.begin();
  for (const DurationBin& earlier : before) {
    while (bin != difference.end() && bin->from < earlier.from) ++bin;
    const bool found = bin != difference.end() && bin->from == earlier.from;
    if (earlier.exits > (found ? bin->exits : 0)) return std::nullopt;
    if (found) bin->exits -= earlier.exits;
  }
  std::erase_if(difference, [](const DurationBin& each) { return each.exits == 0; });
  return difference;
}

std::optional<DurationBin> QuantileBin(const Durations& durations, double part) {
  double all = 0;
  for (const DurationBin& bin : durations) all += static_cast<double>(bin.exits);
  if (all == 0) return std::nullopt;
  const double wanted = std::max(1.0, std::ceil(part * all));
  double reached = 0;
  for (const DurationBin& bin : durations) {
    reached += static_cast<double>(bin.exits);
    if (reached >= wanted) return bin;
  }
  return durations.back();
}

std::optional<double> Quantile(const Durations& durations, double part) {
  const auto bin = QuantileBin(durations, part);
  return bin ? std::optional(Middle(*bin)) : std::nullopt;
}

}  // namespace kvm_exits
