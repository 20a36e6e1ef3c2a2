// SPDX-License-Identifier: GPL-2.0-only
#include "source/vcpu_threads.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "source/fake_proc.h"
#include "source/thread_stat.h"

namespace kvm_exits {
namespace {

// The text of `stat`; numbers that nobody asks for are their field's.
std::string Stat(const std::string& name, const std::string& utime, const std::string& stime,
                 const std::string& guest_time) {
  std::string text = "4711 (" + name + ") S";
  for (int field = 4; field <= 52; ++field) {
    text += " " + (field == 14   ? utime
                   : field == 15 ? stime
                   : field == 43 ? guest_time
                   : field == 8  ? "-1"
                                 : std::to_string(field));
  }
  return text + "\n";
}

double Ticks(double ticks) { return ticks / static_cast<double>(sysconf(_SC_CLK_TCK)); }

TEST(ThreadStat, Parses) {
  const std::string text = Stat("CPU 3/KVM", "900", "70", "800");
  const auto stat = ParseThreadStat(text);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "CPU 3/KVM");
  EXPECT_EQ(stat->utime, 900U);
  EXPECT_EQ(stat->stime, 70U);
  EXPECT_EQ(stat->guest_time, 800U);
}

TEST(ThreadStat, ARecordedOne) {
  const auto stat = ParseThreadStat(
      "1954 (CPU 0/KVM) S 1 1948 1948 0 -1 138412416 8191 0 12 0 51234 7261 0 0 20 0 7 0 3522 "
      "1666092544 199092 18446744073709551615 94150262738944 94150268993549 140724606018640 0 0 0 "
      "268444224 4096 16963 0 0 0 -1 3 0 0 0 43210 0 94150270786192 94150271846104 "
      "94150295216128 140724606019877 140724606021320 140724606021320 140724606021596 0\n");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->utime, 51234U);
  EXPECT_EQ(stat->stime, 7261U);
  EXPECT_EQ(stat->guest_time, 43210U);
}

TEST(ThreadStat, NamesMayHaveAnythingInThem) {
  for (const std::string name : {"a) S 1 2 3", "(", ")", "", " ", "x\ny", ") R 1 (", "\x1b[2J"}) {
    const std::string text = Stat(name, "1", "2", "3");
    const auto stat = ParseThreadStat(text);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->name, name);
    EXPECT_EQ(stat->guest_time, 3U);
  }
}

TEST(ThreadStat, WhatIsNone) {
  const std::string text = Stat("a", "1", "2", "3456");
  const size_t whole = text.find(" 3456 ") + 6;
  for (size_t size = 0; size < whole; ++size) {
    EXPECT_FALSE(ParseThreadStat(text.substr(0, size))) << size;
  }
  EXPECT_TRUE(ParseThreadStat(text.substr(0, whole)));
  EXPECT_FALSE(ParseThreadStat(Stat("a", "-1", "2", "3")));
  EXPECT_FALSE(ParseThreadStat(Stat("a", "1", "x", "3")));
  EXPECT_FALSE(ParseThreadStat(Stat("a", "1", "2", "99999999999999999999999")));
  EXPECT_FALSE(ParseThreadStat(")("));
}

TEST(ThreadStat, AnyBytes) {
  std::mt19937 random(1);
  const std::string good = Stat("CPU 3/KVM", "900", "70", "800");
  for (int round = 0; round < 50000; ++round) {
    std::string text = good;
    for (auto i = random() % 6; i > 0; --i) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    text.resize(random() % (text.size() + 1));
    if (const auto stat = ParseThreadStat(text)) {
      ASSERT_LE(stat->name.size(), text.size());
      VcpuOfThreadName(stat->name);
    }
    ParseRunDelay(text);
  }
}

TEST(ThreadStat, RunDelay) {
  EXPECT_EQ(ParseRunDelay("123 456 7\n"), 456U);
  EXPECT_EQ(ParseRunDelay("0 18446744073709551615 7\n"), 18446744073709551615U);
  for (const char* const text : {"", "\n", "1", "1 2", "1 2\n", "1  2 3", "-1 2 3", "1 -2 3",
                                 "1 x 3", "1 99999999999999999999 3"}) {
    EXPECT_FALSE(ParseRunDelay(text)) << text;
  }
}

TEST(ThreadStat, NamesOfVcpus) {
  EXPECT_EQ(VcpuOfThreadName("CPU 3/KVM"), 3U);
  EXPECT_EQ(VcpuOfThreadName("CPU 1023/KVM"), 1023U);
  EXPECT_EQ(VcpuOfThreadName("fc_vcpu 3"), 3U);
  EXPECT_EQ(VcpuOfThreadName("vcpu31"), 31U);
  EXPECT_EQ(VcpuOfThreadName("crosvm_vcpu3"), 3U);
  EXPECT_EQ(VcpuOfThreadName("kvm-vcpu-3"), 3U);
  EXPECT_EQ(VcpuOfThreadName("db_vcpu0"), 0U);
  for (const char* const name :
       {"", "CPU 3/TCG", "CPU /KVM", "CPU 3", "CPU -3/KVM", "CPU 3/KVMx", "CPU 4294967296/KVM",
        "vcpu", "vcpu 3", "vcpu3x", "vcpux", "xvcpu3", "IO mon_iothread", "CPU/KVM"}) {
    EXPECT_FALSE(VcpuOfThreadName(name)) << name;
  }
}

class Qemu {
 public:
  Qemu() {
    Add(10, Stat("qemu-system-x86", "50", "60", "0"));
    Add(13, Stat("CPU 1/KVM", "900", "70", "800"), "5000000000 250000000 9\n");
    Add(12, Stat("CPU 0/KVM", "5", "0", "6"), "5000000000 1500000000 9\n");
    Add(14, Stat("other", "7", "1", "7"));
  }

  void Add(pid_t tid, const std::string& stat, const std::string& schedstat = "") const {
    host.Write(host.Thread(10, tid) + "/stat", stat);
    if (!schedstat.empty()) host.Write(host.Thread(10, tid) + "/schedstat", schedstat);
  }

  FakeProc host;
};

TEST(VcpuThreads, AreThoseWithTheNameOrWithGuestTime) {
  const Qemu qemu;
  const auto threads = ReadVcpuThreads(qemu.host.Root(), 10);
  ASSERT_EQ(threads.size(), 3U);
  EXPECT_EQ(threads[0].tid, 12);
  EXPECT_EQ(threads[0].vcpu, 0U);
  EXPECT_EQ(threads[1].tid, 13);
  EXPECT_EQ(threads[1].vcpu, 1U);
  EXPECT_EQ(threads[2].tid, 14);
  EXPECT_EQ(threads[2].vcpu, std::nullopt);
}

TEST(VcpuThreads, Times) {
  const Qemu qemu;
  const auto threads = ReadVcpuThreads(qemu.host.Root(), 10);
  EXPECT_DOUBLE_EQ(threads[1].times.guest, Ticks(800));
  EXPECT_DOUBLE_EQ(threads[1].times.user, Ticks(100)) << "without the guest's";
  EXPECT_DOUBLE_EQ(threads[1].times.system, Ticks(70));
  EXPECT_DOUBLE_EQ(threads[1].times.run_delay, 0.25);
  EXPECT_DOUBLE_EQ(threads[0].times.user, 0) << "less than the guest's";
  EXPECT_DOUBLE_EQ(threads[0].times.guest, Ticks(6));
  EXPECT_DOUBLE_EQ(threads[0].times.run_delay, 1.5);
  EXPECT_DOUBLE_EQ(threads[2].times.run_delay, 0) << "no schedstat";
}

TEST(VcpuThreads, ComeAndGo) {
  const Qemu qemu;
  VcpuThreadReader reader(qemu.host.Root(), 10);
  EXPECT_EQ(reader.Read().size(), 3U);
  qemu.host.Remove(qemu.host.Thread(10, 13));
  qemu.Add(15, Stat("CPU 2/KVM", "1", "1", "1"));
  const auto threads = reader.Read();
  ASSERT_EQ(threads.size(), 3U);
  EXPECT_EQ(threads[1].tid, 15);

  // Its number is another's, and its files are others.
  qemu.Add(13, Stat("CPU 1/KVM", "1", "1", "1"));
  ASSERT_EQ(reader.Read().size(), 4U);
  EXPECT_DOUBLE_EQ(reader.Read()[1].times.guest, Ticks(1));
}

TEST(VcpuThreads, TimesPass) {
  const Qemu qemu;
  VcpuThreadReader reader(qemu.host.Root(), 10);
  EXPECT_DOUBLE_EQ(reader.Read()[1].times.guest, Ticks(800));
  qemu.Add(13, Stat("CPU 1/KVM", "950", "70", "850"), "5000000000 1000000000 9\n");
  EXPECT_DOUBLE_EQ(reader.Read()[1].times.guest, Ticks(850));
  EXPECT_DOUBLE_EQ(reader.Read()[1].times.run_delay, 1);
}

TEST(VcpuThreads, AreLookedForAgain) {
  const Qemu qemu;
  VcpuThreadReader reader(qemu.host.Root(), 10);
  EXPECT_EQ(reader.Read().size(), 3U);
  qemu.Add(10, Stat("qemu-system-x86", "50", "60", "1"));
  size_t calls = 1;
  for (; reader.Read().size() < 4; ++calls) ASSERT_LE(calls, 16U);
  EXPECT_EQ(reader.Read().size(), 4U);
}

TEST(VcpuThreads, Garbage) {
  const Qemu qemu;
  qemu.Add(13, std::string(1 << 20, ')'));
  qemu.Add(14, "");
  qemu.Add(12, Stat("CPU 0/KVM", "5", "0", "6"), std::string(1 << 20, '9'));
  qemu.host.MakeDirectory(qemu.host.Thread(10, 16));
  qemu.host.MakeDirectory(qemu.host.Thread(10, 17) + "/stat");
  qemu.host.Write("/proc/10/task/nobody/stat", "x");
  const auto threads = ReadVcpuThreads(qemu.host.Root(), 10);
  ASSERT_EQ(threads.size(), 1U);
  EXPECT_EQ(threads[0].tid, 12);
  EXPECT_DOUBLE_EQ(threads[0].times.run_delay, 0);
  EXPECT_TRUE(ReadVcpuThreads(qemu.host.Root(), 11).empty());
  EXPECT_TRUE(ReadVcpuThreads(qemu.host.Root(), -1).empty());
}

// Threads of this process that are called as vCPUs.
TEST(VcpuThreads, OfThisHost) {
  std::atomic<int> ready = 0;
  std::atomic<bool> stop = false;
  std::atomic<pid_t> busy = 0;
  std::vector<std::thread> threads;
  for (int vcpu = 0; vcpu < 3; ++vcpu) {
    threads.emplace_back([&, vcpu] {
      prctl(PR_SET_NAME, ("CPU " + std::to_string(vcpu) + "/KVM").c_str());
      if (vcpu == 1) busy = static_cast<pid_t>(syscall(SYS_gettid));
      ++ready;
      while (!stop) {
        if (vcpu != 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  while (ready < 3) std::this_thread::yield();
  VcpuThreadReader reader("", getpid());
  auto read = reader.Read();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read.size() == 3 && read[1].times.user + read[1].times.system < 0.1 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    read = reader.Read();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[1].vcpu, 1U);
  EXPECT_EQ(read[1].tid, busy);
  EXPECT_GE(read[1].times.user + read[1].times.system, 0.1);
  EXPECT_EQ(read[1].times.guest, 0);
  EXPECT_TRUE(reader.Read().empty()) << "they are gone";
}

}  // namespace
}  // namespace kvm_exits
