// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_facts_parser.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace kvm_exits {
namespace {

TEST(ParseCpuinfo, OfTheFirstCpu) {
  const CpuFacts cpu = ParseCpuinfo(
      "processor\t: 0\n"
      "vendor_id\t: GenuineIntel\n"
      "flags\t\t: fpu tsc vmx constant_tsc nonstop_tsc\n"
      "vmx flags\t: ept vpid\n"
      "\n"
      "processor\t: 1\n"
      "vendor_id\t: AuthenticAMD\n"
      "flags\t\t: svm hypervisor\n");
  EXPECT_EQ(cpu.vendor, "GenuineIntel");
  EXPECT_TRUE(cpu.vmx);
  EXPECT_FALSE(cpu.svm);
  EXPECT_FALSE(cpu.hypervisor);
  EXPECT_TRUE(cpu.constant_tsc);
  EXPECT_TRUE(cpu.nonstop_tsc);
}

TEST(ParseCpuinfo, FlagsAreWholeWords) {
  const CpuFacts cpu = ParseCpuinfo("flags\t: svm_lock xsvm vmxon tsc nonstop_tsc_s3 hypervisor");
  EXPECT_FALSE(cpu.svm);
  EXPECT_FALSE(cpu.vmx);
  EXPECT_FALSE(cpu.nonstop_tsc);
  EXPECT_TRUE(cpu.hypervisor);
}

TEST(ParseRights, AreTheEffectiveOnes) {
  const RightsFacts rights = ParseRights(
      "Name:\tkvm-exits\nUid:\t1000\t7\t8\t9\nCapPrm:\tffff\nCapEff:\t000000c000000004\n",
      "         0          0 4294967295\n");
  EXPECT_EQ(rights.uid, 7U);
  EXPECT_EQ(rights.capabilities, 0xc000000004U);
  EXPECT_TRUE(rights.of_host);
}

TEST(ParseRights, OfAContainer) {
  EXPECT_FALSE(ParseRights("", "0 100000 65536\n").of_host);
  EXPECT_FALSE(ParseRights("", "0 1000 1\n1 100000 65536\n").of_host);
  EXPECT_FALSE(ParseRights("", "").of_host);
}

TEST(ParseRights, OfGarbage) {
  const RightsFacts rights = ParseRights("Uid:\t0\t4294967296\nCapEff:\txyz\nUid:", "a b c");
  EXPECT_EQ(rights.uid, std::nullopt);
  EXPECT_EQ(rights.capabilities, 0U);
}

TEST(ParseLockdown, IsTheOneInBrackets) {
  EXPECT_EQ(ParseLockdown("[none] integrity confidentiality\n"), Lockdown::kNone);
  EXPECT_EQ(ParseLockdown("none [integrity] confidentiality\n"), Lockdown::kIntegrity);
  EXPECT_EQ(ParseLockdown("none integrity [confidentiality]\n"), Lockdown::kConfidentiality);
  EXPECT_EQ(ParseLockdown("none integrity confidentiality\n"), std::nullopt);
  EXPECT_EQ(ParseLockdown(""), std::nullopt);
}

TEST(IsMounted, IsOfTypeAndPlace) {
  const std::string_view mounts =
      "proc /proc proc rw 0 0\n"
      "debugfs /sys/kernel/debug/elsewhere debugfs rw 0 0\n"
      "none /sys/kernel/tracing tracefs rw 0 0\n";
  EXPECT_TRUE(IsMounted(mounts, "tracefs", "/sys/kernel/tracing"));
  EXPECT_FALSE(IsMounted(mounts, "debugfs", "/sys/kernel/tracing"));
  EXPECT_FALSE(IsMounted(mounts, "debugfs", "/sys/kernel/debug"));
  EXPECT_FALSE(IsMounted("debugfs", "debugfs", "/sys/kernel/debug"));
}

TEST(ParseConfig, KnowsThreeAnswers) {
  const std::string_view config =
      "# Linux/x86 6.12\n"
      "CONFIG_KVM=m\n"
      "CONFIG_BPF_EVENTS=y\n"
      "# CONFIG_KVM_EXIT_COUNTERS is not set\n"
      "CONFIG_NR_CPUS=64";
  EXPECT_EQ(ParseConfig(config, "CONFIG_KVM"), true);
  EXPECT_EQ(ParseConfig(config, "CONFIG_BPF_EVENTS"), true);
  EXPECT_EQ(ParseConfig(config, "CONFIG_KVM_EXIT_COUNTERS"), false);
  EXPECT_EQ(ParseConfig(config, "CONFIG_NR_CPUS"), false);
  EXPECT_EQ(ParseConfig(config, "CONFIG_BPF"), std::nullopt);
}

TEST(ParseLoneNumber, IsTheWholeText) {
  EXPECT_EQ(ParseLoneNumber("677887\n"), 677887U);
  EXPECT_EQ(ParseLoneNumber("18446744073709551615"), UINT64_MAX);
  for (const char* const text : {"", "\n", "18446744073709551616", "-1", "1 2", "0x1", "7exits"}) {
    EXPECT_EQ(ParseLoneNumber(text), std::nullopt) << text;
  }
}

TEST(ParseSwitch, IsThatOfAModule) {
  EXPECT_EQ(ParseSwitch("Y\n"), true);
  EXPECT_EQ(ParseSwitch("N\n"), false);
  EXPECT_EQ(ParseSwitch("0\n"), false);
  EXPECT_EQ(ParseSwitch(""), std::nullopt);
  EXPECT_EQ(ParseSwitch("maybe"), std::nullopt);
}

TEST(HostFactsParser, TakesAnyBytes) {
  std::mt19937 random(1);
  for (int run = 0; run < 2000; ++run) {
    std::string text;
    const std::string_view pieces[] = {
        "flags",  ":", "\n", "\t",   " ", "vmx",      "Uid:",
        "[none]", "#", "=",  "\xff", "9", "CONFIG_A", std::string_view("\0", 1)};
    for (uint64_t size = random() % 40; size > 0; --size) text += pieces[random() % 14];
    ParseCpuinfo(text);
    ParseRights(text, text);
    ParseLockdown(text);
    IsMounted(text, "vmx", "9");
    ParseConfig(text, "CONFIG_A");
    ParseLoneNumber(text);
    ParseSwitch(text);
  }
}

}  // namespace
}  // namespace kvm_exits
