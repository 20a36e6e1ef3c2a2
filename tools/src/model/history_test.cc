// SPDX-License-Identifier: GPL-2.0-only
#include "model/history.h"

#include <gmock/gmock.h>

namespace kvm_exits {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ExitReason kHlt = {.number = 12, .name = "HLT"};

// What VMs, by id, did in a time.
HostDifference MakeDifference(double seconds,
                              const std::vector<std::pair<std::string, uint64_t>>& vms) {
  HostDifference difference;
  difference.snapshot.period = Seconds(seconds);
  difference.snapshot.isa = Isa::kVmx;
  for (const auto& [id, exits] : vms) {
    Snapshot snapshot{.vm = {.isa = Isa::kVmx,
                             .clock_khz = 1000000,
                             .taken = {},
                             .period = Seconds(seconds),
                             .exits = exits,
                             .time = VmTime{.in_exits = 10 * exits, .of_state = {}}},
                      .reasons = {{.reason = kHlt, .exits = exits, .cycles = 10 * exits}}};
    difference.snapshot.vms.push_back(
        {.identity = {.id = id, .pid = 7, .name = "web", .vmm = "qemu"},
         .exits = std::move(snapshot),
         .vcpu_count = 2,
         .vcpus = {},
         .cpu = CpuTimes{.guest = Seconds(seconds)}});
  }
  return difference;
}

std::vector<uint64_t> ExitsOf(const std::vector<HistoryPoint>& points) {
  std::vector<uint64_t> exits;
  for (const HistoryPoint& point : points) {
    exits.push_back(point.exits ? point.exits->vm.exits : 0);
  }
  return exits;
}

TEST(History, KeepsEachIntervalAsLongAsThereIsRoom) {
  History history(Seconds(1), 10, 100);
  history.Add(Seconds(0), MakeDifference(1, {{"7-1", 5}}));
  history.Add(Seconds(1), MakeDifference(1, {}));
  history.Add(Seconds(2), MakeDifference(1, {{"7-1", 6}, {"7-2", 10}}));
  EXPECT_THAT(ExitsOf(history.Points()), ElementsAre(5, 0, 16));
  EXPECT_FALSE(history.Points()[1].exits) << "there was no VM";
  ASSERT_THAT(history.Vms(), SizeIs(2));
  EXPECT_THAT(ExitsOf(history.Vms()[0].points), ElementsAre(5, 6));
  EXPECT_EQ(history.Vms()[0].points[1].begin, Seconds(2));
  EXPECT_THAT(ExitsOf(history.Vms()[1].points), ElementsAre(10));
}

TEST(History, JoinsTwoAndTwoBeyondThat) {
  History history(Seconds(1), 4, 100);
  for (uint64_t i = 0; i < 9; ++i) {
    history.Add(Seconds(i), MakeDifference(1, {{"7-1", i}}));
  }
  // The fifth made them of two seconds, the ninth of four.
  EXPECT_THAT(ExitsOf(history.Points()), ElementsAre(0 + 1 + 2 + 3, 4 + 5 + 6 + 7, 8));
  EXPECT_THAT(ExitsOf(history.Vms()[0].points), ElementsAre(6, 22, 8));
  EXPECT_EQ(history.Points()[1].begin, Seconds(4));
  EXPECT_EQ(history.Points()[1].length, Seconds(4));
  EXPECT_EQ(history.Points()[1].exits->vm.time->in_exits, 220);
  EXPECT_EQ(history.Points()[1].cpu->guest, Seconds(4));
  EXPECT_EQ(*history.Points()[1].exits->vm.period, Seconds(4));
}

TEST(History, TakesAnIntervalThatIsNotQuiteInTime) {
  History history(Seconds(1), 10, 100);
  history.Add(Seconds(0), MakeDifference(0.99, {{"7-1", 1}}));
  history.Add(Seconds(0.99), MakeDifference(1.02, {{"7-1", 2}}));
  history.Add(Seconds(2.01), MakeDifference(3, {{"7-1", 3}}));
  history.Add(Seconds(5.01), MakeDifference(0.98, {{"7-1", 4}}));
  EXPECT_THAT(ExitsOf(history.Points()), ElementsAre(1, 2, 3, 4));
}

TEST(History, BoundsThePointsOfManyVms) {
  History history(Seconds(1), 1000, 8);
  for (uint64_t i = 0; i < 8; ++i) {
    history.Add(Seconds(i), MakeDifference(1, {{"7-1", 1}, {"7-2", 2}}));
  }
  EXPECT_THAT(history.Points(), SizeIs(8)) << "of all there is room";
  EXPECT_THAT(ExitsOf(history.Vms()[1].points), ElementsAre(4, 4, 4, 4));
  // More VMs than points
  std::vector<std::pair<std::string, uint64_t>> many;
  for (int i = 0; i < 20; ++i) many.emplace_back("8-" + std::to_string(i), 1);
  history.Add(Seconds(8), MakeDifference(1, many));
  EXPECT_THAT(history.Vms(), SizeIs(22));
  EXPECT_THAT(history.Vms()[0].points, SizeIs(4)) << "short ones take nothing from it";
}

TEST(History, IsAllOfItAsOneInterval) {
  History history(Seconds(1), 2, 4);
  for (uint64_t i = 0; i < 9; ++i) {
    HostDifference difference = MakeDifference(1, {{"7-1", 10}});
    if (i >= 6) difference = MakeDifference(1, {{"7-2", 1}});
    difference.snapshot.lost = 1;
    if (i == 6) difference.ended_exits = MakeDifference(1, {{"x", 3}}).snapshot.vms[0].exits;
    history.Add(Seconds(i), difference);
  }
  const HostDifference whole = history.Whole();
  ASSERT_THAT(whole.snapshot.vms, SizeIs(2));
  EXPECT_EQ(whole.snapshot.vms[0].exits.vm.exits, 60);
  EXPECT_EQ(*whole.snapshot.vms[0].exits.vm.period, Seconds(6)) << "as long as it was there";
  EXPECT_EQ(whole.snapshot.vms[0].vcpu_count, 2);
  EXPECT_EQ(whole.snapshot.lost, 9);
  const auto all = AllExits(whole);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->vm.exits, 66);
  EXPECT_EQ(all->vm.period->count(), 9);
  EXPECT_EQ(all->reasons.at(0).cycles, 660);
}

// One that was timed for a part of the time.
TEST(History, HasMeansOfWhatWasTimed) {
  History history(Seconds(1), 1, 4);
  HostDifference untimed = MakeDifference(1, {{"7-1", 10}});
  untimed.snapshot.vms[0].exits.vm.time.reset();
  untimed.snapshot.vms[0].exits.reasons[0].cycles.reset();
  history.Add(Seconds(0), untimed);
  history.Add(Seconds(1), MakeDifference(1, {{"7-1", 5}}));
  history.Add(Seconds(2), untimed);
  const ReasonCount count = AllExits(history.Whole())->reasons.at(0);
  EXPECT_EQ(count.exits, 25);
  EXPECT_EQ(count.untimed, 20);
  EXPECT_EQ(count.cycles, 50);
  EXPECT_EQ(history.Points()[0].timed, Seconds(1));
}

TEST(History, OfNothing) {
  History history(Seconds(1), 2, 4);
  EXPECT_FALSE(AllExits(history.Whole()));
  EXPECT_THAT(history.Points(), IsEmpty());
  // Time that does not pass
  history.Add(Seconds(0), MakeDifference(0, {{"7-1", 1}}));
  EXPECT_THAT(history.Points(), IsEmpty());
}

TEST(History, JoinsToSoManyPoints) {
  History history(Seconds(1), 1000, 1000);
  for (uint64_t i = 0; i < 100; ++i) history.Add(Seconds(i), MakeDifference(1, {{"7-1", 1}}));
  const std::vector<HistoryPoint> few = Join(history.Points(), 24);
  EXPECT_THAT(few, SizeIs(20));
  EXPECT_THAT(few.front().length.count(), DoubleNear(5, 1e-9));
  EXPECT_EQ(few.back().exits->vm.exits, 5);
  EXPECT_THAT(Join(history.Points(), 100), SizeIs(100));
}

}  // namespace
}  // namespace kvm_exits
