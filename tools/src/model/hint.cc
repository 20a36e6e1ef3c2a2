// SPDX-License-Identifier: GPL-2.0-only
#include "model/hint.h"

namespace kvm_exits {
namespace {

bool IsAtLeast(std::optional<double> measured, std::optional<double> min) {
  return !min || (measured && *measured >= *min);
}

bool IsAtMost(std::optional<double> measured, std::optional<double> max) {
  return !max || (measured && *measured <= *max);
}

}  // namespace

bool Hint::Holds(const ReasonMeasurement& measured) const {
  std::optional<double> state_share;
  if (measured.state_share) state_share = (*measured.state_share)[static_cast<size_t>(state)];
  return measured.exits != 0 && IsAtLeast(static_cast<double>(measured.exits), min_exits) &&
         IsAtLeast(measured.exit_share, min_exit_share) &&
         IsAtLeast(measured.time_share, min_time_share) &&
         IsAtLeast(measured.exits_per_second, min_exits_per_second) &&
         IsAtLeast(measured.mean_us, min_mean_us) && IsAtMost(measured.mean_us, max_mean_us) &&
         IsAtLeast(state_share, min_state_share);
}

}  // namespace kvm_exits
