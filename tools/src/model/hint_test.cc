// SPDX-License-Identifier: GPL-2.0-only
#include "model/hint.h"

#include <gmock/gmock.h>

#include <limits>

namespace kvm_exits {
namespace {

// Everything was measured, and is 50.
ReasonMeasurement Measured() {
  std::array<double, kVcpuStates> states = {};
  states[static_cast<size_t>(VcpuState::kVmm)] = 50;
  return {.exits = 50,
          .exit_share = 50,
          .time_share = 50,
          .exits_per_second = 50,
          .mean_us = 50,
          .state_share = states};
}

TEST(Hint, WithoutConditionsNeedsAnExit) {
  EXPECT_TRUE(Hint().Holds({.exits = 1}));
  EXPECT_FALSE(Hint().Holds({}));
}

TEST(Hint, HoldsFromItsBoundOn) {
  for (auto Hint::*const min :
       {&Hint::min_exits, &Hint::min_exit_share, &Hint::min_time_share, &Hint::min_exits_per_second,
        &Hint::min_mean_us, &Hint::min_state_share}) {
    Hint hint;
    hint.state = VcpuState::kVmm;
    hint.*min = 50;
    EXPECT_TRUE(hint.Holds(Measured()));
    hint.*min = 50.1;
    EXPECT_FALSE(hint.Holds(Measured()));
  }
  Hint hint;
  hint.max_mean_us = 50;
  EXPECT_TRUE(hint.Holds(Measured()));
  hint.max_mean_us = 49.9;
  EXPECT_FALSE(hint.Holds(Measured()));
}

TEST(Hint, IsOfItsState) {
  Hint hint;
  hint.state = VcpuState::kHalted;
  hint.min_state_share = 1;
  EXPECT_FALSE(hint.Holds(Measured()));
}

TEST(Hint, NeedsWhatItIsOf) {
  for (auto Hint::*const bound :
       {&Hint::min_exit_share, &Hint::min_time_share, &Hint::min_exits_per_second,
        &Hint::min_mean_us, &Hint::max_mean_us, &Hint::min_state_share}) {
    Hint hint;
    hint.*bound = 0;
    EXPECT_FALSE(hint.Holds({.exits = 1000}));
  }
}

TEST(Hint, HoldsOnlyAsAWhole) {
  Hint hint;
  hint.min_exit_share = 50;
  hint.min_mean_us = 51;
  EXPECT_FALSE(hint.Holds(Measured()));
  hint.min_mean_us = 50;
  EXPECT_TRUE(hint.Holds(Measured()));
}

TEST(Hint, NotANumberDoesNotHold) {
  ReasonMeasurement measured = Measured();
  measured.mean_us = std::numeric_limits<double>::quiet_NaN();
  Hint hint;
  hint.max_mean_us = 100;
  EXPECT_FALSE(hint.Holds(measured));
}

}  // namespace
}  // namespace kvm_exits
