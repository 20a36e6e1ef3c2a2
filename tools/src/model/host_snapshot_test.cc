// SPDX-License-Identifier: GPL-2.0-only
#include "model/host_snapshot.h"

#include <gmock/gmock.h>

#include "model/fake_vms.h"

namespace kvm_exits {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<VcpuSnapshot> MakeVcpus(uint64_t first, uint64_t second) {
  return {{.vcpu = 0, .exits = MakeExits(first)}, {.vcpu = 7, .exits = MakeExits(second)}};
}

TEST(HostSnapshot, DifferenceIsOfEachVm) {
  const HostSnapshot before = MakeHost({MakeVm(100, "web", 10), MakeVm(200, "db", 70)});
  const HostSnapshot after = MakeHost({MakeVm(100, "web", 15), MakeVm(200, "db", 70)}, seconds(2));
  const HostDifference difference = Difference(before, after);
  EXPECT_EQ(difference.snapshot.period, Seconds(2));
  EXPECT_EQ(difference.snapshot.taken.steady, after.taken.steady);
  ASSERT_THAT(difference.snapshot.vms, SizeIs(2));
  EXPECT_EQ(difference.snapshot.vms[0].exits.vm.exits, 5U);
  EXPECT_EQ(difference.snapshot.vms[0].exits.vm.period, Seconds(2));
  EXPECT_EQ(difference.snapshot.vms[1].exits.vm.exits, 0U);
  EXPECT_EQ(difference.snapshot.total->vm.exits, 5U);
  EXPECT_THAT(difference.ended, IsEmpty());
  EXPECT_FALSE(difference.ended_exits.has_value());
}

TEST(HostSnapshot, VmThatIsNewHasAllItsExitsInThePeriod) {
  const HostSnapshot before = MakeHost({});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 15)}, seconds(3));
  after.vms[0].vcpus = MakeVcpus(10, 5);
  const HostDifference difference = Difference(before, after);
  ASSERT_THAT(difference.snapshot.vms, SizeIs(1));
  EXPECT_EQ(difference.snapshot.vms[0].exits.vm.exits, 15U);
  EXPECT_EQ(difference.snapshot.vms[0].exits.vm.period, Seconds(3));
  EXPECT_EQ(difference.snapshot.vms[0].vcpus[1].exits.vm.period, Seconds(3));
}

TEST(HostSnapshot, VmThatEndedIsNamedAndItsExitsAreTheRest) {
  const HostSnapshot before = MakeHost({MakeVm(100, "web", 10), MakeVm(200, "db", 70)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 15)}, seconds(2));
  Add(MakeExits(73), *after.total);
  const HostDifference difference = Difference(before, after);
  EXPECT_THAT(difference.ended, ElementsAre(before.vms[1].identity));
  ASSERT_TRUE(difference.ended_exits.has_value());
  EXPECT_EQ(difference.ended_exits->vm.exits, 3U);
  EXPECT_EQ(difference.ended_exits->vm.time->in_exits, 6000U);
  EXPECT_EQ(difference.ended_exits->vm.time->of_state[0], 6000U);
  EXPECT_EQ(difference.ended_exits->reasons[0].longest, std::nullopt);
  EXPECT_EQ(AllExits(difference)->vm.exits, 8U);
}

TEST(HostSnapshot, RestIsNeverBelowNothing) {
  const HostSnapshot before = MakeHost({MakeVm(100, "web", 10), MakeVm(200, "db", 70)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 20)}, seconds(2));
  // Read before the VM, which then went on.
  after.total = before.total;
  Add(MakeExits(9), *after.total);
  const HostDifference difference = Difference(before, after);
  EXPECT_EQ(difference.ended_exits->vm.exits, 0U);
  EXPECT_EQ(AllExits(difference)->vm.exits, 10U);
}

TEST(HostSnapshot, VmThatComesAndGoesIsInTheRest) {
  const HostSnapshot before = MakeHost({MakeVm(100, "web", 10)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 20)}, seconds(2));
  // What the VM does while it is read is no other's: it is in the total after it alone.
  Add(MakeExits(3), *after.total);
  after.total_before = before.total;
  Add(MakeExits(9), *after.total_before);
  EXPECT_FALSE(Difference(before, after).ended_exits.has_value());
  Add(MakeExits(31), *after.total_before);
  HostDifference difference = Difference(before, after);
  ASSERT_TRUE(difference.ended_exits.has_value());
  EXPECT_EQ(difference.ended_exits->vm.exits, 30U);
  EXPECT_EQ(AllExits(difference)->vm.exits, 40U);
  EXPECT_THAT(difference.ended, IsEmpty());
  // Of one whose counters went backwards nobody knows what it did.
  after.vms[0].exits.reasons[0].exits = after.vms[0].exits.vm.exits = 9;
  EXPECT_FALSE(Difference(before, after).ended_exits.has_value());
}

TEST(HostSnapshot, SourceThatForgetsWhatEndedHasNoRest) {
  HostSnapshot before = MakeHost({MakeVm(100, "web", 10)});
  HostSnapshot after = MakeHost({}, seconds(1));
  before.total.reset();
  const HostDifference difference = Difference(before, after);
  EXPECT_THAT(difference.ended, SizeIs(1));
  EXPECT_FALSE(difference.ended_exits.has_value());
  EXPECT_FALSE(AllExits(difference).has_value());
}

TEST(HostSnapshot, SameIdOfAnotherProcessIsAnotherVm) {
  const HostSnapshot before = MakeHost({MakeVm(100, "web", 10)});
  HostSnapshot after = MakeHost({MakeVm(100, "db", 15)}, seconds(1));
  after.vms[0].identity.pid = 99;
  const HostDifference difference = Difference(before, after);
  EXPECT_EQ(difference.snapshot.vms.at(0).exits.vm.exits, 15U);
  EXPECT_THAT(difference.ended, ElementsAre(before.vms[0].identity));
}

TEST(HostSnapshot, CountersThatWentBackwardsLeaveTheVmOut) {
  HostSnapshot before = MakeHost({MakeVm(100, "web", 10), MakeVm(200, "db", 70)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 9), MakeVm(200, "db", 70)}, seconds(1));
  EXPECT_THAT(Difference(before, after).restarted, ElementsAre(before.vms[0].identity));
  EXPECT_THAT(Difference(before, after).ended, IsEmpty());
  EXPECT_THAT(Difference(before, after).snapshot.vms, SizeIs(1));

  after = MakeHost({MakeVm(100, "web", 20), MakeVm(200, "db", 70)}, seconds(1));
  before.vms[0].vcpus = MakeVcpus(5, 5);
  after.vms[0].vcpus = MakeVcpus(16, 4);
  EXPECT_THAT(Difference(before, after).restarted, ElementsAre(before.vms[0].identity));
}

TEST(HostSnapshot, VcpusComeAndGo) {
  HostSnapshot before = MakeHost({MakeVm(100, "web", 10)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 30)}, seconds(1));
  before.vms[0].vcpus = MakeVcpus(5, 5);
  after.vms[0].vcpus = {{.vcpu = 3, .exits = MakeExits(8)}, {.vcpu = 7, .exits = MakeExits(9)}};
  const HostDifference difference = Difference(before, after);
  ASSERT_THAT(difference.snapshot.vms.at(0).vcpus, SizeIs(2));
  EXPECT_EQ(difference.snapshot.vms[0].vcpus[0].vcpu, 3U);
  EXPECT_EQ(difference.snapshot.vms[0].vcpus[0].exits.vm.exits, 8U);
  EXPECT_EQ(difference.snapshot.vms[0].vcpus[0].exits.vm.period, Seconds(1));
  EXPECT_EQ(difference.snapshot.vms[0].vcpus[1].exits.vm.exits, 4U);
}

TEST(HostSnapshot, CpuTimesAreDifferencesAndNeverNegative) {
  HostSnapshot before = MakeHost({MakeVm(100, "web", 10)});
  HostSnapshot after = MakeHost({MakeVm(100, "web", 10)}, seconds(1));
  EXPECT_FALSE(Difference(before, after).snapshot.vms.at(0).cpu.has_value());
  before.vms[0].cpu = CpuTimes{.guest = Seconds(5), .user = Seconds(2), .lifetime = Seconds(9)};
  EXPECT_FALSE(Difference(before, after).snapshot.vms.at(0).cpu.has_value());
  after.vms[0].cpu = CpuTimes{.guest = Seconds(6), .user = Seconds(1), .lifetime = Seconds(10)};
  const CpuTimes expected{.guest = Seconds(1), .lifetime = Seconds(1)};
  EXPECT_EQ(Difference(before, after).snapshot.vms.at(0).cpu, expected);
}

TEST(HostSnapshot, LostIsWhatWasLostMeanwhile) {
  HostSnapshot before = MakeHost({});
  HostSnapshot after = MakeHost({}, seconds(1));
  before.lost = 5;
  after.lost = 7;
  EXPECT_EQ(Difference(before, after).snapshot.lost, 2U);
  EXPECT_EQ(Difference(after, before).snapshot.lost, 0U);
}

TEST(HostSnapshot, AllExitsAreThoseOfAllVms) {
  HostDifference difference;
  EXPECT_FALSE(AllExits(difference).has_value());
  difference.snapshot = MakeHost({MakeVm(100, "web", 10), MakeVm(200, "db", 70)});
  EXPECT_EQ(AllExits(difference)->vm.exits, 80U);
}

}  // namespace
}  // namespace kvm_exits
