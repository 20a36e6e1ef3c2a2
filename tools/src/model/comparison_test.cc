// SPDX-License-Identifier: GPL-2.0-only
#include "model/comparison.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace kvm_exits {
namespace {

using ::testing::DoubleNear;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ExitReason kHlt = {.number = 12, .name = "HLT"};
constexpr ExitReason kMsrWrite = {.number = 32, .name = "MSR_WRITE"};

Snapshot Exits(std::vector<ReasonCount> reasons, bool is_timed = false) {
  Snapshot exits{.vm = {.isa = Isa::kVmx,
                        .clock_khz = is_timed ? 2000000U : 0U,
                        .taken = {},
                        .period = std::nullopt,
                        .exits = 0},
                 .reasons = std::move(reasons)};
  if (is_timed) exits.vm.time.emplace();
  return exits;
}

// Intervals of a second, in each of which there are so many exits for MSR_WRITE, about.
ExitCourse MakeCourse(int seconds, double mean, double deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> exits(mean, deviation);
  ExitCourse course;
  for (int i = 0; i < seconds; ++i) {
    const auto count = static_cast<uint64_t>(std::max(0.0, std::round(exits(random))));
    course.Add(Exits({{.reason = kMsrWrite, .exits = count}}), 1);
  }
  return course;
}

TEST(ExitCourse, HasRatesAndWhatTheyVaryBy) {
  ExitCourse course;
  for (const uint64_t exits : {90, 110, 90, 110}) {
    course.Add(Exits({{.reason = kMsrWrite, .exits = exits}}), 1);
  }
  const auto reasons = course.Reasons();
  ASSERT_THAT(reasons, SizeIs(1));
  EXPECT_EQ(reasons[0].reason, kMsrWrite);
  EXPECT_EQ(reasons[0].exits, 400U);
  EXPECT_EQ(reasons[0].exits_per_second.mean, 100);
  EXPECT_EQ(reasons[0].exits_per_second.freedom, 3);
  // 100 of the parts, of which there are 4, so 3 degrees of freedom: 100 / 3
  EXPECT_THAT(reasons[0].exits_per_second.variance, DoubleNear(33.333, 0.001));
  EXPECT_FALSE(reasons[0].cost);
  EXPECT_FALSE(reasons[0].p99);
  EXPECT_EQ(course.Length(), 4);
}

TEST(ExitCourse, VariesNoLessThanExitsThatKnowNothingOfEachOther) {
  ExitCourse course;
  for (int i = 0; i < 4; ++i) course.Add(Exits({{.reason = kMsrWrite, .exits = 100}}), 1);
  // 400 exits, give or take 20, in 4 seconds
  EXPECT_EQ(course.Reasons().at(0).exits_per_second.variance, 25);
}

TEST(ExitCourse, IntervalsOfOtherLengths) {
  ExitCourse course;
  course.Add(Exits({{.reason = kMsrWrite, .exits = 10}}), 0.1);
  course.Add(Exits({{.reason = kMsrWrite, .exits = 90}}), 0.9);
  course.Add(Exits({{.reason = kMsrWrite, .exits = 1000000}}), 0);  // none at all
  const auto reasons = course.Reasons();
  EXPECT_EQ(reasons.at(0).exits_per_second.mean, 100);
  EXPECT_EQ(reasons.at(0).exits_per_second.variance, 100) << "that of 100 exits in a second";
}

TEST(ExitCourse, CostIsWithoutHalted) {
  ExitCourse course;
  StateCycles states{};
  states.fill(0);
  states[static_cast<size_t>(VcpuState::kHalted)] = 3000000000;
  course.Add(Exits({{.reason = kHlt, .exits = 4, .cycles = 4000000000, .of_state = states},
                    {.reason = kMsrWrite, .exits = 5, .cycles = 1000000000}},
                   true),
             2);
  const auto reasons = course.Reasons();
  ASSERT_THAT(reasons, SizeIs(2));
  ASSERT_TRUE(reasons[0].cost);
  EXPECT_EQ(reasons[0].cost->mean, 0.25);
  EXPECT_EQ(reasons[1].cost->mean, 0.25);
  EXPECT_EQ(course.All().cost->mean, 0.5);
  EXPECT_EQ(course.All().exits, 9U);
}

TEST(ExitCourse, CostIsOfTheTimeInWhichItIsTold) {
  ExitCourse course;
  for (int i = 0; i < 4; ++i) {
    course.Add(Exits({{.reason = kMsrWrite, .exits = 5, .cycles = 1000000000}}, i >= 2), 1);
  }
  course.Add(std::nullopt, 1);
  const auto reasons = course.Reasons();
  EXPECT_EQ(reasons.at(0).exits_per_second.mean, 4);
  EXPECT_EQ(reasons.at(0).cost->mean * 3, 1.0);
}

TEST(ExitCourse, P99IsTheBinWhereItIsReached) {
  ExitCourse course;
  course.Add(Exits({{.reason = kHlt,
                     .exits = 100,
                     .durations = Durations{{.from = 4, .below = 6, .exits = 98},
                                            {.from = 64, .below = 96, .exits = 1},
                                            {.from = 128, .below = 0, .exits = 1}}}}),
             1);
  EXPECT_EQ(course.Reasons().at(0).p99, (DurationBin{.from = 64, .below = 96, .exits = 1}));
}

TEST(ExitCourse, OfNothing) {
  EXPECT_THAT(ExitCourse().Reasons(), IsEmpty());
  EXPECT_EQ(ExitCourse().All().exits, 0U);
  EXPECT_THAT(Compare(ExitCourse(), ExitCourse()), IsEmpty());
}

TEST(Comparison, TheSameIsNoiseAsOftenAsItSays) {
  int found = 0;
  constexpr unsigned kTries = 2000;
  for (unsigned seed = 0; seed < kTries; ++seed) {
    const auto a = MakeCourse(60, 1000, 200, 2 * seed);
    const auto b = MakeCourse(60, 1000, 200, 2 * seed + 1);
    found += Compare(a.All(), b.All()).exits.is_noise ? 0 : 1;
  }
  // At 0.1 % it is 2, and 9 or more once in 4000 times.
  EXPECT_LT(found, 9);
}

TEST(Comparison, WhatDiffersIsFound) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto comparison = Compare(MakeCourse(60, 1000, 200, seed).All(),
                                    MakeCourse(60, 1300, 200, seed + 1000).All());
    EXPECT_FALSE(comparison.exits.is_noise) << seed;
    EXPECT_THAT(*comparison.exits.factor, DoubleNear(1.3, 0.2));
  }
}

TEST(Comparison, OfASingleIntervalEachLittleIsKnown) {
  const auto comparison = Compare(MakeCourse(1, 1000, 0, 1).All(), MakeCourse(1, 1300, 0, 1).All());
  EXPECT_TRUE(comparison.exits.is_noise);
}

TEST(Comparison, AReasonThatIsNewOrGone) {
  const ExitCourse none = MakeCourse(20, 0, 0, 1);
  const ExitCourse some = MakeCourse(20, 100, 10, 1);
  const auto began = Compare(none, some);
  ASSERT_THAT(began, SizeIs(1));
  EXPECT_EQ(began[0].exits.factor, std::nullopt);
  EXPECT_FALSE(began[0].exits.is_noise);
  EXPECT_EQ(began[0].max_share_percent, 100);
  EXPECT_TRUE(HasGrown(began[0], 1000));
  const auto gone = Compare(some, none);
  EXPECT_EQ(gone.at(0).exits.factor, 0);
  EXPECT_FALSE(gone.at(0).exits.is_noise);
  EXPECT_FALSE(HasGrown(gone[0], 2));
}

TEST(Comparison, HasGrownFromThatFactorOn) {
  const auto comparison =
      Compare(MakeCourse(20, 1000, 1, 1).All(), MakeCourse(20, 2500, 1, 2).All());
  EXPECT_TRUE(HasGrown(comparison, 2.4));
  EXPECT_FALSE(HasGrown(comparison, 2.6));
}

ReasonRates WithP99(uint64_t from, uint64_t below, uint64_t exits = 5000, uint32_t khz = 1000000,
                    ExitReason reason = kMsrWrite) {
  return {.reason = reason,
          .exits = exits,
          .p99 = DurationBin{.from = from, .below = below, .exits = 1},
          .clock_khz = khz};
}

TEST(Comparison, QuantilesOfNeighboursAreNoise) {
  EXPECT_TRUE(Compare(WithP99(64, 96), WithP99(64, 96)).p99.is_noise);
  EXPECT_TRUE(Compare(WithP99(64, 96), WithP99(96, 128)).p99.is_noise);
  EXPECT_TRUE(Compare(WithP99(96, 128), WithP99(64, 96)).p99.is_noise);
  EXPECT_FALSE(Compare(WithP99(64, 96), WithP99(128, 192)).p99.is_noise);
  EXPECT_EQ(Compare(WithP99(64, 96), WithP99(128, 192)).p99.factor, 2);
  EXPECT_TRUE(HasGrown(Compare(WithP99(64, 96), WithP99(128, 192)), 2));
  EXPECT_FALSE(HasGrown(Compare(WithP99(128, 192), WithP99(64, 96)), 2));
  EXPECT_TRUE(HasGrown(Compare(WithP99(0, 2), WithP99(1024, 1536)), 2));
  EXPECT_FALSE(HasGrown(
      Compare(WithP99(64, 96, 5000, 1000000, kHlt), WithP99(1024, 1536, 5000, 1000000, kHlt)), 2))
      << "the guest slept longer";
}

TEST(Comparison, QuantilesOfFewExitsAreNoise) {
  EXPECT_TRUE(Compare(WithP99(64, 96, 1999), WithP99(1024, 1536)).p99.is_noise);
}

TEST(Comparison, QuantilesOfOtherClocks) {
  EXPECT_TRUE(
      Compare(WithP99(64, 96, 5000, 1000000), WithP99(128, 192, 5000, 2000000)).p99.is_noise);
  EXPECT_FALSE(
      Compare(WithP99(64, 96, 5000, 1000000), WithP99(64, 96, 5000, 4000000)).p99.is_noise);
}

TEST(Comparison, WhatCostsMostOfTheDifferenceIsFirst) {
  ExitCourse a;
  ExitCourse b;
  const auto exits = [](uint64_t hlt, uint64_t msr) {
    return Exits({{.reason = kHlt, .exits = 10, .cycles = hlt},
                  {.reason = kMsrWrite, .exits = 1000, .cycles = msr}},
                 true);
  };
  a.Add(exits(1000, 5000), 1);
  b.Add(exits(9000, 5100), 1);
  const auto reasons = Compare(a, b);
  EXPECT_EQ(reasons.at(0).a.reason, kHlt);
  EXPECT_THAT(reasons.at(0).max_share_percent, DoubleNear(9000 * 100.0 / 14100, 0.01));
}

}  // namespace
}  // namespace kvm_exits
