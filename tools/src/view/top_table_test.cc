// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_table.h"

#include <gmock/gmock.h>

#include "view/top_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const TopTable& table) {
  std::vector<std::string> names;
  for (const std::vector<std::string>& row : table.grid.rows) names.push_back(row.front());
  return names;
}

HostReport ThreeVms() { return MakeTopReport({{"web-2", 10}, {"db", 30}, {"web-10", 20}}); }

TEST(TopTable, SortsVms) {
  const HostReport report = ThreeVms();
  TopState state;
  EXPECT_THAT(Names(MakeTopTable(report, state, {})), ElementsAre("db", "web-10", "web-2"));
  state.is_inverted = true;
  EXPECT_THAT(Names(MakeTopTable(report, state, {})), ElementsAre("web-2", "web-10", "db"));
  state = {.sort = TopSort::kName};
  EXPECT_THAT(Names(MakeTopTable(report, state, {})), ElementsAre("db", "web-10", "web-2"));
  state = {.sort = TopSort::kTime};
  EXPECT_THAT(Names(MakeTopTable(report, state, {})), ElementsAre("db", "web-10", "web-2"));
}

TEST(TopTable, HasTheKeyOfEachRow) {
  const HostReport report = ThreeVms();
  TopState state;
  const TopTable vms = MakeTopTable(report, state, {});
  ASSERT_EQ(vms.keys.size(), 3U);
  EXPECT_EQ(vms.keys[0].vm->name, "db");

  state.level = TopLevel::kVm;
  state.vm = vms.keys[0].vm;
  HostReport one = MakeTopReport({{"db", 30}});
  state.vm = one.vms.front().identity;
  const TopTable vcpus = MakeTopTable(one, state, {});
  EXPECT_THAT(Names(vcpus), ElementsAre("all vCPUs", "vCPU 0", "vCPU 1"));
  EXPECT_FALSE(vcpus.keys[0].vcpu);
  EXPECT_EQ(vcpus.keys[2].vcpu, 1U);

  EnterTop(TopLevel::kVcpu, one, state);
  const TopTable reasons = MakeTopTable(one, state, {});
  EXPECT_THAT(Names(reasons), ElementsAre("CPUID", "HLT"));
  EXPECT_EQ(reasons.keys[1].reason->number, 12U);
  state.sort = TopSort::kTime;
  EXPECT_THAT(Names(MakeTopTable(one, state, {})), ElementsAre("HLT", "CPUID"));
}

TEST(TopTable, SortsVcpusByNumber) {
  HostReport report = MakeTopReport({{"db", 30}});
  const HostRow vcpu = report.vcpus.front();
  report.vcpus.clear();
  for (const uint32_t number : {10U, 2U, 0U, 1U}) {
    report.vcpus.push_back(vcpu);
    report.vcpus.back().vcpu = number;
  }
  TopState state{.level = TopLevel::kVm, .vm = report.vms.front().identity, .sort = TopSort::kName};
  EXPECT_THAT(Names(MakeTopTable(report, state, {})),
              ElementsAre("all vCPUs", "vCPU 0", "vCPU 1", "vCPU 2", "vCPU 10"));
}

TEST(TopTable, Filters) {
  const HostReport report = ThreeVms();
  TopState state{.filter = "^WEB"};
  EXPECT_THAT(Names(MakeTopTable(report, state, {})), ElementsAre("web-10", "web-2"));
  state.filter = "none";
  EXPECT_THAT(MakeTopTable(report, state, {}).keys, IsEmpty());
  // One that takes longer than it may is no reason to end.
  state.filter = "(x+x+)+[yz]";
  const HostReport long_name = MakeTopReport({{std::string(40, 'x'), 1}});
  EXPECT_THAT(MakeTopTable(long_name, state, {}).keys, IsEmpty());
}

TEST(TopTable, FindsWhatWasEntered) {
  const HostReport report = ThreeVms();
  TopState state;
  EXPECT_EQ(FindEntered(report, state), &*report.all);
  state.vm = report.vms[1].identity;
  EXPECT_EQ(FindEntered(report, state), &report.vms[1]);
  state.vcpu = 1;
  const HostRow* const vcpu = FindEntered(report, state);
  ASSERT_NE(vcpu, nullptr);
  EXPECT_EQ(vcpu->identity, report.vms[1].identity);
  EXPECT_EQ(vcpu->vcpu, 1U);
  state.vcpu = 7;
  EXPECT_EQ(FindEntered(report, state), nullptr);
  state = {};
  EXPECT_EQ(FindEntered(MakeTopReport({}), state), nullptr);
}

TEST(TopTable, ShowsRatesOrTotals) {
  const HostReport report = MakeTopReport({{"db", 30}});
  TopState state;
  EXPECT_EQ(MakeTopTable(report, state, {}).grid.rows[0][3], "120");
  EXPECT_EQ(MakeTopTable(report, state, {}).grid.columns[3].title, "EXIT/s");
  state.shows_totals = true;
  EXPECT_EQ(MakeTopTable(report, state, {}).grid.columns[3].title, "EXITS");
}

}  // namespace
}  // namespace kvm_exits
