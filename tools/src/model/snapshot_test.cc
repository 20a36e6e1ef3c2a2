// SPDX-License-Identifier: GPL-2.0-only
#include "model/snapshot.h"

#include <gmock/gmock.h>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAreArray;

TEST(Snapshot, DifferenceIsTheExitsBetween) {
  const Snapshot before = MakeSnapshot();
  Snapshot after = before;
  after.vm.taken.steady += std::chrono::milliseconds(2500);
  after.vm.taken.wall += std::chrono::hours(1);  // a clock that was set has no say
  after.vm.exits += 5000000007;
  after.reasons[2].exits += 5000000000;
  after.reasons[4].exits += 7;

  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->vm.exits, 5000000007U);
  EXPECT_EQ(difference->vm.period, Seconds(2.5));
  EXPECT_EQ(difference->vm.taken.wall, after.vm.taken.wall);
  std::vector<ReasonCount> expected = before.reasons;
  for (ReasonCount& count : expected) count.exits = 0;
  expected[2].exits = 5000000000;
  expected[4].exits = 7;
  EXPECT_THAT(difference->reasons, ElementsAreArray(expected));
}

TEST(Snapshot, DifferenceHasTheSumOfItsReasonsForTotal) {
  const Snapshot before = MakeSnapshot();
  Snapshot after = before;
  // An exit that the total of the first reading had, and its reason's count had not.
  after.vm.exits += 6;
  after.reasons[4].exits += 7;
  after.reasons[5].exits += 2;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->vm.exits, 9U);
}

TEST(Snapshot, AReasonThatAppearsIsADifference) {
  const Snapshot before = MakeSnapshot();
  Snapshot after = before;
  const ReasonCount unnamed{{.number = 90, .name = kUnnamed}, 4};
  after.reasons.insert(after.reasons.end() - 1, unnamed);
  after.vm.exits += 4;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->vm.exits, 4U);
  EXPECT_EQ(difference->reasons[5], unnamed);
  EXPECT_FALSE(Difference(after, before).has_value());
}

TEST(Snapshot, NoDifferenceBetweenUnlikeCounts) {
  const Snapshot before = MakeSnapshot();
  EXPECT_TRUE(Difference(before, before).has_value());

  Snapshot after = before;
  after.vm.exits -= 1;
  EXPECT_FALSE(Difference(before, after).has_value());

  after = before;
  after.reasons[1].exits -= 1;
  EXPECT_FALSE(Difference(before, after).has_value());

  after = before;
  after.reasons.erase(after.reasons.begin() + 4);
  EXPECT_FALSE(Difference(before, after).has_value());

  after = before;
  after.vm.isa = Isa::kSvm;
  EXPECT_FALSE(Difference(before, after).has_value());
}

// The same, before the reader's exits are taken off: 9 when it read the reason
// CPUID, 11 when it read the total.
Snapshot MakeRawSnapshot() {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits += 11;
  snapshot.vm.reading_exits = 0;
  snapshot.reasons[1].exits += 9;
  snapshot.reader = {.in_cpuid = 9, .in_total = 11};
  return snapshot;
}

TEST(Snapshot, ReaderIsTakenOffCpuidAndTheTotal) {
  const Snapshot snapshot = WithoutReader(MakeRawSnapshot());
  EXPECT_EQ(snapshot.vm.exits, MakeSnapshot().vm.exits);
  EXPECT_EQ(snapshot.vm.reading_exits, 11U);
  std::vector<ReasonCount> expected = MakeSnapshot().reasons;
  expected[1].taken_off = snapshot.reasons[1].taken_off;
  EXPECT_GT(expected[1].taken_off, 0U);
  EXPECT_EQ(snapshot.reasons, expected);
}

TEST(Snapshot, DifferenceHasTheTimeBetween) {
  const Snapshot before = MakeTimedSnapshot();
  Snapshot after = before;
  after.reasons[1].exits += 2;
  *after.reasons[1].cycles += 500;
  *after.reasons[2].cycles += 70;
  after.vm.exits += 2;
  after.vm.time->in_exits += 560;  // another moment than that of the reasons
  *after.vm.time->of_state[0] += 9;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  ASSERT_TRUE(difference->vm.time.has_value());
  EXPECT_EQ(difference->vm.time->in_exits, 570U);
  EXPECT_EQ(difference->vm.time->of_state[0], 9U);
  EXPECT_EQ(difference->vm.time->of_state[3], 0U);
  EXPECT_EQ(difference->reasons[1].cycles, 500U);
  EXPECT_EQ(difference->reasons[3].cycles, std::nullopt);
}

TEST(Snapshot, ThereIsNoTimeBetweenLedgers) {
  const Snapshot before = MakeTimedSnapshot();
  Snapshot off = before;
  off.vm.time.reset();
  Snapshot anew = before;
  anew.vm.time->of_state[0] = 5;
  Snapshot less = before;
  less.reasons[1].cycles = 5;
  for (const Snapshot& after : {off, anew, less}) {
    const auto difference = Difference(before, after);
    ASSERT_TRUE(difference.has_value());
    EXPECT_FALSE(difference->vm.time.has_value());
    for (const ReasonCount& count : difference->reasons) EXPECT_FALSE(count.cycles.has_value());
  }
  EXPECT_FALSE(Difference(off, before)->vm.time.has_value());
}

TEST(Snapshot, ReaderOfADifferenceIsWhatItDidBetween) {
  const Snapshot before = MakeRawSnapshot();
  Snapshot after = before;
  after.reader = {.in_cpuid = 30, .in_total = 33};
  after.reasons[1].exits += 21 + 5;
  after.vm.exits += 22 + 5;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  const Snapshot snapshot = WithoutReader(*difference);
  EXPECT_EQ(snapshot.vm.reading_exits, 21U);
  EXPECT_EQ(snapshot.reasons[1].exits, 5U);
  EXPECT_EQ(snapshot.vm.exits, 5U);
}

TEST(Snapshot, CountsThatCannotHaveTheReaderInStayAsTheyAre) {
  Snapshot snapshot = MakeRawSnapshot();
  snapshot.reasons[1].exits = 8;
  EXPECT_EQ(WithoutReader(snapshot).vm.reading_exits, 0U);
  EXPECT_EQ(WithoutReader(snapshot).reasons, snapshot.reasons);
  EXPECT_EQ(WithoutReader(snapshot).vm.exits, snapshot.vm.exits);

  snapshot = MakeRawSnapshot();
  snapshot.vm.exits = 8589935591 + 9 + 1;  // the sum, and one of the two that were yet to come
  EXPECT_EQ(WithoutReader(snapshot).vm.reading_exits, 0U);

  snapshot = MakeRawSnapshot();
  snapshot.reasons.erase(snapshot.reasons.begin() + 1);
  EXPECT_EQ(WithoutReader(snapshot).vm.reading_exits, 0U);
}

// Of HLT and EPT_VIOLATION alone, with the states and histograms that a host tells.
Snapshot MakeFullSnapshot() {
  Snapshot snapshot = MakeTimedSnapshot();
  snapshot.vm.exits = 900;
  snapshot.reasons = {{.reason = {.number = 12, .name = "HLT"},
                       .exits = 600,
                       .cycles = 4200000,
                       .longest = 9000,
                       .of_state = {100, 200, 0, 4000000, 0, 0, 0},
                       .durations = Durations{{.from = 1024, .below = 1536, .exits = 600}}},
                      {.reason = {.number = 48, .name = "EPT_VIOLATION"},
                       .exits = 300,
                       .cycles = 840000,
                       .longest = 5000,
                       .of_state = {10, 20, 30, 0, 0, 0, 0},
                       .durations = Durations{{.from = 2048, .below = 3072, .exits = 300}}}};
  return snapshot;
}

TEST(Snapshot, DifferenceHasStatesAndDurationsOfEachReason) {
  const Snapshot before = MakeFullSnapshot();
  Snapshot after = before;
  after.vm.exits += 2;
  after.reasons[0].exits += 2;
  *after.reasons[0].cycles += 3000;
  *after.reasons[0].of_state[3] += 2500;
  after.reasons[0].durations->push_back({.from = 3072, .below = 4096, .exits = 2});
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->reasons[0].of_state, (StateCycles{0, 0, 0, 2500, 0, 0, 0}));
  EXPECT_EQ(difference->reasons[0].durations,
            (Durations{{.from = 3072, .below = 4096, .exits = 2}}));
  EXPECT_EQ(difference->reasons[1].durations, Durations{});
}

TEST(Snapshot, LongestOfADifferenceIsKnownWhereItIsNew) {
  const Snapshot before = MakeFullSnapshot();
  Snapshot after = before;
  after.reasons[1].longest = 5001;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->reasons[0].longest, std::nullopt);
  EXPECT_EQ(difference->reasons[1].longest, 5001U);
}

TEST(Snapshot, StatesThatAreNoLongerToldHaveNoDifference) {
  Snapshot before = MakeFullSnapshot();
  before.reasons[0].of_state[2] = 0;
  Snapshot after = MakeFullSnapshot();
  after.reasons[0].of_state[2].reset();
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->reasons[0].of_state[2], std::nullopt);
  EXPECT_EQ(difference->reasons[0].of_state[3], 0U);
}

TEST(Snapshot, OfOneReasonDurationsThatFellAreLeftOut) {
  const Snapshot before = MakeFullSnapshot();
  Snapshot after = before;
  after.reasons[0].durations->front().exits = 5;
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->reasons[0].durations, std::nullopt);
  EXPECT_TRUE(difference->reasons[0].cycles.has_value());
}

TEST(Snapshot, LongestOfSomeIsNotThatOfAll) {
  const ReasonCount told{.reason = {.number = 12, .name = "HLT"}, .exits = 1, .longest = 7};
  ReasonCount untold = told;
  untold.longest.reset();
  const auto longest_of = [](const ReasonCount& a, const ReasonCount& b) {
    Snapshot sum = MakeFullSnapshot();
    Snapshot more = sum;
    sum.reasons = {a};
    more.reasons = {b};
    Add(more, sum);
    return sum.reasons[0].longest;
  };
  EXPECT_EQ(longest_of(told, told), 7U);
  EXPECT_EQ(longest_of(told, untold), std::nullopt);
  EXPECT_EQ(longest_of(untold, told), std::nullopt);
  untold.exits = 0;
  EXPECT_EQ(longest_of(told, untold), 7U);
  EXPECT_EQ(longest_of(untold, told), 7U);
}

TEST(Snapshot, AddHasTheReasonsOfBoth) {
  Snapshot sum = MakeFullSnapshot();
  sum.reasons.erase(sum.reasons.begin());
  Snapshot more = MakeFullSnapshot();
  more.reasons[1].longest = 6000;
  more.reasons.push_back({.reason = kUnknownReason, .exits = 1});
  Add(more, sum);
  ASSERT_EQ(sum.reasons.size(), 3U);
  EXPECT_EQ(sum.reasons[0], MakeFullSnapshot().reasons[0]);
  EXPECT_EQ(sum.reasons[1].exits, 600U);
  EXPECT_EQ(sum.reasons[1].cycles, 1680000U);
  EXPECT_EQ(sum.reasons[1].longest, 6000U);
  EXPECT_EQ(sum.reasons[1].of_state, (StateCycles{20, 40, 60, 0, 0, 0, 0}));
  EXPECT_EQ(sum.reasons[1].durations, (Durations{{.from = 2048, .below = 3072, .exits = 600}}));
  EXPECT_EQ(sum.reasons[2].reason, kUnknownReason);
  EXPECT_EQ(sum.vm.exits, 1800U);
  EXPECT_EQ(sum.vm.time->in_exits, 10500000U);
  EXPECT_EQ(sum.vm.time->of_state[0], 4200000U);
}

TEST(Snapshot, AddToOneThatKnowsNoTime) {
  Snapshot sum = MakeSnapshot();
  sum.vm.clock_khz = 0;
  sum.reasons.clear();
  Add(MakeFullSnapshot(), sum);
  EXPECT_EQ(sum.vm.clock_khz, 2100000U);
  EXPECT_EQ(sum.vm.time, MakeFullSnapshot().vm.time);
  EXPECT_EQ(sum.reasons, MakeFullSnapshot().reasons);
}

TEST(Snapshot, AllTimeIsThatOfTheStatesOrElseInTheGuestAndInExits) {
  EXPECT_EQ(AllTime({.in_exits = 100, .of_state = {1, 2, 3, 4, 5, 6, 7}}), 28U);
  EXPECT_EQ(AllTime({.in_exits = 100, .of_state = {1}}), 101U);
  EXPECT_EQ(AllTime({}), 0U);
}

TEST(Snapshot, LeastHasTheLessOfEachReason) {
  const Snapshot a = MakeFullSnapshot();
  Snapshot b = a;
  b.reasons[0].exits = 7;
  *b.reasons[0].cycles += 1;
  b.reasons.pop_back();
  for (const Snapshot& least : {Least(a, b), Least(b, a)}) {
    EXPECT_EQ(least.reasons[0].exits, 7U);
    EXPECT_EQ(least.reasons[0].cycles, 4200000U);
    EXPECT_EQ(least.vm.exits, 7U);
  }
  EXPECT_EQ(Least(a, b).reasons[1].exits, 0U);
}

TEST(Snapshot, StartIsTakenOffAsFarAsItGoes) {
  Snapshot start = MakeFullSnapshot();
  start.reasons[0].exits = 100;
  start.reasons[0].cycles = 200000;
  start.reasons[1].exits = 301;
  start.reasons[1].cycles = 840001;
  Snapshot cost = MakeFullSnapshot();
  cost.vm.time->in_exits = 5040000;
  TakeOffStart(start, cost);
  EXPECT_EQ(cost.reasons[0].exits, 500U);
  EXPECT_EQ(cost.reasons[0].cycles, 4000000U);
  EXPECT_EQ(cost.reasons[1].exits, 0U);
  EXPECT_EQ(cost.reasons[1].cycles, 0U);
  EXPECT_EQ(cost.vm.exits, 500U);
  EXPECT_EQ(cost.vm.start_exits, 400U);
  EXPECT_EQ(cost.vm.time->in_exits, 4000000U);
}

TEST(Snapshot, StartThatCostNothingIsTold) {
  Snapshot cost = MakeFullSnapshot();
  TakeOffStart({.vm = cost.vm, .reasons = {}}, cost);
  EXPECT_EQ(cost.vm.start_exits, 0U);
  EXPECT_EQ(cost.reasons, MakeFullSnapshot().reasons);
}

}  // namespace
}  // namespace kvm_exits
