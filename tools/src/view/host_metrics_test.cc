// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_metrics.h"

#include <gmock/gmock.h>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HostMetricsTest : public ::testing::Test {
 protected:
  HostMetricsTest() {
    for (const pid_t pid : {1000, 2000}) {
      VmSnapshot vm{.identity = {.id = std::to_string(pid) + "-11",
                                 .pid = pid,
                                 .name = pid == 1000 ? "web" : "d\"b\\",
                                 .vmm = "qemu"},
                    .exits = MakeTimedSnapshot(),
                    .vcpu_count = 2,
                    .vcpus = {}};
      // 4.2 GHz: bins of 2 to 3 and of 16 to 24 microseconds
      vm.exits.reasons[1].durations =
          Durations{{.from = 4200, .below = 6300, .exits = 500},
                    {.from = 33600, .below = 50400, .exits = 99},
                    {.from = uint64_t{1} << 40U, .below = 0, .exits = 1}};
      host_.vms.push_back(std::move(vm));
    }
    host_.isa = Isa::kVmx;
    host_.total = MakeTimedSnapshot();
  }

  std::string Render() { return metrics_.Render(host_, {.name = "module", .limits = ""}); }

  HostMetrics metrics_;
  HostSnapshot host_;
};

TEST_F(HostMetricsTest, HasTheCountersOfTheHost) {
  EXPECT_THAT(Render(),
              AllOf(HasSubstr("\n# TYPE kvm_exits_total counter\nkvm_exits_total{reason=\"CPUID\"} "
                              "289\n"),
                    HasSubstr("\nkvm_exit_seconds_total{reason=\"HLT\"} 0.002000000\n"),
                    HasSubstr("\nkvm_vcpu_seconds_total{state=\"halted\"} 0.002000000\n"),
                    HasSubstr("\nkvm_exits_total{reason=\"UNKNOWN\"} 1\n"),
                    HasSubstr("\nkvm_exits_lost_total 0\n")));
}

TEST_F(HostMetricsTest, HasThoseOfEachVm) {
  EXPECT_THAT(
      Render(),
      AllOf(HasSubstr("\nkvm_vm_exits_total{vm=\"web\",id=\"1000-11\",reason=\"HLT\"} 600\n"),
            HasSubstr(
                "\nkvm_vm_exits_total{vm=\"d\\\"b\\\\\\\\\",id=\"2000-11\",reason=\"HLT\"} 600\n"),
            HasSubstr("\nkvm_vm_exit_seconds_total{vm=\"web\",id=\"1000-11\",reason=\"CPUID\"} "),
            HasSubstr("\nkvm_vm_vcpu_seconds_total{vm=\"web\",id=\"1000-11\",state=\"guest\"} "),
            HasSubstr("\nkvm_vm_vcpus{vm=\"web\",id=\"1000-11\"} 2\n"),
            HasSubstr("\nkvm_vm_info{vm=\"web\",id=\"1000-11\",pid=\"1000\",vmm=\"qemu\"} 1\n")));
}

TEST_F(HostMetricsTest, HasTheReasonsThatOccurredOnTheHostForEachVm) {
  host_.vms[1].exits.reasons.clear();
  host_.vms[0].exits.reasons.push_back({.reason = {.number = 77, .name = "TDCALL"}, .exits = 0});
  EXPECT_THAT(Render(),
              AllOf(HasSubstr("id=\"2000-11\",reason=\"HLT\"} 0\n"), Not(HasSubstr("TDCALL"))));
}

TEST_F(HostMetricsTest, BucketsAreThoseOfEachHost) {
  host_.vms.pop_back();
  const auto bucket = [](const std::string& le, int exits) {
    return HasSubstr("\nkvm_exit_duration_seconds_bucket{reason=\"HLT\",le=\"" + le + "\"} " +
                     std::to_string(exits) + "\n");
  };
  // 2100000 kHz: bins of 2 to 3, and of 16 to 24 microseconds
  EXPECT_THAT(Render(),
              AllOf(bucket("1e-06", 0), bucket("2e-06", 0), bucket("4e-06", 500),
                    bucket("1.6e-05", 500), bucket("3.2e-05", 599), bucket("1.048576", 599),
                    bucket("+Inf", 600), HasSubstr("_sum{reason=\"HLT\"} 0.002000000\n"),
                    HasSubstr("_count{reason=\"HLT\"} 600\n")));
}

TEST_F(HostMetricsTest, DurationsOfAllVmsDoNotFallWhenOneEnds) {
  EXPECT_THAT(Render(), HasSubstr("kvm_exit_duration_seconds_count{reason=\"HLT\"} 1200\n"));
  host_.vms.pop_back();
  host_.vms[0].exits.reasons[1].durations->front().exits += 7;
  const std::string text = Render();
  EXPECT_THAT(text, AllOf(HasSubstr("kvm_exit_duration_seconds_count{reason=\"HLT\"} 1207\n"),
                          Not(HasSubstr("2000-11"))));
  // Nor where the ledger began anew.
  host_.vms[0].exits.reasons[1].durations = Durations{{.from = 4200, .below = 6300, .exits = 2}};
  EXPECT_THAT(Render(), HasSubstr("kvm_exit_duration_seconds_count{reason=\"HLT\"} 1209\n"));
}

TEST_F(HostMetricsTest, WithoutTimes) {
  for (VmSnapshot& vm : host_.vms) vm.exits = MakeSnapshot();
  host_.total = MakeSnapshot();
  EXPECT_THAT(Render(), AllOf(HasSubstr("\nkvm_vm_exits_total{"), Not(HasSubstr("seconds"))));
}

TEST_F(HostMetricsTest, WithoutAnExit) {
  host_ = {};
  EXPECT_THAT(Render(), AllOf(HasSubstr("source=\"module\",isa=\"\"} 1\n"), Not(HasSubstr("HLT"))));
}

TEST_F(HostMetricsTest, AReasonWithoutANameHasItsNumber) {
  host_.total->reasons.insert(host_.total->reasons.end() - 1,
                              {.reason = {.number = 90, .name = kUnnamed}, .exits = 4});
  EXPECT_THAT(Render(), HasSubstr("\nkvm_exits_total{reason=\"90\"} 4\n"));
}

}  // namespace
}  // namespace kvm_exits
