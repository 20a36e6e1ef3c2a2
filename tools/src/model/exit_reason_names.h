// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_EXIT_REASON_NAMES_H_
#define KVM_EXITS_MODEL_EXIT_REASON_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/exit_reason.h"

namespace kvm_exits {

// Returns the reason that goes by `name`, or nullptr where there is none: under
// the table's own name, and those of the manuals, the kernel's headers, its
// tracepoint kvm_exit, perf, trace-cmd and bcc.  Case does not matter, nor what
// stands between the words.
const ExitReason* FindReasonNamed(const ReasonTable& table, std::string_view name);

// An exit reason that a user asks for.  Which one a name stands for, and whether
// there is one, depends on the host.
struct WantedReason {
  std::string text;                // as it was typed
  std::optional<uint32_t> number;  // none: `text` is a name
};

// Returns the reason that `wanted` stands for: any number is one, under the
// table's name where that has it, and kUnknownReason has a name too.  Nothing
// where there is no such name.
std::optional<ExitReason> ResolveReason(const ReasonTable& table, const WantedReason& wanted);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_EXIT_REASON_NAMES_H_
