// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_source.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/fakes.h"
#include "source/module_tree.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ModuleSourceTest : public ::testing::Test {
 protected:
  ModuleSourceTest() {
    tree_.vms["1000-11"] = {.process = 1000, .vcpus = {{0, {{12, 10}}}, {2, {{12, 30}, {48, 5}}}}};
    tree_.vms["900-7"] = {.process = 899, .vcpus = {{0, {{10, 100}}}}};
    tree_.ended = {{12, 1000}};
    tree_.Write();
  }

  HostSnapshot Read(const HostRequest& request = {}) {
    return ModuleSource(tree_.Root(), clock_).Read(request);
  }
  static std::vector<std::string> Ids(const HostSnapshot& host) {
    std::vector<std::string> ids;
    for (const VmSnapshot& vm : host.vms) ids.push_back(vm.identity.id);
    return ids;
  }
  // What is wrong, without the directory of the test.
  std::string ErrorOfRead() {
    try {
      Read();
      return "none";
    } catch (const Error& e) {
      std::string what = e.what();
      const size_t root = what.find(tree_.Root());
      return root == std::string::npos ? what : what.erase(root, tree_.Root().size());
    }
  }

  ModuleTree tree_;
  FakeClock clock_;
};

TEST_F(ModuleSourceTest, HasVmsByTheirProcess) {
  const HostSnapshot host = Read();
  EXPECT_THAT(Ids(host), ElementsAre("900-7", "1000-11"));
  EXPECT_EQ(host.isa, Isa::kVmx);
  EXPECT_EQ(host.taken.steady, clock_.now.steady);
  EXPECT_EQ(host.period, std::nullopt);
  const VmSnapshot& vm = host.vms[1];
  EXPECT_EQ(vm.identity.pid, 1000);
  EXPECT_EQ(vm.vcpu_count, 2U);
  EXPECT_THAT(vm.vcpus, IsEmpty());
  EXPECT_EQ(vm.exits.vm.exits, 45U);
  ASSERT_THAT(vm.exits.reasons, SizeIs(2));
  EXPECT_EQ(vm.exits.reasons[0].exits, 40U);
  EXPECT_EQ(vm.exits.reasons[0].cycles, 80000U);
  EXPECT_EQ(vm.exits.reasons[0].durations, std::nullopt);
  EXPECT_EQ(vm.exits.vm.clock_khz, 2000000U);
  EXPECT_EQ(vm.exits.vm.time,
            (VmTime{.in_exits = 90000, .of_state = {45000, 90000, 0, 0, 0, 0, 0}}));
  EXPECT_EQ(host.total->vm.exits, 1145U);
}

TEST_F(ModuleSourceTest, NamesComeFromTheProcess) {
  tree_.files.Write("/proc/1000/cmdline", std::string("qemu-system-x86_64\0-name\0web-1\0", 31));
  tree_.files.Write("/proc/1000/comm", "qemu-system-x86\n");
  EXPECT_EQ(Read().vms[1].identity,
            (VmIdentity{.id = "1000-11", .pid = 1000, .name = "web-1", .vmm = "qemu"}));
}

TEST_F(ModuleSourceTest, VcpusThatAreAskedFor) {
  const HostSnapshot host = Read({.vcpus = true});
  const std::vector<VcpuSnapshot>& vcpus = host.vms[1].vcpus;
  ASSERT_THAT(vcpus, SizeIs(2));
  EXPECT_EQ(vcpus[0].vcpu, 0U);
  EXPECT_EQ(vcpus[0].exits.vm.exits, 10U);
  EXPECT_EQ(vcpus[1].vcpu, 2U);
  EXPECT_EQ(vcpus[1].exits.vm.exits, 35U);
  EXPECT_EQ(vcpus[1].exits.vm.time->in_exits, 70000U);
  EXPECT_EQ(vcpus[1].exits.reasons[0].durations, std::nullopt);
}

TEST_F(ModuleSourceTest, VcpusAscendByNumber) {
  tree_.vms["1000-11"].vcpus[10] = {{12, 1}};
  tree_.Write();
  std::vector<uint32_t> numbers;
  const HostSnapshot host = Read({.vcpus = true});
  for (const VcpuSnapshot& vcpu : host.vms[1].vcpus) numbers.push_back(vcpu.vcpu);
  EXPECT_THAT(numbers, ElementsAre(0U, 2U, 10U));
}

TEST_F(ModuleSourceTest, DurationsOfAVmAreThoseOfItsVcpus) {
  const Durations expected = {{.from = 1536, .below = 2048, .exits = 36},
                              {.from = 49152, .below = 65536, .exits = 4}};
  const VmSnapshot of_vm = Read({.durations = true}).vms[1];
  EXPECT_EQ(of_vm.exits.reasons[0].durations, expected);
  EXPECT_THAT(of_vm.vcpus, IsEmpty());
  const VmSnapshot of_both = Read({.vcpus = true, .durations = true}).vms[1];
  EXPECT_EQ(of_both.exits.reasons[0].durations, expected);
  EXPECT_EQ(of_both.vcpus[0].exits.reasons[0].durations->at(0).exits, 9U);
}

TEST_F(ModuleSourceTest, OneVm) {
  EXPECT_THAT(Ids(Read({.only = "900-7"})), ElementsAre("900-7"));
  EXPECT_THAT(Ids(Read({.only = "5-5"})), IsEmpty());
}

TEST_F(ModuleSourceTest, NamesOfVmsThatHaveANumberMore) {
  tree_.vms["1000-11.1"] = {.process = 1000, .vcpus = {{0, {{12, 1}}}}};
  tree_.Write();
  EXPECT_THAT(Ids(Read()), ElementsAre("900-7", "1000-11", "1000-11.1"));
}

TEST_F(ModuleSourceTest, WithoutALedgerThereAreExitsAlone) {
  EXPECT_EQ(ModuleSource(tree_.Root(), clock_).Limits(Read()), "");
  tree_.is_timed = false;
  tree_.Write();
  const HostSnapshot host = Read({.vcpus = true, .durations = true});
  EXPECT_EQ(host.vms[1].exits.vm.exits, 45U);
  EXPECT_EQ(host.vms[1].exits.vm.time, std::nullopt);
  EXPECT_EQ(host.vms[1].exits.reasons[0].durations, std::nullopt);
  EXPECT_EQ(ModuleSource(tree_.Root(), clock_).Limits(host),
            "no times: the ledger is off (stat and top have them with --time)");
}

TEST_F(ModuleSourceTest, StatesThatVanishTakeTheTimeAlong) {
  tree_.files.Remove(ModuleTree::VmDirectory("1000-11") + "/states");
  const HostSnapshot host = Read();
  EXPECT_EQ(host.vms[1].exits.vm.exits, 45U);
  EXPECT_EQ(host.vms[1].exits.vm.time, std::nullopt);
}

TEST_F(ModuleSourceTest, VmThatHasHadNoExitHasALedger) {
  tree_.vms["1000-11"].vcpus = {{0, {}}};
  tree_.Write();
  const HostSnapshot host = Read();
  EXPECT_EQ(host.vms[1].exits.vm.time, (VmTime{.in_exits = 0, .of_state = {0, 0, 0, 0, 0, 0, 0}}));
  EXPECT_EQ(host.vms[1].exits.vm.clock_khz, 2000000U);
}

TEST_F(ModuleSourceTest, Amd) {
  ModuleTree amd(Isa::kSvm);
  amd.vms["5-5"] = {.process = 5, .vcpus = {{0, {{0x78, 3}, {0xFFFFFFFF, 2}}}}};
  amd.Write();
  const HostSnapshot host = ModuleSource(amd.Root(), clock_).Read({});
  EXPECT_EQ(host.isa, Isa::kSvm);
  EXPECT_EQ(host.vms.at(0).exits.reasons[1].reason.name, "INVALID");
}

TEST_F(ModuleSourceTest, VmThatEndsBetweenTwoReadings) {
  ModuleSource source(tree_.Root(), clock_);
  EXPECT_THAT(source.Read({}).vms, SizeIs(2));
  tree_.files.Remove(ModuleTree::VmDirectory("900-7"));
  EXPECT_THAT(Ids(source.Read({})), ElementsAre("1000-11"));
}

// Its directory is listed, and then its files are gone: ENODEV, or ENOENT.
TEST_F(ModuleSourceTest, VmThatEndsDuringAReadingIsNotInIt) {
  tree_.files.Remove(ModuleTree::VmDirectory("900-7") + "/reasons");
  EXPECT_THAT(Ids(Read()), ElementsAre("1000-11"));
  tree_.files.Write(ModuleTree::VmDirectory("1000-11") + "/reasons", "# VM 1000-11 of proce");
  EXPECT_THAT(Ids(Read()), IsEmpty());
}

TEST_F(ModuleSourceTest, VcpuThatGoesDuringAReadingIsNotInIt) {
  tree_.files.Remove(ModuleTree::VmDirectory("1000-11") + "/vcpu0/reasons");
  const HostSnapshot host = Read({.vcpus = true, .durations = true});
  ASSERT_THAT(host.vms[1].vcpus, SizeIs(1));
  EXPECT_EQ(host.vms[1].vcpus[0].vcpu, 2U);
  EXPECT_EQ(host.vms[1].exits.vm.exits, 45U);
}

TEST_F(ModuleSourceTest, OtherNamesBesideAreNoVcpus) {
  for (const char* const name : {"/vcpu", "/vcpux", "/vcpu99999999999", "/other"}) {
    tree_.files.Write(ModuleTree::VmDirectory("900-7") + name + "/reasons", "");
  }
  EXPECT_EQ(Read({.vcpus = true}).vms[0].vcpu_count, 1U);
}

TEST_F(ModuleSourceTest, TotalThatIsNoTableIsAnError) {
  tree_.files.Write("/sys/kernel/debug/kvm_exits/reasons", "garbage\n");
  EXPECT_EQ(ErrorOfRead(), "/sys/kernel/debug/kvm_exits/reasons is no table of exit reasons");
}

TEST_F(ModuleSourceTest, ModuleThatIsUnloadedMeanwhileIsAnError) {
  ModuleSource source(tree_.Root(), clock_);
  tree_.files.Remove("/sys/kernel/debug/kvm_exits");
  tree_.files.Remove("/sys/module/kvm_exits");
  try {
    source.Read({});
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "the module kvm_exits is not loaded: modprobe kvm_exits");
  }
}

TEST_F(ModuleSourceTest, TellsWhatIsMissing) {
  tree_.files.Remove("/sys/kernel/debug/kvm_exits");
  EXPECT_EQ(ErrorOfRead(),
            "/sys/kernel/debug/kvm_exits does not exist: mount -t debugfs debugfs "
            "/sys/kernel/debug");
  tree_.files.Remove("/sys/module/kvm_exits");
  EXPECT_EQ(ErrorOfRead(), "the module kvm_exits is not loaded: modprobe kvm_exits");
  tree_.files.Remove(ModuleTree::Parameter("cpuid"));
  EXPECT_EQ(ErrorOfRead(),
            "the KVM that is loaded has no exit counters: its kernel is not patched");
  tree_.files.Remove("/sys/module/kvm");
  EXPECT_EQ(ErrorOfRead(), "KVM is not loaded: modprobe kvm_intel, or kvm_amd");
}

TEST_F(ModuleSourceTest, TellsWhoMayReadIt) {
  EXPECT_EXIT(
      {
        // Nobody may look into the test's own directory.
        if (geteuid() == 0 ? seteuid(65534) != 0 : chmod(tree_.Root().c_str(), 0) != 0) _exit(1);
        fputs(ErrorOfRead().c_str(), stderr);
        _exit(0);
      },
      ::testing::ExitedWithCode(0),
      "^cannot read /sys/kernel/debug/kvm_exits: Permission denied; run this as root$");
  chmod(tree_.Root().c_str(), 0700);
}

TEST_F(ModuleSourceTest, OtherErrorsAreTold) {
  tree_.files.Remove("/sys/kernel/debug/kvm_exits/total");
  tree_.files.Write("/sys/kernel/debug/kvm_exits/total/file", "");
  EXPECT_EQ(ErrorOfRead(), "cannot read /sys/kernel/debug/kvm_exits: Is a directory");
}

}  // namespace
}  // namespace kvm_exits
