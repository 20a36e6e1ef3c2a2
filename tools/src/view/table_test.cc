// SPDX-License-Identifier: GPL-2.0-only
#include "view/table.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Table(const Snapshot& snapshot, const ReportOptions& options = {}) {
  return TableRenderer().Render(BuildReport(snapshot, options));
}

TEST(RenderTable, WholeLifeOfAVm) {
  EXPECT_EQ(Table(MakeSnapshot(), {.with_zeros = true}),
            "VMX exits of this VM since it was created; host TSC 2100000 kHz\n"
            "REASON  NAME                                     EXITS  SHARE %\n"
            "    12  HLT                                 8589934592   100.00\n"
            "    48  EPT_VIOLATION                              399    <0.01\n"
            "    10  CPUID                                      300    <0.01\n"
            "    29  DR_ACCESS                                  300    <0.01\n"
            "     3  INIT_SIGNAL                                  0     0.00\n"
            "     -  UNKNOWN                                      0     0.00\n"
            "        sum of 6 shown                      8589935591   100.00\n"
            "        VM total                            8589935592   100.00\n"
            "No times: the host keeps none, or tells this VM none.\n"
            "Not counted: 11 CPUID exits of the reading itself.\n");
}

TEST(RenderTable, NumbersOfSvmAreThoseOfTheManual) {
  EXPECT_EQ(Table(MakeSvmSnapshot(), {.sort = SortKey::kReason, .with_zeros = true}),
            "SVM exits of this VM since it was created; host TSC 2100000 kHz\n"
            "REASON  NAME                                     EXITS  SHARE %\n"
            "  0x00  CR0_READ                                     0     0.00\n"
            "  0x72  CPUID                                      300    <0.01\n"
            "  0x78  HLT                                 8589934592   100.00\n"
            " 0x400  NPF                                        399    <0.01\n"
            "    -1  INVALID                                    300    <0.01\n"
            "     -  UNKNOWN                                      0     0.00\n"
            "        sum of 6 shown                      8589935591   100.00\n"
            "        VM total                            8589935592   100.00\n"
            "No times: the host keeps none, or tells this VM none.\n"
            "Not counted: 12 CPUID exits of the reading itself.\n");
}

TEST(RenderTable, IntervalsHaveRatesAndAnEmptyLineBetween) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.period = Seconds(2);
  snapshot.vm.exits = 1200;
  snapshot.reasons[2].exits = 201;
  const std::string report =
      "VMX exits of this VM in the 2.000 s to 2026-11-23T14:02:37.125Z\n"
      "REASON  NAME                                     EXITS         EXITS/S  SHARE %\n"
      "    48  EPT_VIOLATION                              399           199.5    33.25\n"
      "    10  CPUID                                      300           150.0    25.00\n"
      "    29  DR_ACCESS                                  300           150.0    25.00\n"
      "    12  HLT                                        201           100.5    16.75\n"
      "        sum of 4 shown                            1200           600.0   100.00\n"
      "        VM total                                  1200           600.0   100.00\n"
      "No times: the host keeps none, or tells this VM none.\n"
      "Not counted: 11 CPUID exits of the reading itself.\n";
  TableRenderer renderer;
  EXPECT_EQ(renderer.Render(BuildReport(snapshot, {})), report);
  EXPECT_EQ(renderer.Render(BuildReport(snapshot, {})), "\n" + report);
}

TEST(RenderTable, Times) {
  EXPECT_EQ(Table(MakeTimedSnapshot()),
            "VMX exits of this VM since it was created; host TSC 2100000 kHz\n"
            "REASON  NAME                                     EXITS         TIME us   TIME %\n"
            "    12  HLT                                        600          2000.0    80.00\n"
            "    48  EPT_VIOLATION                              300           400.0    16.00\n"
            "    10  CPUID                                      289           100.0     4.00\n"
            "     -  UNKNOWN                                      1               -        -\n"
            "        sum of 4 shown                            1190          2500.0   100.00\n"
            "        VM total                                  1200          2500.0   100.00\n"
            "\n"
            "STATE                        CYCLES            TIME us   TIME %\n"
            "guest                       2100000             1000.0    28.57\n"
            "kernel                      1050000              500.0    14.29\n"
            "vmm                               0                0.0     0.00\n"
            "halted                      4200000             2000.0    57.14\n"
            "preempted                         0                0.0     0.00\n"
            "waiting                           0                0.0     0.00\n"
            "stopped                         210                0.1    <0.01\n"
            "all vCPUs                   7350210             3500.1   100.00\n"
            "Not counted: 11 CPUID exits of the reading itself, but for their time.\n");
}

TEST(RenderTable, TimesOfAnInterval) {
  Snapshot snapshot = MakeTimedSnapshot();
  snapshot.vm.period = Seconds(2);
  EXPECT_THAT(
      Table(snapshot, {.sort = SortKey::kTime, .limit = 1}),
      HasSubstr(
          "REASON NAME                       EXITS   EXITS/S       TIME us   MEAN us TIME %\n"
          "    12 HLT                          600     300.0        2000.0       3.3  80.00\n"
          "       sum of 1 shown               600     300.0        2000.0            80.00\n"
          "       VM total                    1200     600.0        2500.0           100.00\n"));
}

TEST(RenderTable, TimesFitEightyColumns) {
  Snapshot snapshot = MakeTimedSnapshot();
  snapshot.vm.period = Seconds(86400);
  snapshot.vm.exits = 9999999999;
  snapshot.reasons[1].exits = snapshot.vm.exits;
  snapshot.reasons[1].cycles = 86400ULL * 100 * 2100000000;
  snapshot.vm.time->in_exits = *snapshot.reasons[1].cycles;
  snapshot.vm.time->of_state[3] = *snapshot.reasons[1].cycles;
  std::istringstream lines(Table(snapshot));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(RenderTable, SaysNothingOfAReadingThatIsCounted) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.reading_exits = 0;
  EXPECT_THAT(Table(snapshot), Not(HasSubstr("Not counted")));
}

TEST(RenderTable, FitsEightyColumns) {
  Snapshot snapshot = MakeSvmSnapshot();
  snapshot.vm.exits = UINT64_MAX;
  snapshot.vm.reading_exits = 9999;
  snapshot.vm.clock_khz = UINT32_MAX;
  snapshot.reasons[3] = {{.number = 0x4FF, .name = "A_NAME_OF_24_CHARACTERS_"}, UINT64_MAX};
  std::string text = Table(snapshot);
  snapshot.vm.period = Seconds(86400);
  snapshot.vm.exits = 999999999999 * 86400;
  snapshot.reasons[3].exits = snapshot.vm.exits;
  text += Table(snapshot);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(RenderTable, ShareOfNothing) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 0;
  snapshot.reasons = {{{.number = 12, .name = "HLT"}, 0}};
  EXPECT_THAT(Table(snapshot, {.with_zeros = true}),
              HasSubstr("    12  HLT                                          0        -\n"));
}

TEST(RenderTable, ShareThatRoundsToNothingIsNotNothing) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1000000;
  snapshot.reasons = {{{.number = 1, .name = "A"}, 99},
                      {{.number = 2, .name = "B"}, 100},
                      {{.number = 3, .name = "C"}, 0}};
  const std::string table = Table(snapshot, {.with_zeros = true});
  EXPECT_THAT(table, HasSubstr("99    <0.01\n"));
  EXPECT_THAT(table, HasSubstr("100     0.01\n"));
  EXPECT_THAT(table, HasSubstr(" 0     0.00\n"));
}

TEST(RenderTable, WidestValuesKeepTheirColumn) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = UINT64_MAX;
  snapshot.reasons = {{{.number = 85, .name = "TPR_BELOW_THRESHOLD"}, UINT64_MAX}};
  EXPECT_THAT(Table(snapshot),
              HasSubstr("    85  TPR_BELOW_THRESHOLD       18446744073709551615   100.00\n"));
}

}  // namespace
}  // namespace kvm_exits
