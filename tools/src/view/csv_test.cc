// SPDX-License-Identifier: GPL-2.0-only
#include "view/csv.h"

#include <gmock/gmock.h>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kHead =
    "time,seconds,reason,name,exits,exits_per_second,share_percent,vm_exits,reading_exits,"
    "cycles,microseconds,mean_microseconds,time_share_percent,vm_cycles,guest_cycles,"
    "kernel_cycles,vmm_cycles,halted_cycles,preempted_cycles,waiting_cycles,stopped_cycles\n";

TEST(RenderCsv, WholeLifeOfAVm) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 8589934592;
  CsvRenderer renderer;
  EXPECT_EQ(renderer.Render(BuildReport(snapshot, {.limit = 1})),
            std::string(kHead) +
                "2026-11-23T14:02:37.125Z,,12,HLT,8589934592,,100,8589934592,11,,,,,,,,,,,,\n");
}

TEST(RenderCsv, NumbersOfSvmAreThoseOfTheManual) {
  Snapshot snapshot = MakeSvmSnapshot();
  snapshot.vm.exits = 1200;
  snapshot.reasons[2].exits = 201;
  EXPECT_EQ(CsvRenderer().Render(BuildReport(snapshot, {.with_zeros = true})),
            std::string(kHead) +
                "2026-11-23T14:02:37.125Z,,0x400,NPF,399,,33.25,1200,12,,,,,,,,,,,,\n"
                "2026-11-23T14:02:37.125Z,,0x72,CPUID,300,,25,1200,12,,,,,,,,,,,,\n"
                "2026-11-23T14:02:37.125Z,,-1,INVALID,300,,25,1200,12,,,,,,,,,,,,\n"
                "2026-11-23T14:02:37.125Z,,0x78,HLT,201,,16.75,1200,12,,,,,,,,,,,,\n"
                "2026-11-23T14:02:37.125Z,,0x00,CR0_READ,0,,0,1200,12,,,,,,,,,,,,\n"
                "2026-11-23T14:02:37.125Z,,-,UNKNOWN,0,,0,1200,12,,,,,,,,,,,,\n");
}

TEST(RenderCsv, IntervalsFillTheSameColumnsUnderOneHeadLine) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1200;
  snapshot.vm.period = Seconds(1.5);
  const ReportOptions options{.sort = SortKey::kReason, .limit = 1};
  const std::string line = "2026-11-23T14:02:37.125Z,1.5,10,CPUID,300,200,25,1200,11,,,,,,,,,,,,\n";
  CsvRenderer renderer;
  EXPECT_EQ(renderer.Render(BuildReport(snapshot, options)), std::string(kHead) + line);
  EXPECT_EQ(renderer.Render(BuildReport(snapshot, options)), line);
}

TEST(RenderCsv, Times) {
  EXPECT_EQ(CsvRenderer().Render(BuildReport(MakeTimedSnapshot(), {.limit = 2})),
            std::string(kHead) +
                "2026-11-23T14:02:37.125Z,,12,HLT,600,,50,1200,11,"
                "4200000,2000,,80,5250000,2100000,1050000,0,4200000,0,0,210\n"
                "2026-11-23T14:02:37.125Z,,48,EPT_VIOLATION,300,,25,1200,11,"
                "840000,400,,16,5250000,2100000,1050000,0,4200000,0,0,210\n");
}

TEST(RenderCsv, ShareOfNothingIsEmpty) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 0;
  EXPECT_EQ(
      CsvRenderer().Render(BuildReport(snapshot, {.limit = 1})),
      std::string(kHead) + "2026-11-23T14:02:37.125Z,,12,HLT,8589934592,,,0,11,,,,,,,,,,,,\n");
}

TEST(RenderCsv, FieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(CsvField("EPT_VIOLATION"), "EPT_VIOLATION");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(CsvField("a\nb"), "\"a\nb\"");
  EXPECT_EQ(CsvField("a\rb"), "\"a\rb\"");

  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1;
  snapshot.reasons = {{{.number = 1, .name = "a,\"b\""}, 1}};
  EXPECT_EQ(
      CsvRenderer().Render(BuildReport(snapshot, {})),
      std::string(kHead) + "2026-11-23T14:02:37.125Z,,1,\"a,\"\"b\"\"\",1,,100,1,11,,,,,,,,,,,,\n");
}

}  // namespace
}  // namespace kvm_exits
