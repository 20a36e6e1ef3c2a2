// SPDX-License-Identifier: GPL-2.0-only
#include "source/guest_reader.h"

#include <string>

#include "base/error.h"
#include "source/guest_leaves.h"

namespace kvm_exits {
namespace {

// Each CPUID instruction of a guest is a VM exit, so they are counted here too.
class Reader {
 public:
  explicit Reader(CpuidSource& cpuid) : cpuid_(cpuid) {}

  CpuidRegisters Read(uint32_t leaf, uint32_t subleaf = 0) {
    ++reads_;
    return cpuid_.Read(leaf, subleaf);
  }

  uint64_t reads() const { return reads_; }

 private:
  CpuidSource& cpuid_;
  uint64_t reads_ = 0;
};

void RequireHypervisor(Reader& reader) {
  if (!DecodeHypervisorPresent(reader.Read(kLeafProcessorFeatures))) {
    throw Error(
        "this is not a virtual machine: the processor's hypervisor bit "
        "(CPUID leaf 1, ECX bit 31) is clear");
  }
}

void RequireSignature(Reader& reader) {
  if (!DecodeSignature(reader.Read(kLeafSignature))) {
    throw Error(
        "the hypervisor does not show this VM its exits: CPUID leaf 0x4FFFFFF0 lacks the signature "
        "\"KVMExitCount\" (no KVM with kvm-exits, its exit_counters_cpuid switched off, or a VMM "
        "that hides the leaf)");
  }
}

GuestFeatures RequireCounts(Reader& reader) {
  const GuestFeatures features = DecodeFeatures(reader.Read(kLeafFeatures));
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

[[noreturn]] void ThrowNoReason(const WantedReason& wanted, Isa isa) {
  throw Error(wanted.text + " is not an exit reason of " + std::string(IsaName(isa)));
}

// KVM, not the table, decides which numbers are exit reasons: it may be the
// newer one.
ExitReason ResolveReason(const ReasonTable& table, const WantedReason& wanted) {
  const ExitReason* const known =
      wanted.number ? table.Find(*wanted.number) : table.FindName(wanted.text);
  if (known != nullptr) return *known;
  if (!wanted.number) ThrowNoReason(wanted, table.isa);
  return {.number = *wanted.number, .name = "(unnamed)"};
}

// Appends the count of `reason` where KVM defines it: an older KVM may not
// know all of the table.
void ReadReason(Reader& reader, const ExitReason& reason, std::vector<ReasonCount>& counts) {
  if (const auto exits = DecodeReasonExits(reader.Read(kLeafReasonExits, reason.number))) {
    counts.push_back({.reason = reason, .exits = *exits});
  }
}

}  // namespace

Snapshot ReadGuestSnapshot(CpuidSource& cpuid, Clock& clock,
                           const std::optional<WantedReason>& only_reason) {
  Reader reader(cpuid);
  RequireHypervisor(reader);
  RequireSignature(reader);
  const GuestFeatures features = RequireCounts(reader);
  const ReasonTable& table = RequireTable(features.isa);

  Snapshot snapshot;
  if (only_reason) {
    ReadReason(reader, ResolveReason(table, *only_reason), snapshot.reasons);
  } else {
    snapshot.reasons.reserve(table.reasons.size());
    for (const ExitReason& reason : table.reasons) ReadReason(reader, reason, snapshot.reasons);
  }
  const uint64_t total = DecodeTotalExits(reader.Read(kLeafTotalExits));

  // The host can switch the leaves off, and move the VM to a host without
  // them, at any time: what was just read counts only if they are still there.
  RequireSignature(reader);
  if (only_reason && snapshot.reasons.empty()) ThrowNoReason(*only_reason, table.isa);

  snapshot.vm = {.isa = table.isa,
                 .host_tsc_khz = features.host_tsc_khz,
                 .taken = clock.Now(),
                 .period = std::nullopt,
                 .exits = total,
                 .reading_exits = reader.reads()};
  return snapshot;
}

}  // namespace kvm_exits
