// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_source.h"

#include <gmock/gmock.h>

#include "base/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

VmIdentity Vm(pid_t pid) {
  return {.id = std::to_string(pid) + "-11", .pid = pid, .name = "web", .vmm = "qemu"};
}

BpfVcpu Vcpu(pid_t tgid, uint32_t vcpu, uint64_t exits) {
  BpfReason halt{.number = 12, .exits = exits, .ns = 1000 * exits, .longest_ns = 1500};
  halt.durations[0] = 1;
  halt.durations[10] = exits - 1;
  return {.tid = tgid + 1,
          .tgid = tgid,
          .vcpu = vcpu,
          .guest_ns = 5000,
          .reasons = {halt, {.number = 9999, .exits = 1, .ns = 10, .longest_ns = 10}}};
}

HostSnapshot Make(const BpfReading& reading, const std::vector<VmIdentity>& vms,
                  const HostRequest& request) {
  return MakeHostSnapshot(reading, Isa::kVmx, vms, request, FakeClock().now);
}

TEST(BpfSource, SumsUpTheVcpusOfAProcess) {
  const BpfReading reading = {
      .isa = Isa::kVmx, .vcpus = {Vcpu(7, 0, 10), Vcpu(7, 1, 20), Vcpu(8, 0, 40)}, .lost = 3};
  const HostSnapshot host = Make(reading, {Vm(7), Vm(8)}, {.vcpus = true});
  EXPECT_EQ(host.lost, 3U);
  EXPECT_EQ(host.isa, Isa::kVmx);
  ASSERT_THAT(host.vms, SizeIs(2));
  const VmSnapshot& vm = host.vms[0];
  EXPECT_EQ(vm.identity, Vm(7));
  EXPECT_EQ(vm.exits.vm.exits, 32U);
  EXPECT_EQ(vm.exits.vm.clock_khz, 1000000U);
  EXPECT_EQ(vm.exits.vm.time->in_exits, 30020U);
  EXPECT_EQ(vm.exits.vm.time->of_state[static_cast<size_t>(VcpuState::kGuest)], 10000U);
  EXPECT_FALSE(vm.exits.vm.time->of_state[static_cast<size_t>(VcpuState::kHalted)]);
  ASSERT_THAT(vm.exits.reasons, SizeIs(2));
  EXPECT_EQ(vm.exits.reasons[0].reason.name, "HLT");
  EXPECT_EQ(vm.exits.reasons[0].exits, 30U);
  EXPECT_EQ(vm.exits.reasons[0].longest, 1500U);
  EXPECT_EQ(vm.exits.reasons[1].reason.name, kUnnamed);
  EXPECT_EQ(vm.vcpu_count, 2U);
  ASSERT_THAT(vm.vcpus, SizeIs(2));
  EXPECT_EQ(vm.vcpus[1].vcpu, 1U);
  EXPECT_EQ(vm.vcpus[1].exits.vm.exits, 21U);
  EXPECT_EQ(host.total->vm.exits, 73U);
}

TEST(BpfSource, PaysForWhatIsAskedOnly) {
  const BpfReading reading = {.isa = Isa::kVmx, .vcpus = {Vcpu(7, 0, 10), Vcpu(8, 0, 40)}};
  HostSnapshot host = Make(reading, {Vm(7), Vm(8)}, {});
  EXPECT_THAT(host.vms[0].vcpus, IsEmpty());
  EXPECT_EQ(host.vms[0].vcpu_count, 1U);
  EXPECT_FALSE(host.vms[0].exits.reasons[0].durations);
  host = Make(reading, {Vm(7), Vm(8)}, {.only = "8-11"});
  ASSERT_THAT(host.vms, SizeIs(1));
  EXPECT_EQ(host.vms[0].identity.pid, 8);
  EXPECT_EQ(host.total->vm.exits, 52U);  // of all
}

TEST(BpfSource, HasBinsOfPowersOfTwo) {
  BpfVcpu vcpu = Vcpu(7, 0, 10);
  vcpu.reasons[0].durations[kBpfBins - 1] = 6;
  const HostSnapshot host = Make({.isa = Isa::kVmx, .vcpus = {vcpu}}, {Vm(7)}, {.durations = true});
  const DurationBin last = {.from = uint64_t{1} << (kBpfBins - 1), .below = 0, .exits = 6};
  EXPECT_EQ(
      host.vms[0].exits.reasons[0].durations,
      (Durations{
          {.from = 0, .below = 2, .exits = 1}, {.from = 1024, .below = 2048, .exits = 9}, last}));
}

TEST(BpfSource, SumsUpVcpusOfOneNumber) {
  // Two VMs of one process.
  const BpfReading reading = {.isa = Isa::kVmx,
                              .vcpus = {Vcpu(7, 1, 10), Vcpu(7, 0, 5), Vcpu(7, 1, 20)}};
  const HostSnapshot host = Make(reading, {Vm(7)}, {.vcpus = true});
  ASSERT_THAT(host.vms[0].vcpus, SizeIs(2));
  EXPECT_EQ(host.vms[0].vcpus[0].vcpu, 0U);
  EXPECT_EQ(host.vms[0].vcpus[1].exits.vm.exits, 32U);
}

TEST(BpfSource, ShowsUnknownProcessesInTheTotalOnly) {
  const BpfReading reading = {.isa = Isa::kVmx, .vcpus = {Vcpu(7, 0, 10)}};
  const HostSnapshot host = Make(reading, {Vm(8)}, {.vcpus = true});
  ASSERT_THAT(host.vms, SizeIs(1));
  EXPECT_EQ(host.vms[0].exits.vm.exits, 0U);  // one that has had no exit
  EXPECT_EQ(host.total->vm.exits, 11U);
}

TEST(BpfSource, IsNothingBeforeTheFirstExit) {
  const HostSnapshot host = Make({}, {}, {});
  EXPECT_THAT(host.vms, IsEmpty());
  EXPECT_EQ(host.total->vm.exits, 0U);
  EXPECT_THAT(host.total->reasons, IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
