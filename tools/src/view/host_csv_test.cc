// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_csv.h"

#include <gmock/gmock.h>

#include "model/fake_vms.h"

namespace kvm_exits {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

HostReport MakeReport(const std::vector<VmSnapshot>& vms) {
  return BuildHostReport(Difference(MakeHost({}), MakeHost(vms, seconds(2))),
                         {.name = "module", .limits = ""},
                         {.reasons = {}, .sort = VmSortKey::kPid});
}

TEST(HostCsv, ListIsALineForEachVm) {
  EXPECT_EQ(
      HostCsvRenderer(HostTable::kVms)
          .Render(MakeReport({MakeVm(100, "web", 1000), MakeVm(200, "db", 500)})),
      "time,seconds,source,vm,name,pid,vmm,vcpu,isa,vm_exits,vcpus,exits_per_second,time_source,"
      "guest_percent,kernel_percent,vmm_percent,halted_percent,preempted_percent,top_reason,"
      "top_name,top_exits\n"
      "2026-11-23T14:02:39.125Z,2,module,100-11,web,100,qemu,,VMX,1000,2,500,ledger,"
      "50,12.5,0,37.5,0,12,HLT,1000\n"
      "2026-11-23T14:02:39.125Z,2,module,200-11,db,200,qemu,,VMX,500,2,250,ledger,"
      "50,12.5,0,37.5,0,12,HLT,500\n");
}

TEST(HostCsv, StatIsALineForEachReason) {
  VmSnapshot vm = MakeVm(100, "web", 1000);
  vm.exits.reasons[0].durations = Durations{{.from = 1024, .below = 3072, .exits = 1000}};
  vm.exits.reasons.push_back({.reason = kUnknownReason, .exits = 1});
  EXPECT_EQ(
      HostCsvRenderer(HostTable::kReasons).Render(MakeReport({vm})),
      "time,seconds,source,vm,name,pid,vmm,vcpu,isa,vm_exits,reason,reason_name,exits,"
      "exits_per_second,share_percent,cycles,microseconds,mean_microseconds,time_share_percent,"
      "p50_microseconds,p99_microseconds,max_microseconds,guest_cycles,kernel_cycles,vmm_cycles,"
      "halted_cycles,preempted_cycles,waiting_cycles,stopped_cycles\n"
      "2026-11-23T14:02:39.125Z,2,module,100-11,web,100,qemu,,VMX,1000,12,HLT,1000,500,100,"
      "2000000,1000,1,100,1.024,1.024,4.5,2000000,500000,0,1500000,0,0,0\n"
      "2026-11-23T14:02:39.125Z,2,module,100-11,web,100,qemu,,VMX,1000,-,UNKNOWN,1,0.5,0.1,"
      ",,,,,,,,,,,,,\n");
}

TEST(HostCsv, LinesAreOfVcpusWhereTheseWereAskedFor) {
  VmSnapshot vm = MakeVm(100, "web", 10);
  vm.vcpus = {{.vcpu = 0, .exits = MakeExits(4)}, {.vcpu = 7, .exits = MakeExits(6)}};
  const std::string text = HostCsvRenderer(HostTable::kReasons).Render(MakeReport({vm}));
  EXPECT_THAT(text, HasSubstr(",qemu,0,VMX,4,12,HLT,4,"));
  EXPECT_THAT(text, HasSubstr(",qemu,7,VMX,6,12,HLT,6,"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST(HostCsv, WhatIsNotKnownIsEmpty) {
  VmSnapshot vm = MakeVm(100, "", 0);
  vm.identity.vmm = "";
  vm.exits.vm.time.reset();
  vm.exits.reasons.clear();
  HostReport report = MakeReport({vm});
  report.period.reset();
  EXPECT_THAT(HostCsvRenderer(HostTable::kVms).Render(report),
              HasSubstr("Z,,module,100-11,,100,,,VMX,0,2,0,,,,,,,,,\n"));
}

TEST(HostCsv, NamesAreQuotedAndPrintable) {
  const HostReport report = MakeReport({MakeVm(100, "a,\"b\"\n", 10)});
  EXPECT_THAT(HostCsvRenderer(HostTable::kVms).Render(report),
              HasSubstr(",\"a,\"\"b\"\"\\n\",100,"));
}

TEST(HostCsv, TitlesComeOnce) {
  HostCsvRenderer renderer(HostTable::kVms);
  const HostReport report = MakeReport({MakeVm(100, "web", 10)});
  renderer.Render(report);
  EXPECT_TRUE(renderer.Render(report).starts_with("2026-"));
}

}  // namespace
}  // namespace kvm_exits
