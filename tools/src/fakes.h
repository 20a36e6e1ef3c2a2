// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_FAKES_H_
#define KVM_EXITS_FAKES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clock.h"
#include "cpuid_source.h"
#include "exit_reason.h"
#include "output.h"
#include "snapshot.h"

// The world that the tests put the program into.
namespace kvm_exits {

// A guest of a KVM that counts, written from the contract of the leaves and
// not with the tool's decoder.  As in the real one, CPUID itself is an exit.
class FakeGuest : public CpuidSource {
 public:
  explicit FakeGuest(Isa isa = Isa::kVmx) : isa_(isa) {}

  // By reason.  A reason that is absent here has no exits; it is undefined
  // only where `undefined` says so.
  std::map<uint32_t, uint64_t> exits;
  std::function<bool(uint32_t)> undefined = [this](uint32_t reason) {
    if (isa_ == Isa::kVmx) return reason > 85;
    return reason > 0xA6 && (reason < 0x400 || reason > 0x403) && reason < 0xFFFFFFFC;
  };

  // Answers that win over the above, as a VMM's own table of leaves does.
  std::map<uint32_t, CpuidRegisters> overrides;

  // Runs before each CPUID is answered.
  std::function<void(uint32_t leaf, uint32_t subleaf)> on_read = [](uint32_t, uint32_t) {};

  uint64_t reads = 0;

  CpuidRegisters Read(uint32_t leaf, uint32_t subleaf) override {
    ++reads;
    ++exits[isa_ == Isa::kVmx ? 10 : 0x72];
    on_read(leaf, subleaf);
    if (const auto found = overrides.find(leaf); found != overrides.end()) return found->second;
    switch (leaf) {
      case 1:
        return {.ecx = 0x80000000};
      case 0x4FFFFFF0:
        return {.eax = 0x4FFFFFFF, .ebx = 0x454D564B, .ecx = 0x43746978, .edx = 0x746E756F};
      case 0x4FFFFFF1:
        if (isa_ == Isa::kVmx) return {.eax = 1, .ebx = 1, .ecx = 80, .edx = 2100000};
        return {.eax = 1, .ebx = 2, .ecx = 175, .edx = 2100000};
      case 0x4FFFFFFD:
        if (undefined(subleaf)) return {.edx = 0xFFFFFFFF};
        return Halves(exits[subleaf]);
      case 0x4FFFFFFF: {
        uint64_t total = 0;
        for (const auto& [reason, count] : exits) total += count;
        return Halves(total);
      }
      default:
        return {};
    }
  }

 private:
  static CpuidRegisters Halves(uint64_t value) {
    return {.eax = static_cast<uint32_t>(value & 0xFFFFFFFF),
            .ebx = static_cast<uint32_t>(value >> 32U)};
  }

  const Isa isa_;
};

// What an Intel processor, and an unpatched KVM on one, answers to each of the
// leaves: the data of its highest basic leaf.
inline constexpr CpuidRegisters kIntelGarbage = {
    .eax = 0x00000007, .ebx = 0x00000340, .ecx = 0x00000340, .edx = 0x00000000};

inline void AnswerAllLeaves(FakeGuest& guest, const CpuidRegisters& answer) {
  for (uint32_t leaf = 0x4FFFFFF0; leaf != 0x50000000; ++leaf) guest.overrides[leaf] = answer;
}

// Time that passes only in WaitUntil().
class FakeClock : public Clock {
 public:
  // 2026-11-23 14:02:37.125 UTC
  Instant now = {
      .steady = std::chrono::steady_clock::time_point(std::chrono::seconds(5000)),
      .wall = std::chrono::system_clock::time_point(std::chrono::milliseconds(1795442557125))};

  // Runs at each wait with its number from 1; false is the user's interrupt.
  std::function<bool(int wait)> on_wait = [](int) { return true; };

  Instant Now() override { return now; }

  bool WaitUntil(std::chrono::steady_clock::time_point deadline) override {
    Pass(deadline - now.steady);
    return on_wait(++waits_);
  }

  void Pass(std::chrono::nanoseconds duration) {
    now.steady += duration;
    now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(duration);
  }

 private:
  int waits_ = 0;
};

class StringOutput : public Output {
 public:
  std::string text;

  void Write(std::string_view more) override { text += more; }
};

// A VM of few exits, with a tie, a zero and a count beyond 32 bits.
inline Snapshot MakeSnapshot() {
  return {.vm = {.isa = Isa::kVmx,
                 .host_tsc_khz = 2100000,
                 .taken = FakeClock().now,
                 .period = std::nullopt,
                 .exits = 8589935592,
                 .reading_exits = 85},
          .reasons = {{{.number = 3, .name = "INIT_SIGNAL"}, 0},
                      {{.number = 10, .name = "CPUID"}, 300},
                      {{.number = 12, .name = "HLT"}, 8589934592},
                      {{.number = 29, .name = "DR_ACCESS"}, 300},
                      {{.number = 48, .name = "EPT_VIOLATION"}, 399}}};
}

// The same of an AMD host, with exit codes of each notation.
inline Snapshot MakeSvmSnapshot() {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.isa = Isa::kSvm;
  snapshot.vm.reading_exits = 180;
  snapshot.reasons = {{{.number = 0x00, .name = "CR0_READ"}, 0},
                      {{.number = 0x72, .name = "CPUID"}, 300},
                      {{.number = 0x78, .name = "HLT"}, 8589934592},
                      {{.number = 0x400, .name = "NPF"}, 399},
                      {{.number = 0xFFFFFFFF, .name = "INVALID"}, 300}};
  return snapshot;
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_FAKES_H_
