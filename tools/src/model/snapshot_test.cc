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
  after.vm.time->of_state[0] += 9;
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

}  // namespace
}  // namespace kvm_exits
