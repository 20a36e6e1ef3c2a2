// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_json.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "model/fake_vms.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::SizeIs;

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

HostReport Build(const HostDifference& difference) {
  return BuildHostReport(difference, {.name = "module", .limits = ""}, {});
}

HostReport MakeReport() {
  VmSnapshot vm = MakeVm(100, "web", 1000);
  vm.vcpus = {{.vcpu = 0, .exits = MakeExits(400)}, {.vcpu = 7, .exits = MakeExits(600)}};
  return Build(Difference(MakeHost({}), MakeHost({vm, MakeVm(200, "db", 500)}, seconds(2))));
}

json Render(const HostReport& report, HostTable table = HostTable::kReasons) {
  return json::parse(HostJsonRenderer(table).Render(report));
}

TEST(HostJson, IsOneLine) {
  const std::string text = HostJsonRenderer(HostTable::kVms).Render(MakeReport());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_TRUE(
      text.starts_with(R"({"time":"2026-11-23T14:02:39.125Z","seconds":2.0,)"
                       R"("source":"module","limits":"","isa":"VMX","lost_exits":0,)"
                       R"("vms":[{"id":"100-11","pid":100,"name":"web","vmm":"qemu",)"
                       R"("vcpus":2,"exits":1000,"exits_per_second":500.0,"cycles":2000000,)"
                       R"("clock_khz":2000000,"time_percent":{"source":"ledger",)"
                       R"("guest":50.0,"kernel":12.5,"vmm":0.0,"halted":37.5,)"
                       R"("preempted":0.0},"top_reason":{"reason":12,"name":"HLT",)"))
      << text;
}

TEST(HostJson, ListHasNoReasonsAndStatHas) {
  EXPECT_FALSE(Render(MakeReport(), HostTable::kVms)["vms"][0].contains("reasons"));
  const json object = Render(MakeReport());
  EXPECT_THAT(object["vms"][0]["reasons"], SizeIs(1));
  EXPECT_EQ(object["vms"][0]["shown_exits"], 1000);
  EXPECT_EQ(object["vms"][0]["states"][3]["name"], "halted");
  EXPECT_EQ(object["all"]["exits"], 1500);
  EXPECT_EQ(object["all"]["reasons"][0]["exits"], 1500);
  EXPECT_EQ(object["all"]["reasons"][0]["max_microseconds"], 4.5);
}

TEST(HostJson, VcpusAreInTheirVm) {
  const json object = Render(MakeReport());
  ASSERT_THAT(object["vms"][0]["each_vcpu"], SizeIs(2));
  EXPECT_EQ(object["vms"][0]["each_vcpu"][1]["vcpu"], 7);
  EXPECT_EQ(object["vms"][0]["each_vcpu"][1]["exits"], 600);
  EXPECT_THAT(object["vms"][1]["each_vcpu"], SizeIs(0));
}

TEST(HostJson, WhatIsNotKnownIsNull) {
  VmSnapshot vm = MakeVm(100, "web", 0);
  vm.exits.reasons.clear();
  vm.exits.vm.time.reset();
  vm.exits.vm.clock_khz = 0;
  HostDifference difference{.snapshot = MakeHost({vm}), .ended = {}, .restarted = {}};
  difference.snapshot.isa.reset();
  const json object = Render(Build(difference));
  EXPECT_TRUE(object["seconds"].is_null());
  EXPECT_TRUE(object["isa"].is_null());
  for (const char* const key :
       {"exits_per_second", "cycles", "clock_khz", "time_percent", "top_reason", "states"}) {
    ASSERT_TRUE(object["vms"][0].contains(key)) << key;
    EXPECT_TRUE(object["vms"][0][key].is_null()) << key;
  }
  difference.snapshot.vms.clear();
  EXPECT_TRUE(Render(Build(difference))["all"].is_null());
}

TEST(HostJson, EveryCountComesBack) {
  HostReport report = MakeReport();
  report.vms[0].report.vm.exits = kMax;
  report.lost = kMax;
  EXPECT_EQ(Render(report)["vms"][0]["exits"], kMax);
  EXPECT_EQ(Render(report)["lost_exits"], kMax);
}

TEST(HostJson, NamesAreTextWhateverTheyAre) {
  HostReport report = MakeReport();
  report.vms[0].identity.name = "a\"\n\x1b\xff";
  report.ended = {report.vms[0].identity};
  report.restarted = report.ended;
  const json object = Render(report);
  EXPECT_EQ(object["vms"][0]["name"], "a\"\n\x1b\ufffd");
  EXPECT_EQ(object["ended"][0]["name"], "a\"\n\x1b\ufffd");
  EXPECT_EQ(object["restarted"][0]["id"], report.vms[0].identity.id);
}

TEST(HostJson, SchedulersSharesSayWhoseTheyAre) {
  HostReport report = MakeReport();
  report.vms[0].shares.is_sampled = true;
  EXPECT_EQ(Render(report)["vms"][0]["time_percent"]["source"], "scheduler");
}

}  // namespace
}  // namespace kvm_exits
