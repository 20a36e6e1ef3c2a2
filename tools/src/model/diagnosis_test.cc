// SPDX-License-Identifier: GPL-2.0-only
#include "model/diagnosis.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/fake_host.h"

namespace kvm_exits {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string_view> Checks(const Diagnosis& diagnosis) {
  std::vector<std::string_view> checks;
  for (const Finding& finding : diagnosis.findings) checks.push_back(finding.check);
  return checks;
}

// The finding of one check; an empty one where the check was left out.
Finding Find(const HostFacts& facts, std::string_view check) {
  for (const Finding& finding : Diagnose(facts).findings) {
    if (finding.check == check) return finding;
  }
  return {};
}

// A host of which one thing is different, and what is said of it.
struct Case {
  std::string_view check;
  Verdict verdict;
  std::string found;   // a part of it
  std::string advice;  // a part of it; empty: there is none
  std::function<void(HostFacts&)> change;
};

void ExpectFindings(const HostFacts& host, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    HostFacts facts = host;
    one.change(facts);
    const Finding finding = Find(facts, one.check);
    EXPECT_EQ(finding.verdict, one.verdict) << one.found;
    EXPECT_THAT(finding.found, HasSubstr(one.found));
    EXPECT_THAT(finding.advice, HasSubstr(one.advice));
    EXPECT_EQ(finding.advice.empty(), one.advice.empty()) << finding.advice;
  }
}

TEST(Diagnosis, OfAHostWhereAllIsWell) {
  const Diagnosis diagnosis = Diagnose(MakeHost());
  EXPECT_THAT(Checks(diagnosis),
              ElementsAre("cpu", "kvm", "kvm_file", "patches", "kvm_exits", "debugfs", "lockdown",
                          "rights", "bpf", "tsc", "time", "guests_told", "vms"));
  EXPECT_THAT(diagnosis.findings, Each(Field(&Finding::verdict, Verdict::kOk)));
  EXPECT_THAT(diagnosis.findings, Each(Field(&Finding::advice, IsEmpty())));
  EXPECT_EQ(diagnosis.sources, (Sources{.module = true, .bpf = true, .cpuid = false}));
}

TEST(Diagnosis, OfAStockHost) {
  const Diagnosis diagnosis = Diagnose(MakeStockHost());
  EXPECT_THAT(Checks(diagnosis), ElementsAre("cpu", "kvm", "kvm_file", "patches", "kvm_exits",
                                             "debugfs", "lockdown", "rights", "bpf", "vms"));
  EXPECT_THAT(diagnosis.findings, Each(Field(&Finding::verdict, Not(Verdict::kProblem))));
  EXPECT_EQ(diagnosis.sources, (Sources{.module = false, .bpf = true, .cpuid = false}));
}

TEST(Diagnosis, OfAGuest) {
  const Diagnosis diagnosis = Diagnose(MakeGuest());
  EXPECT_THAT(Checks(diagnosis), ElementsAre("cpu", "kvm", "guest"));
  EXPECT_THAT(diagnosis.findings, Each(Field(&Finding::verdict, Not(Verdict::kProblem))));
  EXPECT_EQ(diagnosis.sources, (Sources{.module = false, .bpf = false, .cpuid = true}));
}

// As of a machine none of whose files can be read.
TEST(Diagnosis, OfNothing) {
  const Diagnosis diagnosis = Diagnose(HostFacts());
  EXPECT_THAT(Checks(diagnosis), ElementsAre("cpu", "kvm"));
  EXPECT_FALSE(diagnosis.sources.Any());
}

TEST(Diagnosis, OfTheCpu) {
  ExpectFindings(MakeHost(),
                 {{"cpu", Verdict::kOk, "VMX (GenuineIntel)", "", [](HostFacts&) {}},
                  {"cpu", Verdict::kOk, "SVM (AuthenticAMD), given to this virtual machine", "",
                   [](HostFacts& host) {
                     host.cpu = {.vendor = "AuthenticAMD", .svm = true, .hypervisor = true};
                   }},
                  {"cpu", Verdict::kNote, "without nesting", "'nested=1'",
                   [](HostFacts& host) { host.cpu = {.hypervisor = true}; }},
                  {"cpu", Verdict::kProblem, "no VMX or SVM", "firmware",
                   [](HostFacts& host) { host.cpu = {}; }}});
}

TEST(Diagnosis, OfKvm) {
  ExpectFindings(MakeHost(),
                 {{"kvm", Verdict::kProblem, "not loaded", "'modprobe kvm_intel'",
                   [](HostFacts& host) { host.kvm.loaded = false; }},
                  {"kvm", Verdict::kNote, "not loaded", "",
                   [](HostFacts& host) {
                     host.kvm.loaded = false;
                     host.cpu.vmx = false;
                   }},
                  {"kvm", Verdict::kProblem, "but kvm_intel is not: no VM can run",
                   "'modprobe kvm_intel'", [](HostFacts& host) { host.vendor.loaded = false; }},
                  {"kvm", Verdict::kNote, "but neither kvm_intel nor kvm_amd is", "",
                   [](HostFacts& host) {
                     host.cpu.vmx = false;
                     host.vendor = {};
                   }},
                  {"kvm", Verdict::kNote, "no /dev/kvm", "'--device /dev/kvm'",
                   [](HostFacts& host) { host.has_dev_kvm = false; }},
                  {"kvm", Verdict::kOk, "kvm and kvm_intel are built in", "",
                   [](HostFacts& host) { host.kvm.built_in = true; }}});
}

TEST(Diagnosis, OfTheFileOfKvm) {
  ExpectFindings(
      MakeHost(),
      {{"kvm_file", Verdict::kOk, "updates/kvm-exits/kvm.ko, patched, is loaded", "",
        [](HostFacts&) {}},
       {"kvm_file", Verdict::kOk, "/kvm.ko.xz", "",
        [](HostFacts& host) {
          host.kvm.file += ".xz";
          host.kvm.file_patched = host.kvm.file_loaded = std::nullopt;
        }},
       {"kvm_file", Verdict::kNote, "has no /lib/modules/6.12.0-test", "",
        [](HostFacts& host) { host.has_module_tree = false; }},
       {"kvm_file", Verdict::kProblem, "has no /lib/modules/6.12.0-test", "reboot",
        [](HostFacts& host) { host.has_module_tree = host.kvm.loaded = false; }},
       {"kvm_file", Verdict::kProblem, "no kvm.ko is installed", "depmod",
        [](HostFacts& host) {
          host.kvm.file.clear();
          host.kvm.loaded = false;
        }},
       {"kvm_file", Verdict::kProblem, "is for the kernel 6.1.0, and 6.12.0-test runs",
        "'make modules modules_install'", [](HostFacts& host) { host.kvm.file_release = "6.1.0"; }},
       {"kvm_file", Verdict::kProblem, "refuse each other", "'make modules_install reload'",
        [](HostFacts& host) { host.vendor.file = MakeStockHost().vendor.file; }},
       {"kvm_file", Verdict::kProblem, "is patched, but another kvm.ko is loaded",
        "'kvm-exits reload'. If that helps only until the next boot",
        [](HostFacts& host) { host.switches = {}; }},
       {"kvm_file", Verdict::kProblem, "another kvm.ko is loaded", "'mokutil --import /var",
        [](HostFacts& host) {
          host.switches = {};
          host.lockdown = Lockdown::kIntegrity;
        }},
       {"kvm_file", Verdict::kProblem, "gone with the next boot", "'make modules_install'",
        [](HostFacts& host) { host.kvm.file_patched = false; }},
       {"kvm_file", Verdict::kNote, "is not the build that is loaded", "next boot",
        [](HostFacts& host) {
          host = MakeStockHost();
          host.kvm.file_loaded = false;
        }},
       {"kvm_file", Verdict::kNote, "is not the build that is loaded", "'kvm-exits reload'",
        [](HostFacts& host) { host.kvm.file_loaded = false; }}});
  // A guest that sees its exits misses no KVM.
  HostFacts nested = MakeGuest();
  nested.cpu.svm = true;
  nested.vendor.name = "kvm_amd";
  EXPECT_THAT(Find(nested, "kvm").advice, HasSubstr("If VMs are to run here: 'modprobe kvm_amd'"));
  EXPECT_EQ(Find(nested, "kvm").verdict, Verdict::kNote);
  nested.guest.has_counts = false;
  EXPECT_EQ(Find(nested, "kvm").verdict, Verdict::kProblem);
  nested.guest.hypervisor = "TCGTCGTCGTCG";
  nested.guest.has_signature = false;
  EXPECT_EQ(Find(nested, "guest").verdict, Verdict::kNote);
  HostFacts built_in = MakeHost();
  built_in.kvm.built_in = true;
  EXPECT_EQ(Find(built_in, "kvm_file"), Finding());
}

TEST(Diagnosis, OfThePatches) {
  ExpectFindings(
      MakeStockHost(),
      {{"patches", Verdict::kNote, "not patched",
        "the package kvm-exits-dkms, or 'make modules modules_install'", [](HostFacts&) {}},
       {"patches", Verdict::kProblem, "CONFIG_KVM_EXIT_COUNTERS", "Kconfig.fragment",
        [](HostFacts& host) { host.config_exit_counters = false; }},
       {"patches", Verdict::kProblem, "not patched", "",
        [](HostFacts& host) { host.kvm.file_patched = true; }}});
}

TEST(Diagnosis, OfTheModule) {
  ExpectFindings(MakeHost(),
                 {{"kvm_exits", Verdict::kProblem, "not loaded", "'modprobe kvm_exits'.",
                   [](HostFacts& host) { host.kvm_exits.loaded = false; }},
                  {"kvm_exits", Verdict::kProblem, "not loaded", "'mokutil --import /var",
                   [](HostFacts& host) {
                     host.kvm_exits.loaded = false;
                     host.lockdown = Lockdown::kIntegrity;
                   }},
                  {"kvm_exits", Verdict::kProblem, "not installed", "'make modules_install'",
                   [](HostFacts& host) { host.kvm_exits = {.name = "kvm_exits"}; }},
                  {"kvm_exits", Verdict::kNote, "it needs a KVM that is patched", "",
                   [](HostFacts& host) { host = MakeStockHost(); }}});
}

TEST(Diagnosis, OfDebugfs) {
  const auto unreadable = [](HostFacts& host, FileAccess access) {
    host.debugfs.total = access;
    host.debugfs.exits = std::nullopt;
  };
  ExpectFindings(
      MakeHost(),
      {{"debugfs", Verdict::kProblem, "off, by the kernel's command line", "'debugfs=off'",
        [=](HostFacts& host) {
          unreadable(host, FileAccess::kMissing);
          host.debugfs = {.in_kernel = false, .off_by_cmdline = true};
        }},
       {"debugfs", Verdict::kProblem, "not in this kernel", "CONFIG_DEBUG_FS",
        [=](HostFacts& host) {
          unreadable(host, FileAccess::kMissing);
          host.debugfs.in_kernel = host.debugfs.mounted = false;
        }},
       {"debugfs", Verdict::kProblem, "not mounted", "'mount -t debugfs",
        [=](HostFacts& host) {
          unreadable(host, FileAccess::kMissing);
          host.debugfs.mounted = false;
        }},
       {"debugfs", Verdict::kProblem, "not to be read by user 1000", "",
        [=](HostFacts& host) {
          unreadable(host, FileAccess::kDenied);
          host.rights = {.uid = 1000, .of_host = true};
        }},
       {"debugfs", Verdict::kProblem, "kvm_exits may not be read", "'dmesg'",
        [=](HostFacts& host) { unreadable(host, FileAccess::kDenied); }},
       {"debugfs", Verdict::kProblem, "without kvm_exits' files", "'modprobe kvm_exits'",
        [=](HostFacts& host) { unreadable(host, FileAccess::kMissing); }},
       {"debugfs", Verdict::kProblem, "has no number in it", "'dmesg'",
        [=](HostFacts& host) { unreadable(host, FileAccess::kReadable); }},
       {"debugfs", Verdict::kOk, "without kvm_exits, no exits", "",
        [](HostFacts& host) { host = MakeStockHost(); }},
       {"debugfs", Verdict::kNote, "not mounted", "'mount -t debugfs", [](HostFacts& host) {
          host = MakeStockHost();
          host.debugfs.mounted = false;
        }}});
}

TEST(Diagnosis, OfLockdown) {
  ExpectFindings(
      MakeHost(),
      {{"lockdown", Verdict::kNote, "not known", "",
        [](HostFacts& host) { host.lockdown = std::nullopt; }},
       {"lockdown", Verdict::kNote, "integrity: modules must be signed",
        "kvm_exits/parameters/log'", [](HostFacts& host) { host.lockdown = Lockdown::kIntegrity; }},
       {"lockdown", Verdict::kNote, "confidentiality: no BPF", "kvm_exits/parameters/log'",
        [](HostFacts& host) { host.lockdown = Lockdown::kConfidentiality; }}});
}

constexpr uint64_t kDacReadSearch = uint64_t{1} << 2U;
constexpr uint64_t kPerfmon = uint64_t{1} << 38U;
constexpr uint64_t kBpf = uint64_t{1} << 39U;

TEST(Diagnosis, OfRights) {
  ExpectFindings(
      MakeHost(),
      {{"rights", Verdict::kProblem, "root in a container", "on the host",
        [](HostFacts& host) { host.rights.of_host = false; }},
       {"rights", Verdict::kProblem, "user 1000, who may neither", "'sudo kvm-exits doctor'",
        [](HostFacts& host) { host.rights = {.uid = 1000, .of_host = true}; }},
       {"rights", Verdict::kProblem, "use BPF, but not read debugfs", "'sudo",
        [](HostFacts& host) {
          host.rights = {.uid = 1000, .capabilities = kPerfmon | kBpf, .of_host = true};
        }},
       {"rights", Verdict::kNote, "root, who may read debugfs, but not use BPF", "CAP_PERFMON",
        [](HostFacts& host) { host.rights.capabilities = kBpf; }},
       {"rights", Verdict::kOk, "user 1000, who may read debugfs and use BPF", "",
        [](HostFacts& host) {
          host.rights = {
              .uid = 1000, .capabilities = kDacReadSearch | kPerfmon | kBpf, .of_host = true};
        }}});
}

TEST(Diagnosis, OfBpf) {
  // Beside the module, that BPF is not possible is no problem.
  ExpectFindings(MakeHost(), {{"bpf", Verdict::kNote, "not possible: this kernel has no bpf(2)", "",
                               [](HostFacts& host) { host.has_bpf = false; }}});
  const std::vector<Case> cases = {
      {"bpf", Verdict::kProblem, "no bpf(2)", "", [](HostFacts& host) { host.has_bpf = false; }},
      {"bpf", Verdict::kProblem, "CONFIG_BPF_EVENTS", "",
       [](HostFacts& host) { host.config_bpf_events = false; }},
      {"bpf", Verdict::kProblem, "confidentiality", "",
       [](HostFacts& host) { host.lockdown = Lockdown::kConfidentiality; }},
      {"bpf", Verdict::kProblem, "with these rights", "",
       [](HostFacts& host) { host.rights = {.uid = 1000, .capabilities = kBpf, .of_host = true}; }},
      {"bpf", Verdict::kProblem, "with these rights", "",
       [](HostFacts& host) { host.rights.of_host = false; }},
      {"bpf", Verdict::kProblem, "no tracefs", "", [](HostFacts& host) { host.tracefs = {}; }},
      {"bpf", Verdict::kProblem, "tracefs is not mounted", "'mount -t tracefs",
       [](HostFacts& host) { host.tracefs = {.in_kernel = true}; }},
      {"bpf", Verdict::kProblem, "may not be read", "'dmesg'",
       [](HostFacts& host) { host.tracefs.kvm_exit = FileAccess::kDenied; }},
      {"bpf", Verdict::kProblem, "no tracepoint", "",
       [](HostFacts& host) { host.tracefs.kvm_exit = FileAccess::kMissing; }}};
  ExpectFindings(MakeStockHost(), cases);
  for (const Case& one : cases) {
    HostFacts facts = MakeStockHost();
    one.change(facts);
    EXPECT_EQ(Diagnose(facts).sources, Sources()) << one.found;
  }
  // What is not known forbids nothing.
  HostFacts unknown = MakeStockHost();
  unknown.config_bpf_events = std::nullopt;
  unknown.lockdown = std::nullopt;
  EXPECT_TRUE(Diagnose(unknown).sources.bpf);
  EXPECT_EQ(Find(unknown, "bpf").verdict, Verdict::kOk);
}

TEST(Diagnosis, OfTime) {
  ExpectFindings(MakeHost(), {{"tsc", Verdict::kProblem,
                               "not stable, so that no time can be kept; the clock is hpet",
                               "'dmesg | grep -i tsc'",
                               [](HostFacts& host) {
                                 host.tsc_stable = false;
                                 host.clocksource = "hpet";
                               }},
                              {"tsc", Verdict::kOk, "stable, though the clock is kvm-clock", "",
                               [](HostFacts& host) { host.clocksource = "kvm-clock"; }},
                              {"tsc", Verdict::kOk, "stable, without nonstop_tsc", "",
                               [](HostFacts& host) { host.cpu.nonstop_tsc = false; }},
                              {"time", Verdict::kNote, "exit_counters_time is N",
                               "'echo Y > /sys/module/kvm/parameters/exit_counters_time'",
                               [](HostFacts& host) { host.switches.time = false; }},
                              // It would be refused.
                              {"time", Verdict::kNote, "exit_counters_time is N", "",
                               [](HostFacts& host) {
                                 host.switches.time = false;
                                 host.tsc_stable = false;
                               }},
                              {"time", Verdict::kOk, "without histograms", "",
                               [](HostFacts& host) { host.switches.histogram = false; }}});
}

TEST(Diagnosis, OfWhatGuestsAreTold) {
  ExpectFindings(
      MakeHost(),
      {{"guests_told", Verdict::kOk, "their exits and times", "", [](HostFacts&) {}},
       {"guests_told", Verdict::kOk, "their exits, but no times", "",
        [](HostFacts& host) { host.switches.cpuid_time = false; }},
       {"guests_told", Verdict::kOk, "their exits, but no times", "",
        [](HostFacts& host) { host.switches.time = false; }},
       {"guests_told", Verdict::kNote, "exit_counters_cpuid is N", "'echo Y > ",
        [](HostFacts& host) { host.switches.cpuid = false; }},
       {"guests_told", Verdict::kNote, "exit_counters_cpuid_default is N", "guest_visible'",
        [](HostFacts& host) { host.switches.cpuid_default = false; }}});
}

TEST(Diagnosis, OfVms) {
  ExpectFindings(
      MakeHost(),
      {{"vms", Verdict::kOk, "1 VM runs", "", [](HostFacts& host) { host.vms = 1; }},
       {"vms", Verdict::kNote, "no VM runs", "totals", [](HostFacts& host) { host.vms = 0; }},
       {"vms", Verdict::kNote, "not known", "", [](HostFacts& host) { host.vms = std::nullopt; }}});
}

TEST(Diagnosis, OfTheGuest) {
  const auto silent = [](std::string hypervisor) {
    return [=](HostFacts& guest) { guest.guest = {.hypervisor = hypervisor, .is_guest = true}; };
  };
  ExpectFindings(
      MakeGuest(),
      {{"guest", Verdict::kOk, "its exits, but no times", "", [](HostFacts&) {}},
       {"guest", Verdict::kOk, "its exits, and their times", "",
        [](HostFacts& guest) { guest.guest.has_cycles = true; }},
       {"guest", Verdict::kProblem, "leaf 0x4FFFFFF1", "",
        [](HostFacts& guest) { guest.guest.has_counts = false; }},
       {"guest", Verdict::kProblem, "\"KVMKVMKVM\" tells this VM no exits", "guests_told",
        silent("KVMKVMKVM")},
       {"guest", Verdict::kProblem, "the hypervisor tells", "Only a KVM", silent("")},
       {"guest", Verdict::kProblem, "\"TCGTCGTCGTCG\"", "QEMU without KVM", silent("TCGTCGTCGTCG")},
       // Who runs VMs has theirs to see.
       {"guest", Verdict::kNote, "\"XenVMMXenVMM\"", "Only a KVM", [=](HostFacts& guest) {
          guest = MakeHost();
          silent("XenVMMXenVMM")(guest);
        }}});
}

}  // namespace
}  // namespace kvm_exits
