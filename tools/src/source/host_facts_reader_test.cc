// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_facts_reader.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/fakes.h"
#include "source/guest_leaves.h"
#include "source/host_tree_fixture.h"
#include "source/module_file_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kModules = "/lib/modules/6.12.0-test";

class HostFactsReader : public HostTreeTest {
 protected:
  HostFactsReader() {
    // No guest.
    cpuid_.overrides[1] = cpuid_.overrides[kLeafSignature] = {};
    Write("/proc/sys/kernel/osrelease", "6.12.0-test\n");
    Write("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\nflags\t: svm constant_tsc\n\n");
  }

  HostFacts Read() { return ReadHostFacts(root_, cpuid_); }

  // Installs a module of the kernel that runs as `path` below its directory.
  void Install(const std::string& path, std::string_view modinfo, std::string_view build_id = "") {
    dep_ += path + ": kernel/virt/lib/irqbypass.ko\n";
    Write(std::string(kModules) + "/modules.dep", dep_);
    Write(std::string(kModules) + "/" + path, MakeModule(modinfo, build_id));
  }

  void Load(const std::string& name) { Write("/sys/module/" + name + "/initstate", "live\n"); }

  FakeGuest cpuid_;
  std::string dep_;
};

constexpr std::string_view kPatchedModinfo(
    "vermagic=6.12.0-test SMP\0parmtype=exit_counters_cpuid:bool\0", 60);
constexpr std::string_view kStockModinfo("vermagic=6.1.0-other SMP\0parmtype=halt_poll_ns:uint",
                                         51);

TEST_F(HostFactsReader, OfAnEmptyTree) {
  std::filesystem::remove_all(root_ + "/proc");
  const HostFacts facts = Read();
  EXPECT_THAT(facts.release, IsEmpty());
  EXPECT_FALSE(facts.has_module_tree);
  EXPECT_FALSE(facts.has_dev_kvm);
  EXPECT_FALSE(facts.kvm.loaded);
  EXPECT_FALSE(facts.kvm.built_in);
  EXPECT_EQ(facts.vendor.name, "");
  EXPECT_EQ(facts.switches.cpuid, std::nullopt);
  EXPECT_EQ(facts.lockdown, std::nullopt);
  EXPECT_EQ(facts.debugfs.total, FileAccess::kMissing);
  EXPECT_EQ(facts.tracefs.kvm_exit, FileAccess::kMissing);
  EXPECT_EQ(facts.rights.uid, std::nullopt);
  EXPECT_FALSE(facts.has_bpf);
  EXPECT_FALSE(facts.tsc_stable);
  EXPECT_EQ(facts.vms, std::nullopt);
  EXPECT_FALSE(facts.guest.is_guest);
}

TEST_F(HostFactsReader, ModulesOfWhichOneIsInstalled) {
  Install("updates/kvm-exits/kvm.ko", kPatchedModinfo, "build");
  Install("kernel/arch/x86/kvm/kvm-amd.ko", kStockModinfo);
  Load("kvm");
  Write("/sys/module/kvm/notes/.note.gnu.build-id", "build");
  const HostFacts facts = Read();
  EXPECT_TRUE(facts.has_module_tree);
  EXPECT_TRUE(facts.kvm.loaded);
  EXPECT_FALSE(facts.kvm.built_in);
  EXPECT_EQ(facts.kvm.file, std::string(kModules) + "/updates/kvm-exits/kvm.ko");
  EXPECT_EQ(facts.kvm.file_release, "6.12.0-test");
  EXPECT_EQ(facts.kvm.file_patched, true);
  EXPECT_EQ(facts.kvm.file_loaded, true);
  EXPECT_EQ(facts.vendor.name, "kvm_amd");
  EXPECT_FALSE(facts.vendor.loaded);
  EXPECT_EQ(facts.vendor.file, std::string(kModules) + "/kernel/arch/x86/kvm/kvm-amd.ko");
  EXPECT_EQ(facts.vendor.file_release, "6.1.0-other");
  EXPECT_EQ(facts.vendor.file_patched, false);
  EXPECT_EQ(facts.vendor.file_loaded, std::nullopt);
  EXPECT_EQ(facts.kvm_exits.file, "");
}

TEST_F(HostFactsReader, ModuleOfAnotherBuild) {
  Install("updates/kvm-exits/kvm.ko", kPatchedModinfo, "build");
  Load("kvm");
  // Nothing is known of one that has no build ID.
  EXPECT_EQ(Read().kvm.file_loaded, std::nullopt);
  Write("/sys/module/kvm/notes/.note.gnu.build-id", "other");
  EXPECT_EQ(Read().kvm.file_loaded, false);
}

TEST_F(HostFactsReader, ModuleOfAnotherSource) {
  Install("kernel/kvm.ko", std::string_view("srcversion=ABC\0", 15));
  Load("kvm");
  Write("/sys/module/kvm/srcversion", "ABC\n");
  EXPECT_EQ(Read().kvm.file_loaded, true);
  Write("/sys/module/kvm/srcversion", "ABD\n");
  EXPECT_EQ(Read().kvm.file_loaded, false);
}

TEST_F(HostFactsReader, CompressedModule) {
  Write(std::string(kModules) + "/modules.dep", "kernel/kvm.ko.xz:\n");
  Write(std::string(kModules) + "/kernel/kvm.ko.xz",
        "\xfd"
        "7zXZ");
  const HostFacts facts = Read();
  EXPECT_EQ(facts.kvm.file, std::string(kModules) + "/kernel/kvm.ko.xz");
  EXPECT_EQ(facts.kvm.file_patched, std::nullopt);
  EXPECT_EQ(facts.kvm.file_release, "");
}

TEST_F(HostFactsReader, BuiltInModule) {
  MakeDirectory("/sys/module/kvm/parameters");
  EXPECT_TRUE(Read().kvm.loaded);
  EXPECT_TRUE(Read().kvm.built_in);
  Load("kvm");
  EXPECT_FALSE(Read().kvm.built_in);
  Write(std::string(kModules) + "/modules.builtin", "kernel/arch/x86/kvm/kvm.ko\n");
  EXPECT_TRUE(Read().kvm.built_in);
}

// It would lead out of the tree.
TEST_F(HostFactsReader, ReleaseIsNoPath) {
  Write("/proc/sys/kernel/osrelease", "../../etc\n");
  EXPECT_EQ(Read().release, "");
  EXPECT_FALSE(Read().has_module_tree);
}

TEST_F(HostFactsReader, Switches) {
  Write("/sys/module/kvm/parameters/exit_counters_cpuid", "Y\n");
  Write("/sys/module/kvm/parameters/exit_counters_time", "N\n");
  const HostFacts facts = Read();
  EXPECT_EQ(facts.switches.cpuid, true);
  EXPECT_EQ(facts.switches.time, false);
  EXPECT_EQ(facts.switches.histogram, std::nullopt);
}

TEST_F(HostFactsReader, Debugfs) {
  Write("/proc/filesystems", "nodev\tproc\nnodev\tdebugfs\n\text4\n");
  Write("/proc/self/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n");
  Write("/sys/kernel/debug/kvm_exits/total", "677887\n");
  MakeDirectory("/sys/kernel/debug/kvm_exits/vms/12-3");
  MakeDirectory("/sys/kernel/debug/kvm/12-3");
  MakeDirectory("/sys/kernel/debug/kvm/12-4");
  HostFacts facts = Read();
  EXPECT_TRUE(facts.debugfs.in_kernel);
  EXPECT_TRUE(facts.debugfs.mounted);
  EXPECT_FALSE(facts.debugfs.off_by_cmdline);
  EXPECT_EQ(facts.debugfs.total, FileAccess::kReadable);
  EXPECT_EQ(facts.debugfs.exits, 677887U);
  EXPECT_EQ(facts.vms, 1U);

  // Without kvm_exits, it is KVM that has a directory for each.
  std::filesystem::remove_all(root_ + "/sys/kernel/debug/kvm_exits");
  Write("/proc/filesystems", "nodev\tproc\n");
  Write("/proc/cmdline", "quiet debugfs=off\n");
  facts = Read();
  EXPECT_FALSE(facts.debugfs.in_kernel);
  EXPECT_TRUE(facts.debugfs.off_by_cmdline);
  EXPECT_EQ(facts.debugfs.total, FileAccess::kMissing);
  EXPECT_EQ(facts.debugfs.exits, std::nullopt);
  EXPECT_EQ(facts.vms, 2U);
}

TEST_F(HostFactsReader, Tracefs) {
  Write("/proc/filesystems", "nodev\ttracefs\n");
  Write("/proc/self/mounts", "tracefs /sys/kernel/debug/tracing tracefs rw 0 0\n");
  Write("/sys/kernel/debug/tracing/events/kvm/kvm_exit/id", "1500\n");
  const HostFacts facts = Read();
  EXPECT_TRUE(facts.tracefs.in_kernel);
  EXPECT_TRUE(facts.tracefs.mounted);
  EXPECT_EQ(facts.tracefs.kvm_exit, FileAccess::kReadable);
}

TEST_F(HostFactsReader, WhatMayNotBeRead) {
  Write("/sys/kernel/debug/kvm_exits/total", "1\n");
  Write("/sys/kernel/tracing/events/kvm/kvm_exit/id", "1500\n");
  chmod((root_ + "/sys/kernel/debug").c_str(), 0);
  chmod((root_ + "/sys/kernel/tracing").c_str(), 0);
  if (access((root_ + "/sys/kernel/debug/kvm_exits").c_str(), F_OK) != 0) {
    const HostFacts facts = Read();
    EXPECT_EQ(facts.debugfs.total, FileAccess::kDenied);
    EXPECT_EQ(facts.tracefs.kvm_exit, FileAccess::kDenied);
    EXPECT_EQ(facts.vms, std::nullopt);
  }
  chmod((root_ + "/sys/kernel/debug").c_str(), 0700);
  chmod((root_ + "/sys/kernel/tracing").c_str(), 0700);
}

TEST_F(HostFactsReader, TheRest) {
  MakeDirectory("/dev/kvm");
  Write("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t1\n");
  Write("/proc/self/uid_map", "0 0 4294967295\n");
  Write("/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
  Write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  Write("/boot/config-6.12.0-test", "CONFIG_BPF_EVENTS=y\n# CONFIG_KVM_EXIT_COUNTERS is not set\n");
  const std::string clocksource = "/sys/devices/system/clocksource/clocksource0/";
  Write(clocksource + "current_clocksource", "kvm-clock\n");
  Write(clocksource + "available_clocksource", "kvm-clock tsc acpi_pm \n");
  HostFacts facts = Read();
  EXPECT_TRUE(facts.has_dev_kvm);
  EXPECT_TRUE(facts.cpu.svm);
  EXPECT_EQ(facts.rights.uid, 0U);
  EXPECT_EQ(facts.rights.capabilities, 1U);
  EXPECT_TRUE(facts.rights.of_host);
  EXPECT_TRUE(facts.has_bpf);
  EXPECT_EQ(facts.lockdown, Lockdown::kIntegrity);
  EXPECT_EQ(facts.config_bpf_events, true);
  EXPECT_EQ(facts.config_exit_counters, false);
  EXPECT_EQ(facts.clocksource, "kvm-clock");
  EXPECT_TRUE(facts.tsc_stable);
  Write(clocksource + "available_clocksource", "tsc-early hpet acpi_pm \n");
  EXPECT_FALSE(Read().tsc_stable);
}

TEST_F(HostFactsReader, Guest) {
  cpuid_.overrides.clear();
  cpuid_.overrides[0x40000000] = {.ebx = 0x4b4d564b, .ecx = 0x564b4d56, .edx = 0x4d};
  GuestFacts guest = Read().guest;
  EXPECT_TRUE(guest.is_guest);
  EXPECT_EQ(guest.hypervisor, "KVMKVMKVM");
  EXPECT_TRUE(guest.has_signature);
  EXPECT_TRUE(guest.has_counts);
  EXPECT_FALSE(guest.has_cycles);
  cpuid_.tells_cycles = true;
  EXPECT_TRUE(Read().guest.has_cycles);

  // The rest of such answers means nothing.
  AnswerAllLeaves(cpuid_, kIntelGarbage);
  guest = Read().guest;
  EXPECT_TRUE(guest.is_guest);
  EXPECT_FALSE(guest.has_signature);
  EXPECT_FALSE(guest.has_counts);
}

TEST_F(HostFactsReader, TextsAreFitForATerminal) {
  const std::string text = "\x1b[2J\n" + std::string(100000, 'x');
  Write("/proc/sys/kernel/osrelease", text);
  Write("/proc/cpuinfo", "vendor_id\t: " + text);
  Write("/sys/devices/system/clocksource/clocksource0/current_clocksource", text);
  cpuid_.overrides[1] = {.ecx = 0x80000000};
  cpuid_.overrides[0x40000000] = {.ebx = 0x0a1b0a1b, .ecx = 0xffffffff, .edx = 0x41};
  const HostFacts facts = Read();
  for (const std::string& one :
       {facts.release, facts.cpu.vendor, facts.clocksource, facts.guest.hypervisor}) {
    EXPECT_THAT(one, Not(IsEmpty()));
    EXPECT_LE(one.size(), 64U);
    EXPECT_TRUE(std::ranges::all_of(one, [](char c) { return c >= ' ' && c <= '~'; })) << one;
  }
}

}  // namespace
}  // namespace kvm_exits
