// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_EXIT_REASON_H_
#define KVM_EXITS_EXIT_REASON_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace kvm_exits {

// Why the processor left a guest: the number that the hardware gives and the
// name that KVM's kvm_exit tracepoint prints for it.
struct ExitReason {
  uint32_t number;
  std::string_view name;  // lives as long as the program

  bool operator==(const ExitReason&) const = default;
};

// The values that the feature leaf uses for the processor's virtualization
// extension.
enum class Isa : uint32_t { kVmx = 1, kSvm = 2 };

// Every exit reason that one extension's manual defines.
struct ReasonTable {
  Isa isa;
  std::span<const ExitReason> reasons;  // ascending by number, no number twice

  // Returns the reason of that number, or nullptr where the table has none.
  const ExitReason* Find(uint32_t number) const;
};

// Returns the table of an extension, or nullptr where this version has none.
// VMX: Intel SDM vol. 3, appendix C, "VMX Basic Exit Reasons".
const ReasonTable* FindReasonTable(Isa isa);

// "VMX" or "SVM", and "unknown" for a value that has no name here.
std::string_view IsaName(Isa isa);

}  // namespace kvm_exits

#endif  // KVM_EXITS_EXIT_REASON_H_
