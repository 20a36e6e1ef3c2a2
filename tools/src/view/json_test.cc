// SPDX-License-Identifier: GPL-2.0-only
#include "view/json.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

using nlohmann::json;

std::string Render(const Snapshot& snapshot, const ReportOptions& options = {}) {
  return JsonRenderer().Render(BuildReport(snapshot, options));
}

TEST(RenderJson, IsOneLine) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1200;
  snapshot.reasons[2].exits = 600;
  EXPECT_EQ(
      Render(snapshot, {.limit = 2}),
      R"({"time":"2026-11-23T14:02:37.125Z","isa":"VMX","host_tsc_khz":2100000,)"
      R"("vm_exits":1200,"shown_exits":999,"reading_exits":11,)"
      R"("vm_cycles":null,"states":null,"reasons":[)"
      R"({"reason":12,"name":"HLT","exits":600,"share_percent":50.0,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":48,"name":"EPT_VIOLATION","exits":399,"share_percent":33.25,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null}]})"
      "\n");
}

TEST(RenderJson, NumbersOfSvmAreUnsigned) {
  Snapshot snapshot = MakeSvmSnapshot();
  snapshot.vm.exits = 1200;
  snapshot.reasons[2].exits = 201;
  EXPECT_EQ(
      Render(snapshot, {.with_zeros = true}),
      R"({"time":"2026-11-23T14:02:37.125Z","isa":"SVM","host_tsc_khz":2100000,)"
      R"("vm_exits":1200,"shown_exits":1200,"reading_exits":12,)"
      R"("vm_cycles":null,"states":null,"reasons":[)"
      R"({"reason":1024,"name":"NPF","exits":399,"share_percent":33.25,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":114,"name":"CPUID","exits":300,"share_percent":25.0,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":4294967295,"name":"INVALID","exits":300,"share_percent":25.0,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":120,"name":"HLT","exits":201,"share_percent":16.75,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":0,"name":"CR0_READ","exits":0,"share_percent":0.0,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null},)"
      R"({"reason":null,"name":"UNKNOWN","exits":0,"share_percent":0.0,)"
      R"("cycles":null,"microseconds":null,"mean_microseconds":null,"time_share_percent":null}]})"
      "\n");
}

// The same file is given to json_schema_test.py.
TEST(RenderJson, IsWhatTheSchemaDescribes) {
  Snapshot measured = MakeTimedSnapshot();
  measured.vm.period = Seconds(2.5);
  measured.vm.start_exits = 20;
  Snapshot nothing = MakeSnapshot();
  nothing.vm.exits = 0;
  nothing.reasons.clear();
  const ReportOptions options{.with_zeros = true};
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/src/view/testdata/guest.jsonl");
  EXPECT_EQ(Render(MakeSnapshot()) + Render(MakeSvmSnapshot(), options) +
                Render(measured, options) + Render(nothing),
            std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(RenderJson, EveryCountComesBack) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = UINT64_MAX;
  snapshot.reasons[1].exits = UINT64_MAX - 1;
  const json object = json::parse(Render(snapshot, {.sort = SortKey::kReason, .with_zeros = true}));
  EXPECT_EQ(object["vm_exits"].get<uint64_t>(), UINT64_MAX);
  ASSERT_EQ(object["reasons"].size(), snapshot.reasons.size());
  EXPECT_TRUE(object["reasons"].back()["reason"].is_null());
  for (size_t i = 0; i + 1 < snapshot.reasons.size(); ++i) {
    const json& row = object["reasons"][i];
    EXPECT_TRUE(row["exits"].is_number_unsigned());
    EXPECT_EQ(row["exits"].get<uint64_t>(), snapshot.reasons[i].exits);
    EXPECT_EQ(row["reason"].get<uint64_t>(), snapshot.reasons[i].reason.number);
    EXPECT_EQ(row["name"].get<std::string>(), snapshot.reasons[i].reason.name);
    EXPECT_FALSE(row.contains("exits_per_second"));
  }
  EXPECT_FALSE(object.contains("seconds"));
}

TEST(RenderJson, IntervalsHaveSecondsAndRates) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.period = Seconds(1.5);
  const json object = json::parse(Render(snapshot, {.sort = SortKey::kReason}));
  EXPECT_EQ(object["seconds"], 1.5);
  EXPECT_EQ(object["reasons"][0]["exits_per_second"], 200.0);
}

TEST(RenderJson, MeanTimesOfAPeriod) {
  Snapshot snapshot = MakeTimedSnapshot();
  snapshot.vm.period = Seconds(1);
  const json object = json::parse(Render(snapshot, {.sort = SortKey::kTime}));
  EXPECT_DOUBLE_EQ(object["reasons"][0]["mean_microseconds"].get<double>(), 2000.0 / 600);
}

TEST(RenderJson, Times) {
  const json object = json::parse(Render(MakeTimedSnapshot(), {.sort = SortKey::kTime}));
  EXPECT_EQ(object["vm_cycles"], 5250000);
  const json& row = object["reasons"][0];
  EXPECT_EQ(row["name"], "HLT");
  EXPECT_EQ(row["cycles"], 4200000);
  EXPECT_EQ(row["microseconds"], 2000.0);
  // Some of these exits may have had no ledger.
  EXPECT_TRUE(row["mean_microseconds"].is_null());
  EXPECT_EQ(row["time_share_percent"], 80.0);
  ASSERT_EQ(object["states"].size(), 7U);
  EXPECT_EQ(object["states"][3], json({{"state", 3},
                                       {"name", "halted"},
                                       {"cycles", 4200000},
                                       {"microseconds", 2000.0},
                                       {"time_share_percent", 4200000.0 / 7350210 * 100}}));
}

TEST(RenderJson, TimesOfAHostWhoseRateIsNotKnownAreCyclesAlone) {
  Snapshot snapshot = MakeTimedSnapshot();
  snapshot.vm.clock_khz = 0;
  const json object = json::parse(Render(snapshot));
  EXPECT_EQ(object["reasons"][0]["cycles"], 4200000);
  EXPECT_TRUE(object["reasons"][0]["microseconds"].is_null());
  EXPECT_TRUE(object["states"][0]["microseconds"].is_null());
}

TEST(RenderJson, ShareOfNothingIsNull) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 0;
  EXPECT_TRUE(json::parse(Render(snapshot))["reasons"][0]["share_percent"].is_null());
}

TEST(RenderJson, NamesAreEscaped) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.reasons = {{{.number = 1, .name = "a\"b\\c\n"}, 1}};
  EXPECT_EQ(json::parse(Render(snapshot))["reasons"][0]["name"], "a\"b\\c\n");
}

}  // namespace
}  // namespace kvm_exits
