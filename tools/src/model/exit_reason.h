// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_EXIT_REASON_H_
#define KVM_EXITS_MODEL_EXIT_REASON_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kvm_exits {

// Why the processor left a guest: the number that the hardware gives and the
// kernel patches' name for it.  VMX: the basic exit reason, and the name that
// KVM's kvm_exit tracepoint prints.  SVM: the exit code, and the manual's name
// without its prefix.
struct ExitReason {
  uint64_t number;        // the low 32 bits, also of the exit codes that are negative
  std::string_view name;  // lives as long as the program

  bool operator==(const ExitReason&) const = default;
};

// Stands for the reasons that no manual defines, which KVM counts as one.  Its
// number is none of the hardware's, and comes after all of them.
inline constexpr ExitReason kUnknownReason = {.number = uint64_t{1} << 32U, .name = "UNKNOWN"};

// The name, in every table, of the exit that reading the counts causes.
inline constexpr std::string_view kCpuidReason = "CPUID";

// Name of a reason that KVM knows and the table does not.
inline constexpr std::string_view kUnnamed = "(unnamed)";

// The values that the feature leaf uses for the processor's virtualization
// extension.
enum class Isa : uint32_t { kVmx = 1, kSvm = 2 };

// Every exit reason that one extension's manual defines.
struct ReasonTable {
  Isa isa;
  std::span<const ExitReason> reasons;  // ascending by number, no number twice

  // Returns the reason of that number, or nullptr where the table has none.
  const ExitReason* Find(uint64_t number) const;

  // Returns the reason of any number: that of the table, kUnknownReason, or one without a name.
  ExitReason Get(uint64_t number) const;

  // As Find(), by the table's own name.
  const ExitReason* FindName(std::string_view name) const;
};

// Returns the table of an extension, or nullptr where this version has none.
// VMX: Intel SDM vol. 3, appendix C, "VMX Basic Exit Reasons".
// SVM: AMD APM vol. 2, appendix C, "SVM Intercept Exit Codes".
const ReasonTable* FindReasonTable(Isa isa);

// "VMX" or "SVM", and "unknown" for a value that has no name here.
std::string_view IsaName(Isa isa);

// The number of an exit reason as the extension's manual writes it: VMX "48",
// SVM "0x72", "0x400" and "-1".  That of kUnknownReason is "-".
std::string FormatReasonNumber(Isa isa, uint64_t number);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_EXIT_REASON_H_
