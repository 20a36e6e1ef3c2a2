// SPDX-License-Identifier: GPL-2.0-only
#include "source/guest_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "model/exit_slot.h"
#include "source/guest_leaves.h"

namespace kvm_exits {
namespace {

GuestFeatures RequireCounts(const GuestFeatures& features) {
  if (!features.has_counts) {
    throw Error(
        "the hypervisor does not show this VM its exits: CPUID leaf 0x4FFFFFF1, EAX bit 0, is "
        "clear");
  }
  return features;
}

const ReasonTable& RequireTable(uint32_t isa) {
  const ReasonTable* const table = FindReasonTable(Isa{isa});
  if (table == nullptr) {
    throw Error("this version of kvm-exits has no table of the exit reasons of this host's " +
                std::string(IsaName(Isa{isa})) +
                " virtualization extension (CPUID leaf 0x4FFFFFF1, EBX: " + std::to_string(isa) +
                ")");
  }
  return *table;
}

[[noreturn]] void ThrowContradiction() {
  throw Error(
      "the hypervisor's answers contradict each other: it has fewer exits in all (CPUID leaf "
      "0x4FFFFFFF) than for the single reasons; the VM was moved or restored just now, or its "
      "VMM answers a leaf itself");
}

// The table's reasons and the one for all others, none of which occurred yet.
std::vector<ReasonCount> NoExits(const ReasonTable& table) {
  std::vector<ReasonCount> counts;
  for (const ExitReason& reason : table.reasons) counts.push_back({.reason = reason, .exits = 0});
  counts.push_back({.reason = kUnknownReason, .exits = 0});
  return counts;
}

// Returns the count of a reason; it is put in its place if the table lacks it.
ReasonCount& CountOf(std::vector<ReasonCount>& counts, uint64_t number) {
  const auto found = std::ranges::lower_bound(
      counts, number, {}, [](const ReasonCount& count) { return count.reason.number; });
  if (found != counts.end() && found->reason.number == number) return *found;
  return *counts.insert(found, {.reason = {.number = number, .name = kUnnamed}, .exits = 0});
}

// Returns what `total` has above the sum of the reasons.
uint64_t RestOf(uint64_t total, const std::vector<ReasonCount>& counts) {
  for (const ReasonCount& count : counts) {
    if (count.exits > total) ThrowContradiction();
    total -= count.exits;
  }
  return total;
}

// No leaf has the exits for kUnknownReason.  They are a part of `rest`, what the
// total has above the sum of the reasons, and the total was read before the reasons
// too, `meanwhile` exits earlier; what the reader itself caused, before the reason
// CPUID was read and after, is none of them.  Between the bounds that follow, which
// meet in a VM that rests, what was `known` at an earlier reading holds, so that
// the count never falls.
uint64_t BoundUnknown(uint64_t known, uint64_t rest, uint64_t meanwhile, uint64_t reads_before,
                      uint64_t reads_after) {
  const auto less = [](uint64_t a, uint64_t b) { return a - std::min(a, b); };
  const uint64_t at_least = std::max(uint64_t{1}, less(rest + reads_before, meanwhile));
  const uint64_t at_most = std::max(at_least, less(rest, reads_after));
  if (at_least > rest) ThrowContradiction();
  return std::clamp(known, at_least, at_most);
}

[[noreturn]] void ThrowNoReason(const WantedReason& wanted, Isa isa) {
  throw Error(wanted.text + " is not an exit reason of " + std::string(IsaName(isa)));
}

}  // namespace

CpuidRegisters GuestReader::Cpuid(uint32_t leaf, uint32_t subleaf) {
  ++reads_;
  return cpuid_.Read(leaf, subleaf);
}

// The signature decides, not the hypervisor bit, which a VMM may hide.
void GuestReader::RequireSignature() {
  if (DecodeSignature(Cpuid(kLeafSignature))) return;
  if (!DecodeHypervisorPresent(Cpuid(kLeafProcessorFeatures))) {
    throw Error(
        "this is not a virtual machine: CPUID leaf 0x4FFFFFF0 lacks the signature "
        "\"KVMExitCount\", and the processor's hypervisor bit (leaf 1, ECX bit 31) is clear");
  }
  throw Error(
      "the hypervisor does not show this VM its exits: CPUID leaf 0x4FFFFFF0 lacks the signature "
      "\"KVMExitCount\" (no KVM with kvm-exits, its exit_counters_cpuid switched off, or a VMM "
      "that hides the leaf)");
}

GuestReader::Occurred GuestReader::ReadMap(Isa isa) {
  Occurred occurred;
  for (uint32_t map = 0; map * kSlotsPerMap < kExitSlots; ++map) {
    for (const uint32_t slot : DecodeReasonMap(Cpuid(kLeafReasonMap, map), map)) {
      if (const auto reason = SlotReason(isa, slot)) {
        occurred.reasons.push_back(*reason);
      } else {
        occurred.unknown = true;
      }
    }
  }
  return occurred;
}

// Returns nothing where the host has ceased to tell: no VM reads this without having
// run.
std::optional<VmTime> GuestReader::ReadTime() {
  VmTime time;
  time.in_exits = DecodeCycles(Cpuid(kLeafTotalCycles)).value_or(0);
  for (uint32_t state = 0; state < kVcpuStates; ++state) {
    time.of_state[state] = DecodeCycles(Cpuid(kLeafStateCycles, state)).value_or(0);
  }
  if (time.in_exits == 0) return std::nullopt;
  return time;
}

// Returns false for what is no exit reason.  KVM, not the table, decides which
// numbers are: it may be the newer one.
bool GuestReader::ReadWanted(const ReasonTable& table, const WantedReason& wanted,
                             std::vector<ReasonCount>& counts) {
  const std::optional<ExitReason> reason = ResolveReason(table, wanted);
  if (!reason) return false;
  if (reason->number == kUnknownReason.number) return true;
  const bool occurred = std::ranges::any_of(counts, [&](const ReasonCount& count) {
    return count.reason.number == reason->number && count.exits > 0;
  });
  if (occurred) return true;
  const auto number = static_cast<uint32_t>(reason->number);
  const auto exits = DecodeReasonExits(Cpuid(kLeafReasonExits, number));
  if (exits) CountOf(counts, number).exits = *exits;
  return exits.has_value();
}

Snapshot GuestReader::Read(const std::optional<WantedReason>& wanted) {
  RequireSignature();
  const GuestFeatures features = RequireCounts(DecodeFeatures(Cpuid(kLeafFeatures)));
  const ReasonTable& table = RequireTable(features.isa);
  const Occurred occurred = ReadMap(table.isa);
  const uint64_t total_before = occurred.unknown ? DecodeTotalExits(Cpuid(kLeafTotalExits)) : 0;
  const uint64_t reads_before = reads_;

  std::vector<ReasonCount> counts = NoExits(table);
  ReaderExits reader{.in_cpuid = reads_};
  for (const uint32_t number : occurred.reasons) {
    const auto exits = DecodeReasonExits(Cpuid(kLeafReasonExits, number));
    ReasonCount& count = CountOf(counts, number);
    count.exits = exits.value_or(0);
    if (count.reason.name == kCpuidReason) reader.in_cpuid = reads_;
    if (features.has_cycles) count.cycles = DecodeCycles(Cpuid(kLeafReasonCycles, number));
  }
  const bool is_reason = !wanted || ReadWanted(table, *wanted, counts);
  const uint64_t total = DecodeTotalExits(Cpuid(kLeafTotalExits));
  reader.in_total = reads_;
  const std::optional<VmTime> time = features.has_cycles ? ReadTime() : std::nullopt;

  // The host can switch the leaves off, and move the VM to a host without
  // them, at any time: what was just read counts only if they are still there.
  RequireSignature();
  if (!is_reason) ThrowNoReason(*wanted, table.isa);

  const uint64_t rest = RestOf(total, counts);
  unknown_ = occurred.unknown
                 ? BoundUnknown(unknown_, rest, total - total_before,
                                reader.in_cpuid - reads_before, reader.in_total - reader.in_cpuid)
                 : 0;
  CountOf(counts, kUnknownReason.number).exits = unknown_;
  for (ReasonCount& count : counts) {
    if (!time) {
      count.cycles.reset();
    } else if (count.exits == 0) {
      count.cycles = 0;
    }
  }
  return {.vm = {.isa = table.isa,
                 .clock_khz = features.host_tsc_khz,
                 .taken = clock_.Now(),
                 .period = std::nullopt,
                 .exits = total,
                 .time = time},
          .reasons = std::move(counts),
          .reader = reader};
}

}  // namespace kvm_exits
