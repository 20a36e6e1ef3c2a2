// SPDX-License-Identifier: GPL-2.0-only
#include "model/intervals.h"

#include <gmock/gmock.h>

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Vm {
  std::string id;
  std::string name;
  uint64_t exits;
  pid_t pid = 7;
};

// A host at second `second`.
HostSnapshot At(int second, const std::vector<Vm>& vms) {
  HostSnapshot host;
  host.taken.steady += std::chrono::seconds(second);
  host.isa = Isa::kVmx;
  Snapshot total{.vm = {.isa = Isa::kVmx,
                        .clock_khz = 1,
                        .taken = host.taken,
                        .period = std::nullopt,
                        .exits = 0},
                 .reasons = {}};
  total.reasons = {{.reason = {.number = 12, .name = "HLT"}, .exits = 0}};
  for (const Vm& vm : vms) {
    Snapshot exits = total;
    exits.reasons = {{.reason = {.number = 12, .name = "HLT"}, .exits = vm.exits}};
    exits.vm.exits = vm.exits;
    host.vms.push_back({.identity = {.id = vm.id, .pid = vm.pid, .name = vm.name, .vmm = "qemu"},
                        .exits = std::move(exits),
                        .vcpus = {}});
  }
  return host;
}

// "id: exits" of the VMs of an interval
std::vector<std::string> Exits(const std::optional<HostDifference>& difference) {
  std::vector<std::string> exits;
  if (!difference) return {"not there"};
  for (const VmSnapshot& vm : difference->snapshot.vms) {
    exits.push_back(vm.identity.id + ": " + std::to_string(vm.exits.vm.exits));
  }
  return exits;
}

TEST(Intervals, AreOfAllVms) {
  Intervals intervals(At(0, {{"7-1", "a", 10}}), {});
  EXPECT_THAT(Exits(intervals.Next(At(1, {{"7-1", "a", 15}, {"7-2", "b", 3}}))),
              ElementsAre("7-1: 5", "7-2: 3"));
  EXPECT_THAT(Exits(intervals.Next(At(2, {}))), IsEmpty());
  EXPECT_TRUE(intervals.HasMeant());
}

TEST(Intervals, GoOnWhereAnAbsentVmWas) {
  Intervals intervals(At(0, {{"7-1", "a", 1000}}), {});
  const auto gone = intervals.Next(At(1, {}));
  EXPECT_THAT(gone->ended, SizeIs(1));
  EXPECT_THAT(Exits(intervals.Next(At(2, {}))), IsEmpty());
  EXPECT_THAT(Exits(intervals.Next(At(3, {{"7-1", "a", 1007}}))), ElementsAre("7-1: 7"));
  EXPECT_THAT(Exits(intervals.Next(At(4, {{"7-1", "a", 1008}}))), ElementsAre("7-1: 1"));
  // Another one, that has the same id: of its process, or of another
  intervals.Next(At(5, {}));
  EXPECT_THAT(Exits(intervals.Next(At(6, {{"7-1", "a", 4}}))), ElementsAre("7-1: 4"));
  intervals.Next(At(7, {}));
  EXPECT_THAT(Exits(intervals.Next(At(8, {{"7-1", "a", 5000, 8}}))), ElementsAre("7-1: 5000"));
}

// What happened while it was absent is in the host's totals: nothing is counted twice.
TEST(Intervals, HaveNoExitTwiceWhereThereAreTotals) {
  const auto at = [](int second, uint64_t total, const std::vector<Vm>& vms) {
    HostSnapshot host = At(second, vms);
    host.total = At(second, {{"all", "", total}}).vms[0].exits;
    return host;
  };
  Intervals intervals(at(0, 1000, {{"7-1", "a", 1000}}), {});
  uint64_t all = 0;
  const std::vector<HostSnapshot> readings = {at(1, 1010, {}), at(2, 1020, {}),
                                              at(3, 1030, {{"7-1", "a", 1030}}),
                                              at(4, 1050, {{"7-1", "a", 1050}})};
  for (const HostSnapshot& reading : readings) {
    all += AllExits(*intervals.Next(reading))->vm.exits;
  }
  EXPECT_EQ(all, 50);
}

TEST(Intervals, OfAVmThatIsCalledSoLate) {
  Intervals intervals(At(0, {{"7-1", "", 1000}, {"8-1", "b", 9}}), {.any = "a"});
  EXPECT_FALSE(intervals.HasMeant());
  EXPECT_THAT(Exits(intervals.Next(At(1, {{"7-1", "", 1001}, {"8-1", "b", 9}}))),
              ElementsAre("not there"));
  EXPECT_THAT(Exits(intervals.Next(At(2, {{"7-1", "a", 1003}, {"8-1", "b", 9}}))),
              ElementsAre("7-1: 2"));
  EXPECT_TRUE(intervals.HasMeant());
}

TEST(Intervals, MeanAnIdThenANameThenAProcess) {
  const std::vector<Vm> first = {
      {"1000", "x", 0, 7}, {"7-2", "1000", 0, 8}, {"1000-3", "y", 0, 1000}};
  const std::vector<Vm> then = {
      {"1000", "x", 1, 7}, {"7-2", "1000", 2, 8}, {"1000-3", "y", 3, 1000}};
  EXPECT_THAT(Exits(Intervals(At(0, first), {.any = "1000"}).Next(At(1, then))),
              ElementsAre("1000: 1"));
  EXPECT_THAT(
      Exits(
          Intervals(At(0, {first[1], first[2]}), {.any = "1000"}).Next(At(1, {then[1], then[2]}))),
      ElementsAre("7-2: 2"));
  EXPECT_THAT(Exits(Intervals(At(0, {first[2]}), {.any = "1000"}).Next(At(1, {then[2]}))),
              ElementsAre("1000-3: 3"));
}

}  // namespace
}  // namespace kvm_exits
