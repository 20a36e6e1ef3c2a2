// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_GUEST_READER_H_
#define KVM_EXITS_SOURCE_GUEST_READER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/exit_reason_names.h"
#include "model/snapshot.h"
#include "source/cpuid_source.h"

namespace kvm_exits {

// Reads what the guest's KVM has counted for it.  Asks for the reasons that
// occurred only, and keeps count of what it asks, for each CPUID instruction of a
// guest is itself a VM exit.
class GuestReader {
 public:
  GuestReader(CpuidSource& cpuid, Clock& clock) : cpuid_(cpuid), clock_(clock) {}

  // Returns every reason of the table, and those that KVM alone knows, where they
  // occurred.  `wanted` is among them even if it did not.
  //
  // Throws Error where there is nothing to read: on bare metal, under a
  // hypervisor without the counts or with an extension this version has no table
  // of, for a `wanted` that is no exit reason, and for answers that contradict
  // each other.
  Snapshot Read(const std::optional<WantedReason>& wanted);

 private:
  // The reasons that have exits.
  struct Occurred {
    std::vector<uint32_t> reasons;
    bool unknown = false;  // kUnknownReason
  };

  CpuidRegisters Cpuid(uint32_t leaf, uint32_t subleaf = 0);
  void RequireSignature();
  Occurred ReadMap(Isa isa);
  std::optional<VmTime> ReadTime();
  bool ReadWanted(const ReasonTable& table, const WantedReason& wanted,
                  std::vector<ReasonCount>& counts);

  CpuidSource& cpuid_;
  Clock& clock_;
  uint64_t reads_ = 0;
  uint64_t unknown_ = 0;  // exits for kUnknownReason that are known of
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_GUEST_READER_H_
