// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_exits.h"

#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <thread>

#include "base/error.h"
#include "source/bpf_accesses.h"
#include "source/trace_format_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kEvents[] = "/sys/kernel/tracing/events";

class BpfExitsTest : public TraceTree {
 protected:
  void MakeFormat(const std::string& event, const std::string& text) {
    MakeFile(std::string(kEvents) + "/kvm/" + event + "/format", text);
  }
  std::string Failure() {
    return Thrown<Error>([&] { BpfExits(root, std::nullopt); });
  }
  std::string AccessesFailure(AccessKind kind) {
    return Thrown<Error>([&] { BpfAccesses(root, kind, std::nullopt, std::nullopt); });
  }
};

TEST_F(BpfExitsTest, TellsThatKvmIsNotLoaded) {
  MakeDirectory(kEvents);
  EXPECT_THAT(Failure(), HasSubstr("KVM is not loaded"));
  EXPECT_THAT(AccessesFailure(AccessKind::kMsr), HasSubstr("KVM is not loaded"));
}

TEST_F(BpfExitsTest, TellsThatTracepointIsMissing) {
  MakeFormat("kvm_exit", kKvmExitFormat);
  EXPECT_THAT(Failure(), HasSubstr("no tracepoint kvm_entry"));
  EXPECT_THAT(AccessesFailure(AccessKind::kHypercall), HasSubstr("kvm_hypercall kvm_hv_hypercall"));
}

TEST_F(BpfExitsTest, TellsThatFieldIsMissing) {
  MakeFormat("kvm_exit", kKvmEntryFormat);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  EXPECT_THAT(Failure(), HasSubstr("it has no field exit_reason"));
  EXPECT_THAT(AccessesFailure(AccessKind::kRip), HasSubstr("it has no field exit_reason"));
}

TEST_F(BpfExitsTest, TellsThatFieldIsNoNumber) {
  std::string text = kKvmExitFormat;
  text.replace(text.find("offset:24;\tsize:4"), 17, "offset:25;\tsize:4");
  MakeFormat("kvm_exit", text);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  EXPECT_THAT(Failure(), HasSubstr("field isa has 4 bytes at 25"));
}

// With tracepoints that this machine, wherever it is, does not have under these numbers,
// or has no rights to: what comes is an error, in words, and no output.
TEST_F(BpfExitsTest, TellsThatKernelRefuses) {
  std::string text = kKvmExitFormat;
  text.replace(text.find("ID: 1577"), 8, "ID: 4294967295");
  MakeFormat("kvm_exit", text);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const std::string failure = Failure();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(failure, ::testing::AnyOf(HasSubstr("run it as root of the host"), HasSubstr("errno"),
                                        HasSubstr("CONFIG_BPF_SYSCALL")));
}

// The programs themselves, without KVM: system calls of this process are taken for exits
// and entries, where the kernel lets the tests have BPF and tracefs is mounted.
// lab/tasks/bpf-test does it with guests.
class BpfSyscallTest : public BpfExitsTest {
 protected:
  // An exit is a system call with its arguments for fields, the entry is its end, and the
  // vCPU is its number.
  void SetUp() override {
    std::filesystem::create_symlink("/proc", root + "/proc");
    const std::string enter = SyscallEvent("sys_enter");
    const std::string exit = SyscallEvent("sys_exit");
    if (enter.empty() || exit.empty()) GTEST_SKIP() << "tracefs cannot be read";
    MakeFormat("kvm_exit", enter +
                               "field:long exit_reason;offset:16;size:8;signed:0;\n"
                               "field:u32 isa;offset:24;size:4;signed:0;\n"
                               "field:long guest_rip;offset:32;size:8;signed:0;\n"
                               "field:u32 vcpu_id;offset:8;size:4;signed:0;\n");
    MakeFormat("kvm_entry", exit + "field:u32 vcpu_id;offset:8;size:4;signed:0;\n");
    MakeFormat("kvm_msr", enter +
                              "field:u64 ecx;offset:32;size:8;signed:0;\n"
                              "field:u8 write;offset:40;size:1;signed:0;\n"
                              "field:u16 exception;offset:48;size:2;signed:0;\n");
    MakeFormat("kvm_pio", enter +
                              "field:u64 port;offset:32;size:8;signed:0;\n"
                              "field:u64 rw;offset:40;size:8;signed:0;\n"
                              "field:u32 count;offset:48;size:4;signed:0;\n");
    if (bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, nullptr, "GPL", nullptr, 0, nullptr) == -EPERM) {
      GTEST_SKIP() << "no rights to BPF programs";
    }
  }

  // "ID: N", or nothing.
  static std::string SyscallEvent(const std::string& event) {
    std::ifstream file("/sys/kernel/tracing/events/raw_syscalls/" + event + "/id");
    std::string id;
    return file >> id ? "ID: " + id + "\n" : "";
  }

  static void Exit(uint64_t reason, Isa isa, uint64_t key = 0, uint64_t first = 0,
                   uint64_t second = 0) {
    syscall(SYS_getppid, reason, isa, key, first, second);
  }

  static std::map<uint32_t, BpfReason> Exits(const BpfReading& reading) {
    std::map<uint32_t, BpfReason> exits;
    for (const BpfVcpu& vcpu : reading.vcpus) {
      EXPECT_EQ(vcpu.tgid, getpid());
      if (vcpu.vcpu != SYS_getppid) continue;
      for (const BpfReason& reason : vcpu.reasons) exits[reason.number] = reason;
    }
    return exits;
  }
};

TEST_F(BpfSyscallTest, CountsExits) {
  BpfExits exits(root, getpid());
  for (int i = 0; i < 1000; ++i) Exit(12, Isa::kVmx);
  for (int i = 0; i < 3; ++i) Exit(0x80000021, Isa::kVmx);
  Exit(0x400, Isa::kSvm);
  for (int i = 0; i < 2; ++i) Exit(~uint64_t{0}, Isa::kSvm);
  const BpfReading reading = exits.Read();
  EXPECT_TRUE(reading.isa);
  EXPECT_EQ(reading.lost, 0);
  auto counted = Exits(reading);
  EXPECT_EQ(counted.size(), 4);
  EXPECT_EQ(counted[12].exits, 1000);
  EXPECT_EQ(counted[0x21].exits, 3);
  EXPECT_EQ(counted[0x400].exits, 1);
  EXPECT_EQ(counted[0xffffffff].exits, 2);
  const BpfReason& reason = counted[12];
  EXPECT_EQ(std::accumulate(reason.durations.begin(), reason.durations.end(), uint64_t{0}), 1000);
  EXPECT_GT(reason.ns, 0);
  EXPECT_LE(reason.longest_ns, reason.ns);
  uint64_t least = 0;
  uint64_t most = 0;
  for (size_t bin = 0; bin < kBpfBins; ++bin) {
    least += bin == 0 ? 0 : reason.durations[bin] << bin;
    most += reason.durations[bin] << (bin + 1);
  }
  EXPECT_GE(reason.ns, least);
  EXPECT_LT(reason.ns, most);
}

TEST_F(BpfSyscallTest, CountsExitThatIsOpen) {
  BpfExits exits(root, getpid());
  std::atomic<bool> stop = false;
  std::atomic<pid_t> tid = 0;
  std::thread sleeper([&] {
    tid = gettid();
    sigset_t none = {};
    // A wait with the reason as its first argument: a descriptor for nothing.
    pollfd nothing = {.fd = -1, .events = 0, .revents = 0};
    while (!stop) ppoll(&nothing, 1, nullptr, &none);
  });
  const auto open = [&](const BpfReading& reading) {
    uint64_t count = 0;
    for (const BpfVcpu& vcpu : reading.vcpus) {
      if (vcpu.tid != tid || vcpu.vcpu != SYS_ppoll) continue;
      for (const BpfReason& reason : vcpu.reasons) count += reason.exits;
    }
    return count;
  };
  while (open(exits.Read()) == 0) std::this_thread::yield();
  EXPECT_EQ(open(exits.Read()), 1);
  exits.ForgetEnded();
  EXPECT_EQ(open(exits.Read()), 1);
  stop = true;
  struct sigaction ignore = {};
  ignore.sa_handler = [](int) {};
  sigaction(SIGUSR2, &ignore, nullptr);
  pthread_kill(sleeper.native_handle(), SIGUSR2);
  sleeper.join();
  EXPECT_EQ(open(exits.Read()), 1);
  exits.Read();
  exits.ForgetEnded();
  const BpfReading after = exits.Read();
  EXPECT_EQ(open(after), 0);
  uint64_t forgotten = 0;
  for (const BpfReason& reason : after.forgotten.reasons) forgotten += reason.exits;
  EXPECT_GE(forgotten, 1U);
}

TEST_F(BpfSyscallTest, TellsWhatIsLostForWantOfRoom) {
  constexpr uint64_t kReasons = kBpfMaxReasons + 5000;
  BpfExits exits(root, getpid());
  for (uint64_t reason = 0; reason < kReasons; ++reason) Exit(reason, Isa::kSvm);
  const BpfReading reading = exits.Read();
  EXPECT_GE(reading.lost, kReasons - kBpfMaxReasons);
  uint64_t sum = 0;
  for (const auto& [number, reason] : Exits(reading)) sum += reason.exits;
  EXPECT_LE(sum, kBpfMaxReasons);
  // Those of other system calls are lost, too: the reading itself has some hundreds.
  EXPECT_GE(sum + reading.lost, kReasons);
  EXPECT_LT(sum + reading.lost, kReasons + 1000);
}

TEST_F(BpfSyscallTest, CountsNothingOfOthers) {
  BpfExits exits(root, 1);
  Exit(12, Isa::kVmx);
  for (const BpfVcpu& vcpu : exits.Read().vcpus) EXPECT_EQ(vcpu.tgid, 1);
}

TEST_F(BpfSyscallTest, CountsAccesses) {
  constexpr uint64_t kKey = 0x123456789abcdef0;
  BpfAccesses msrs(root, AccessKind::kMsr, getpid(), 31);
  BpfAccesses ports(root, AccessKind::kPort, getpid(), std::nullopt);
  for (int i = 0; i < 3; ++i) Exit(31, Isa::kVmx, kKey, 1, 1);
  for (int i = 0; i < 2; ++i) Exit(32, Isa::kVmx, kKey, 0, 4);
  const auto of_key = [](std::vector<Access> accesses) {
    std::erase_if(accesses, [](const Access& access) { return access.key != kKey; });
    return accesses;
  };
  EXPECT_THAT(of_key(msrs.Read()),
              ElementsAre(Access{"kvm_msr", kKey, 3, 3}, Access{"kvm_msr", kKey, 0, 2}));
  EXPECT_GE(msrs.Exits(), 3);
  EXPECT_EQ(msrs.Lost(), 0);
  // Each counts as its last argument says; the kernel has no size.
  EXPECT_THAT(of_key(ports.Read()),
              ElementsAre(Access{"kvm_pio", kKey, 0, 8}, Access{"kvm_pio", kKey, 1, 3}));
  EXPECT_GE(ports.Exits(), 5);
}

TEST_F(BpfSyscallTest, CountsAccessesOfReason) {
  BpfAccesses accesses(root, AccessKind::kRip, getpid(), 0x7777);
  for (int i = 0; i < 3; ++i) Exit(0x7777, Isa::kVmx, 5);
  for (int i = 0; i < 2; ++i) Exit(0x87777777, Isa::kVmx, 6);
  Exit(0x87777777, Isa::kSvm, 7);
  Exit(0x7778, Isa::kVmx, 8);
  EXPECT_THAT(accesses.Read(),
              ElementsAre(Access{"kvm_exit", 5, 0, 3}, Access{"kvm_exit", 6, 0, 2}));
  EXPECT_EQ(accesses.Exits(), 5);
}

}  // namespace
}  // namespace kvm_exits
