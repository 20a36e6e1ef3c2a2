// SPDX-License-Identifier: GPL-2.0-only
#include "base/fuzzer.h"
#include "model/exit_reason_names.h"

namespace kvm_exits {

void Fuzz(std::string_view input) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    const ReasonTable& table = *FindReasonTable(isa);
    const ExitReason* const reason = FindReasonNamed(table, input);
    const auto resolved = ResolveReason(table, {.text = std::string(input), .number = {}});
    Require(reason == nullptr || (resolved && *resolved == *reason));
    // Its own name is one of its names.
    Require(reason == nullptr || FindReasonNamed(table, reason->name) == reason);
  }
}

std::vector<std::string> FuzzSeeds() {
  return {"EPT_VIOLATION",   "exit_reason_msr_write",
          "VMEXIT_IOIO",     "SVM_EXIT_READ_CR0",
          "excp14",          "Control-register accesses",
          "unknown",         "VM-entry failure due to MSR loading",
          "EXIT_EXIT_EXIT_", "__hlt__"};
}

}  // namespace kvm_exits
