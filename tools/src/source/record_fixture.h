// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_RECORD_FIXTURE_H_
#define KVM_EXITS_SOURCE_RECORD_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "source/record_format.h"

// Hosts for tests to record.
namespace kvm_exits {

inline RecordHeader MakeRecordHeader() {
  return {.host = "kvm1",
          .kernel = "6.12.0-test",
          .boot_id = "b",
          .source = "module",
          .begins_now = false,
          .has_vcpus = true,
          .interval_seconds = 1};
}

inline std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Two VMs, each of which has had exits.
struct RecordedHost {
  RecordedHost() {
    const FakeClock clock;
    snapshot = {.taken = clock.now, .isa = Isa::kVmx, .vms = {}};
    Snapshot exits{.vm = {.isa = Isa::kVmx,
                          .clock_khz = 0,
                          .taken = clock.now,
                          .period = std::nullopt,
                          .exits = 0},
                   .reasons = {{{.number = 10, .name = "CPUID"}, 300},
                               {{.number = 12, .name = "HLT"}, 8589934592},
                               {{.number = 48, .name = "EPT_VIOLATION"}, 0},
                               {kUnknownReason, 0}}};
    for (const pid_t pid : {1000, 2000}) {
      snapshot.vms.push_back({.identity = {.id = std::to_string(pid) + "-11",
                                           .pid = pid,
                                           .name = "web",
                                           .vmm = "qemu",
                                           .uuid = pid == 1000 ? "u-1" : ""},
                              .exits = exits,
                              .vcpu_count = 2,
                              .vcpus = {}});
    }
    snapshot.total = exits;
    snapshot.total->reasons[1].exits *= 3;
    snapshot.total_before = snapshot.total;
    Settle();
  }

  Snapshot& Vm(size_t i) { return snapshot.vms.at(i).exits; }

  template <typename Change>
  void ForEach(Change change) {
    for (VmSnapshot& vm : snapshot.vms) {
      change(vm.exits);
      for (VcpuSnapshot& vcpu : vm.vcpus) change(vcpu.exits);
    }
    if (snapshot.total) change(*snapshot.total);
    if (snapshot.total_before) change(*snapshot.total_before);
  }

  // As sources have it: sums are those of the reasons, and all is of one moment.
  void Settle() {
    ForEach([&](Snapshot& exits) {
      exits.vm.taken = snapshot.taken;
      exits.vm.exits = 0;
      uint64_t cycles = 0;
      for (const ReasonCount& count : exits.reasons) {
        exits.vm.exits += count.exits;
        cycles += count.cycles.value_or(0);
      }
      if (exits.vm.time) exits.vm.time->in_exits = cycles;
    });
  }

  void Pass(std::chrono::milliseconds duration) {
    snapshot.taken.steady += duration;
    snapshot.taken.wall += duration;
    Settle();
  }

  // The ledger is on.
  void SetTimed() {
    ForEach([](Snapshot& exits) {
      exits.vm.clock_khz = 2000000;
      exits.vm.time = VmTime{.in_exits = 0, .of_state = {9, 8, 7, 6, std::nullopt, 0, 0}};
      for (ReasonCount& count : exits.reasons) {
        count.cycles = count.exits * 3;
        count.longest = 7;
        count.of_state = {1, 0, 0, 3, std::nullopt, 0, 0};
        count.durations = Durations{{.from = 4, .below = 6, .exits = 2}};
      }
    });
    Settle();
  }

  void SetUntimed() {
    ForEach([](Snapshot& exits) {
      exits.vm.time.reset();
      for (ReasonCount& count : exits.reasons) {
        count.cycles.reset();
        count.longest.reset();
        count.of_state = {};
        count.durations.reset();
      }
    });
    Settle();
  }

  // Exits for the first reason, which take longer than any before.
  void AddTimes() {
    ForEach([](Snapshot& exits) {
      *exits.vm.time->of_state[0] += 100;
      *exits.vm.time->of_state[6] += 1;
      ReasonCount& count = exits.reasons[0];
      count.exits += 2;
      *count.cycles += 50;
      *count.longest += 30;
      *count.of_state[3] += 11;
      count.durations->front().exits += 1;
      Add(Durations{{.from = 6, .below = 8, .exits = 1}, {.from = 64, .below = 0, .exits = 1}},
          *count.durations);
    });
    Settle();
  }

  HostSnapshot snapshot;
};

inline void ExpectSame(const Snapshot& expected, const Snapshot& read) {
  EXPECT_EQ(expected.vm.isa, read.vm.isa);
  EXPECT_EQ(expected.vm.clock_khz, read.vm.clock_khz);
  EXPECT_EQ(expected.vm.taken.steady, read.vm.taken.steady);
  EXPECT_EQ(expected.vm.taken.wall, read.vm.taken.wall);
  EXPECT_EQ(expected.vm.exits, read.vm.exits);
  EXPECT_EQ(expected.vm.time, read.vm.time);
  EXPECT_EQ(expected.reasons, read.reasons);
}

inline void ExpectSame(const std::optional<Snapshot>& expected,
                       const std::optional<Snapshot>& read) {
  ASSERT_EQ(expected.has_value(), read.has_value());
  if (expected) ExpectSame(*expected, *read);
}

inline void ExpectSame(const HostSnapshot& expected, const HostSnapshot& read) {
  EXPECT_EQ(expected.taken.steady, read.taken.steady);
  EXPECT_EQ(expected.taken.wall, read.taken.wall);
  EXPECT_EQ(expected.isa, read.isa);
  EXPECT_EQ(expected.lost, read.lost);
  ExpectSame(expected.total, read.total);
  ExpectSame(expected.total_before, read.total_before);
  ASSERT_EQ(expected.vms.size(), read.vms.size());
  for (size_t i = 0; i < expected.vms.size(); ++i) {
    const VmSnapshot& vm = expected.vms[i];
    EXPECT_EQ(vm.identity, read.vms[i].identity);
    EXPECT_EQ(vm.vcpu_count, read.vms[i].vcpu_count);
    EXPECT_EQ(vm.cpu, read.vms[i].cpu);
    ExpectSame(vm.exits, read.vms[i].exits);
    ASSERT_EQ(vm.vcpus.size(), read.vms[i].vcpus.size());
    for (size_t j = 0; j < vm.vcpus.size(); ++j) {
      EXPECT_EQ(vm.vcpus[j].vcpu, read.vms[i].vcpus[j].vcpu);
      ExpectSame(vm.vcpus[j].exits, read.vms[i].vcpus[j].exits);
    }
  }
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_RECORD_FIXTURE_H_
