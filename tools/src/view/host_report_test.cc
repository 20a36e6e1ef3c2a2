// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_report.h"

#include <gmock/gmock.h>

#include "model/fake_vms.h"

namespace kvm_exits {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Percents = std::array<std::optional<double>, kTimeShares>;

HostDifference SinceCreation(std::vector<VmSnapshot> vms) {
  return {.snapshot = MakeHost(std::move(vms)), .ended = {}, .restarted = {}};
}

HostReport Build(const HostDifference& difference, const HostReportOptions& options = {}) {
  return BuildHostReport(difference, {.name = "module", .limits = ""}, options);
}

std::vector<std::string> Names(const HostReport& report) {
  std::vector<std::string> names;
  for (const HostRow& row : report.vms) names.push_back(row.identity.name);
  return names;
}

TEST(HostReport, HasARowForEachVmAndForAll) {
  const HostReport report = Build(SinceCreation({MakeVm(1, "a", 10), MakeVm(2, "b", 30)}));
  EXPECT_EQ(report.source.name, "module");
  EXPECT_EQ(report.period, std::nullopt);
  EXPECT_EQ(report.isa, Isa::kVmx);
  ASSERT_THAT(report.vms, SizeIs(2));
  EXPECT_EQ(report.vms[0].vcpu_count, 2U);
  EXPECT_EQ(report.vms[0].top->count.reason.name, "HLT");
  EXPECT_THAT(report.vcpus, IsEmpty());
  ASSERT_TRUE(report.all.has_value());
  EXPECT_EQ(report.all->vcpu_count, 4U);
  EXPECT_EQ(report.all->report.vm.exits, 40U);
}

TEST(HostReport, AllHasWhatEndedMeanwhile) {
  HostDifference difference = SinceCreation({MakeVm(1, "a", 10)});
  difference.ended = {{.id = "2-11", .pid = 2, .name = "b", .vmm = "qemu"}};
  difference.ended_exits = MakeExits(5);
  const HostReport report = Build(difference);
  EXPECT_EQ(report.all->report.vm.exits, 15U);
  EXPECT_THAT(report.ended, SizeIs(1));
}

TEST(HostReport, OfNoVmThereIsNoAll) { EXPECT_FALSE(Build(SinceCreation({})).all.has_value()); }

TEST(HostReport, SharesAreThoseOfTheLedger) {
  const HostReport report = Build(SinceCreation({MakeVm(1, "a", 10)}));
  EXPECT_FALSE(report.vms[0].shares.is_sampled);
  EXPECT_EQ(report.vms[0].shares.percent, (Percents{50, 12.5, 0, 37.5, 0}));
}

TEST(HostReport, WithoutAllStatesSharesAreThoseOfTheScheduler) {
  VmSnapshot vm = MakeVm(1, "a", 10);
  vm.exits.vm.time->of_state = {uint64_t{20000}};
  vm.cpu = CpuTimes{.guest = Seconds(5),
                    .user = Seconds(1),
                    .system = Seconds(2),
                    .run_delay = Seconds(0.5),
                    .lifetime = Seconds(10)};
  const HostReport report = Build(SinceCreation({vm}));
  EXPECT_TRUE(report.vms[0].shares.is_sampled);
  EXPECT_EQ(report.vms[0].shares.percent, (Percents{50, 20, 10, 15, 5}));
  EXPECT_EQ(report.all->shares.percent, report.vms[0].shares.percent);
}

TEST(HostReport, SchedulersTimesThatAreMoreThanAllAreAll) {
  VmSnapshot vm = MakeVm(1, "a", 10);
  vm.exits.vm.time.reset();
  vm.cpu = CpuTimes{.guest = Seconds(3), .user = Seconds(1), .lifetime = Seconds(2)};
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].shares.percent, (Percents{75, 0, 25, 0, 0}));
  vm.cpu = CpuTimes{};
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].shares.percent, Percents{});
}

TEST(HostReport, SourceThatKnowsTheGuestAloneHasItsShare) {
  VmSnapshot vm = MakeVm(1, "a", 10);
  vm.exits.vm.time->of_state = {uint64_t{20000}};
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].shares.percent,
            (Percents{50, std::nullopt, std::nullopt, std::nullopt, std::nullopt}));
}

TEST(HostReport, TopIsWhatTakesMostTimeOrElseMostExits) {
  VmSnapshot vm = MakeVm(1, "a", 10);
  vm.exits.reasons.push_back(
      {.reason = {.number = 48, .name = "EPT_VIOLATION"}, .exits = 50, .cycles = 100});
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].top->count.reason.name, "HLT");
  // What the guest sleeps is no cost: 5000 cycles of these 20000 are.
  vm.exits.reasons[1].cycles = 5001;
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].top->count.reason.name, "EPT_VIOLATION");
  vm.exits.reasons[1].cycles = 100;
  vm.exits.vm.time.reset();
  EXPECT_EQ(Build(SinceCreation({vm})).vms[0].top->count.reason.name, "EPT_VIOLATION");
  vm.exits.reasons.clear();
  EXPECT_FALSE(Build(SinceCreation({vm})).vms[0].top.has_value());
}

// The options are those of the rows; what costs most does not depend on them.
TEST(HostReport, TopIsTheSameWhateverIsShown) {
  HostReportOptions options;
  options.reasons.only = 48;
  const HostReport report = Build(SinceCreation({MakeVm(1, "a", 10)}), options);
  ASSERT_THAT(report.vms[0].report.rows, SizeIs(1));
  EXPECT_EQ(report.vms[0].report.rows[0].count.exits, 0U);
  EXPECT_EQ(report.vms[0].top->count.reason.name, "HLT");
}

TEST(HostReport, SortsByEachKey) {
  VmSnapshot slow = MakeVm(3, "b", 20);
  slow.exits.vm.time->in_exits = 1000000000;
  const auto names_by = [&](VmSortKey key) {
    return Names(Build(SinceCreation({MakeVm(7, "c", 10), slow, MakeVm(5, "a", 30)}),
                       {.reasons = {}, .sort = key}));
  };
  EXPECT_THAT(names_by(VmSortKey::kExits), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names_by(VmSortKey::kTime), ElementsAre("b", "a", "c"));
  EXPECT_THAT(names_by(VmSortKey::kName), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names_by(VmSortKey::kPid), ElementsAre("b", "a", "c"));
}

TEST(HostReport, FilterAndLimitAreOfVmsAndNotOfAll) {
  const HostDifference difference =
      SinceCreation({MakeVm(1, "web-1", 10), MakeVm(2, "db", 30), MakeVm(3, "web-2", 20)});
  HostReportOptions options;
  options.vm_filter = Regex::Parse("^web");
  EXPECT_THAT(Names(Build(difference, options)), ElementsAre("web-2", "web-1"));
  options.vm_limit = 1;
  EXPECT_THAT(Names(Build(difference, options)), ElementsAre("web-2"));
  EXPECT_EQ(Build(difference, options).all->report.vm.exits, 60U);
}

TEST(HostReport, VcpusAreRowsOfTheirVm) {
  VmSnapshot vm = MakeVm(1, "a", 10);
  vm.vcpus = {{.vcpu = 0, .exits = MakeExits(4)}, {.vcpu = 7, .exits = MakeExits(6)}};
  const HostReport report = Build(SinceCreation({vm}));
  ASSERT_THAT(report.vcpus, SizeIs(2));
  EXPECT_EQ(report.vcpus[1].identity, vm.identity);
  EXPECT_EQ(report.vcpus[1].vcpu, 7U);
  EXPECT_EQ(report.vcpus[1].report.vm.exits, 6U);
}

TEST(HostReport, NameIsTheVmmsOrElseTheId) {
  EXPECT_EQ(DisplayName({.id = "1-11", .pid = 1, .name = "web\n", .vmm = ""}), "web\\n");
  EXPECT_EQ(DisplayName({.id = "1-11", .pid = 1, .name = "", .vmm = ""}), "1-11");
}

}  // namespace
}  // namespace kvm_exits
