// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_names.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "source/fake_proc.h"

namespace kvm_exits {
namespace {

using std::string_literals::operator""s;

void WriteName(const FakeProc& host, pid_t pid, const std::string& name) {
  host.Write(host.Process(pid) + "/comm", "qemu-system-x86\n");
  host.Write(host.Process(pid) + "/cmdline", "qemu\0-name\0"s + name + "\0"s);
}

// Of a thread or process; times are in ticks.
std::string Stat(const std::string& name, uint64_t ticks, uint64_t started) {
  std::string text = "1 (" + name + ") S";
  for (int field = 4; field <= 52; ++field) {
    // utime has the guest's in it; stime, guest time.
    const uint64_t value = field == 14                  ? 3 * ticks
                           : field == 15 || field == 43 ? ticks
                           : field == 22                ? started
                                                        : 0;
    text += " " + std::to_string(value);
  }
  return text + "\n";
}

TEST(VmmNames, ReadsNamesOnce) {
  const FakeProc host;
  WriteName(host, 7, "web");
  VmmNames names(host.Root());
  EXPECT_EQ(names.Identify("7-11", 7),
            (VmIdentity{.id = "7-11", .pid = 7, .name = "web", .vmm = "qemu"}));
  WriteName(host, 7, "db");
  EXPECT_EQ(names.Identify("7-12", 7).name, "web");
  EXPECT_EQ(names.Identify("7-12", 7).id, "7-12");
}

TEST(VmmNames, ForgetsWhatNobodyAskedFor) {
  const FakeProc host;
  WriteName(host, 7, "web");
  VmmNames names(host.Root());
  names.Identify("7-11", 7);
  names.ForgetOthers();
  WriteName(host, 7, "db");
  EXPECT_EQ(names.Identify("7-11", 7).name, "web");  // as it was asked for since
  names.ForgetOthers();
  names.ForgetOthers();
  EXPECT_EQ(names.Identify("7-11", 7).name, "db");
}

TEST(VmmNames, HasNoNameOfAProcessThatIsGone) {
  const FakeProc host;
  VmmNames names(host.Root());
  EXPECT_EQ(names.Identify("7-11", 7), (VmIdentity{.id = "7-11", .pid = 7, .name = "", .vmm = ""}));
  const VcpuTimes times = names.ReadVcpuTimes(7);
  EXPECT_EQ(times.vcpus, 0U);
  EXPECT_FALSE(times.cpu);
}

TEST(VmmNames, SumsUpTheTimesOfVcpus) {
  const auto ticks = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  const FakeProc host;
  WriteName(host, 7, "web");
  host.Write("/proc/7/stat", Stat("qemu (1) 2", 0, 0));  // as old as this machine
  host.Write("/proc/7/task/7/stat", Stat("qemu", 0, 0));
  for (const int vcpu : {0, 1}) {
    const std::string thread = "/proc/7/task/" + std::to_string(8 + vcpu);
    host.Write(thread + "/stat", Stat("CPU " + std::to_string(vcpu) + "/KVM", 5 * ticks, 0));
    host.Write(thread + "/schedstat", "1 2000000000 3\n");
  }
  VmmNames names(host.Root());
  const VcpuTimes times = names.ReadVcpuTimes(7);
  EXPECT_EQ(times.vcpus, 2U);
  ASSERT_TRUE(times.cpu);
  EXPECT_DOUBLE_EQ(times.cpu->guest.count(), 10);
  EXPECT_DOUBLE_EQ(times.cpu->user.count(), 20);
  EXPECT_DOUBLE_EQ(times.cpu->system.count(), 10);
  EXPECT_DOUBLE_EQ(times.cpu->run_delay.count(), 4);
  EXPECT_GT(times.cpu->lifetime.count(), 0);
}

// One that was plugged in later is younger than its process.
TEST(VmmNames, CountsFromTheStartOfTheThread) {
  const FakeProc host;
  WriteName(host, 7, "web");
  const auto lifetime = [&](uint64_t started) {
    host.Write("/proc/7/task/8/stat", Stat("CPU 0/KVM", 5, started));
    VmmNames names(host.Root());
    return names.ReadVcpuTimes(7).cpu->lifetime.count();
  };
  const double since_boot = lifetime(0);
  const auto ticks = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  EXPECT_NEAR(lifetime(10 * ticks), since_boot - 10, 5);
}

}  // namespace
}  // namespace kvm_exits
