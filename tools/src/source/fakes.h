// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_FAKES_H_
#define KVM_EXITS_SOURCE_FAKES_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "model/exit_reason.h"
#include "source/cpuid_source.h"

// Guests for tests to read.
namespace kvm_exits {

// A guest of a KVM that counts, written from the contract of the leaves and
// not with the tool's decoder.  As in the real one, CPUID itself is an exit.
class FakeGuest : public CpuidSource {
 public:
  explicit FakeGuest(Isa isa = Isa::kVmx) : isa_(isa) {}

  // By reason.  A reason that is absent here has no exits; it is undefined
  // only where `undefined` says so, and then its exits are in the total alone.
  std::map<uint32_t, uint64_t> exits;
  std::function<bool(uint32_t)> undefined = [this](uint32_t reason) {
    if (isa_ == Isa::kVmx) return reason > 85;
    return reason > 0xA6 && (reason < 0x400 || reason > 0x403) && reason < 0xFFFFFFFC;
  };

  // Where the guest is told of time: cycles by reason and by state.
  bool tells_cycles = false;
  std::map<uint32_t, uint64_t> cycles;
  std::array<uint64_t, 7> cycles_of_state = {};

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
        return {.eax = tells_cycles ? 3U : 1U,
                .ebx = isa_ == Isa::kVmx ? 1U : 2U,
                .ecx = isa_ == Isa::kVmx ? 80U : 175U,
                .edx = 2100000};
      case 0x4FFFFFF2:
        if (!tells_cycles) return {};
        if (subleaf > 6) return {.edx = 0xFFFFFFFF};
        return Cycles(cycles_of_state.at(subleaf));
      case 0x4FFFFFF3:
        return Map(subleaf);
      case 0x4FFFFFFD:
        if (undefined(subleaf)) return {.edx = 0xFFFFFFFF};
        return Halves(exits[subleaf]);
      case 0x4FFFFFFC:
        if (!tells_cycles) return {};
        if (undefined(subleaf)) return {.edx = 0xFFFFFFFF};
        return Cycles(cycles[subleaf]);
      case 0x4FFFFFFE: {
        if (!tells_cycles) return {};
        uint64_t total = 0;
        for (const auto& [reason, count] : cycles) total += count;
        return Cycles(total);
      }
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
  // The slots in which there are exits, from slot 128 * `subleaf` on.
  CpuidRegisters Map(uint32_t subleaf) const {
    std::array<uint32_t, 4> registers{};
    for (const auto& [reason, count] : exits) {
      uint32_t slot = 216;
      if (!undefined(reason)) {
        slot = reason;
        if (reason >= 0x400) slot = 192 + (reason - 0x400);
        if (reason >= 0xFFFFFFF8) slot = 208 + (reason - 0xFFFFFFF8);
      }
      if (count > 0 && slot / 128 == subleaf) registers[slot % 128 / 32] |= 1U << slot % 32;
    }
    return {.eax = registers[0], .ebx = registers[1], .ecx = registers[2], .edx = registers[3]};
  }

  static CpuidRegisters Halves(uint64_t value) {
    return {.eax = static_cast<uint32_t>(value & 0xFFFFFFFF),
            .ebx = static_cast<uint32_t>(value >> 32U)};
  }

  static CpuidRegisters Cycles(uint64_t value) {
    return {.ebx = static_cast<uint32_t>(value >> 32U),
            .ecx = static_cast<uint32_t>(value & 0xFFFFFFFF)};
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

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_FAKES_H_
