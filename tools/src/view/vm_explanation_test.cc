// SPDX-License-Identifier: GPL-2.0-only
#include "view/vm_explanation.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "view/top_fixture.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Of one VM, which has these exits in a second.
HostReport ReportOf(std::vector<ReasonCount> reasons) {
  HostDifference host{
      .snapshot = {.taken = FakeClock().now, .period = Seconds(1), .isa = Isa::kVmx, .vms = {}},
      .ended = {},
      .restarted = {}};
  Snapshot exits = MakeTopExits(0);
  for (const ReasonCount& count : reasons) {
    exits.vm.exits += count.exits;
    exits.vm.time->in_exits += count.cycles.value_or(0);
  }
  exits.reasons = std::move(reasons);
  host.snapshot.vms.push_back({.identity = {.id = "7-11", .pid = 7, .name = "web", .vmm = "qemu"},
                               .exits = std::move(exits),
                               .vcpu_count = 2,
                               .vcpus = {}});
  return BuildHostReport(host, {.name = "module", .limits = ""}, {});
}

TEST(VmExplanation, BeginsWithWhatCostsMost) {
  const std::string text = RenderVmExplanation(
      ReportOf({{.reason = {.number = 10, .name = "CPUID"}, .exits = 30, .cycles = 2000},
                {.reason = {.number = 48, .name = "EPT_VIOLATION"}, .exits = 10, .cycles = 6000}}),
      100);
  EXPECT_THAT(text, StartsWith("VMX exits of VM web in the 1.000 s to "));
  EXPECT_THAT(text, HasSubstr("\n1. EPT_VIOLATION: "));
  EXPECT_THAT(text, HasSubstr("\n   10 exits, 25.0 % of all, 10/s; 3.00us, 75.0 % of the time in "
                              "exits; 0.30us each\n"));
  EXPECT_THAT(text, HasSubstr("\n2. CPUID: "));
  EXPECT_THAT(text, HasSubstr("\n   # kvm-exits explain CPUID\n"));
  EXPECT_THAT(text, HasSubstr("\nSource: module\n"));
}

TEST(VmExplanation, CommandLinesNameTheVmForTheShell) {
  HostReport report = ReportOf({{.reason = {.number = 10, .name = "CPUID"}, .exits = 30}});
  EXPECT_THAT(RenderVmExplanation(report, 80),
              HasSubstr("\n   # kvm-exits detail CPUID web --by leaf\n"));
  for (const char* const name : {"", "a b", "$(reboot)", "-g", "w\xc3\xa9", "it's"}) {
    report.vms.front().identity.name = name;
    EXPECT_THAT(RenderVmExplanation(report, 80),
                HasSubstr("\n   # kvm-exits detail CPUID 7-11 --by leaf\n"))
        << name;
  }
}

TEST(VmExplanation, SaysWhatWasMeasuredOnly) {
  // One exit a second is nothing to do anything about.
  const std::string few = RenderVmExplanation(
      ReportOf({{.reason = {.number = 28, .name = "CR_ACCESS"}, .exits = 1, .cycles = 10}}), 80);
  EXPECT_THAT(few, HasSubstr("Nothing that was measured calls for a change."));
}

TEST(VmExplanation, SaysWhereTheTimeWent) {
  ReasonCount halt{.reason = {.number = 12, .name = "HLT"}, .exits = 10, .cycles = 1000};
  halt.of_state = {5000, 250, 0, 750, 0, 0, 0};
  EXPECT_THAT(RenderVmExplanation(ReportOf({halt}), 80),
              HasSubstr("\n   of that: halted 75.0 %, kernel 25.0 %\n"));
}

TEST(VmExplanation, KnowsReasonsWithoutAnExplanation) {
  const std::string text = RenderVmExplanation(
      ReportOf({{.reason = {.number = 65000, .name = kUnnamed}, .exits = 1, .cycles = 10}}), 80);
  EXPECT_THAT(text, HasSubstr("\n1. (unnamed)\n"));
  EXPECT_THAT(text, Not(HasSubstr("explain (unnamed)")));
}

TEST(VmExplanation, SaysThatThereWasNothing) {
  EXPECT_THAT(RenderVmExplanation(ReportOf({}), 80),
              HasSubstr("There were no exits meanwhile: nothing costs this VM anything.\n"));
  EXPECT_THAT(RenderVmExplanation(MakeTopReport({}), 80), HasSubstr("no exits meanwhile"));
}

TEST(VmExplanation, TellsOfFiveReasonsAndFits) {
  std::vector<ReasonCount> reasons;
  for (const ExitReason& reason : FindReasonTable(Isa::kVmx)->reasons) {
    ReasonCount count{.reason = reason, .exits = 100000, .cycles = 1000000000 + reason.number};
    count.of_state.fill(1000000);
    reasons.push_back(count);
  }
  // From the last on, so that each of them is among the five.
  while (!reasons.empty()) {
    const std::string text = RenderVmExplanation(ReportOf(reasons), 80);
    if (reasons.size() >= 5) {
      EXPECT_THAT(text, HasSubstr("\n5. "));
      EXPECT_THAT(text, Not(HasSubstr("\n6. ")));
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    reasons.resize(reasons.size() - std::min<size_t>(reasons.size(), 5));
  }
}

TEST(VmExplanation, IsJsonToo) {
  const json object = json::parse(RenderVmExplanationJson(
      ReportOf({{.reason = {.number = 10, .name = "CPUID"}, .exits = 30, .cycles = 2000}})));
  EXPECT_EQ(object["vm"]["id"], "7-11");
  EXPECT_EQ(object["isa"], "VMX");
  ASSERT_THAT(object["reasons"], SizeIs(1));
  EXPECT_EQ(object["reasons"][0]["name"], "CPUID");
  EXPECT_TRUE(object["reasons"][0]["hints"].is_array());
  EXPECT_THAT(json::parse(RenderVmExplanationJson(MakeTopReport({})))["reasons"], SizeIs(0));
}

}  // namespace
}  // namespace kvm_exits
