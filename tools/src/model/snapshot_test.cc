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
  after.reasons.pop_back();
  EXPECT_FALSE(Difference(before, after).has_value());

  after = before;
  after.reasons.back().reason.number += 1;
  EXPECT_FALSE(Difference(before, after).has_value());

  after = before;
  after.vm.isa = Isa::kSvm;
  EXPECT_FALSE(Difference(before, after).has_value());
}

}  // namespace
}  // namespace kvm_exits
