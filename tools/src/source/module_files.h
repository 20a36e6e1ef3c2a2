// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_MODULE_FILES_H_
#define KVM_EXITS_SOURCE_MODULE_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "model/snapshot.h"

// The files of the module kvm_exits in debugfs, which docs/host.md describes: what
// their text says, and nothing about where they are.  A text that is cut short, or says
// something else, has no meaning at all.
namespace kvm_exits {

// Of `reasons`.
struct ModuleReasons {
  Isa isa;
  std::optional<pid_t> process;      // whose VM it is, where it is one's
  std::vector<ReasonCount> reasons;  // that occurred, ascending
  bool is_timed = false;             // whether there is a ledger
};
std::optional<ModuleReasons> ParseModuleReasons(std::string_view text);

// Of `states`, where there is a ledger.
struct ModuleStates {
  StateCycles cycles;  // booked and open
  uint64_t lost;
  uint32_t khz;
};
std::optional<ModuleStates> ParseModuleStates(std::string_view text);

// Of `durations`, by the number of the reason.
using ModuleDurations = std::map<uint64_t, Durations>;
std::optional<ModuleDurations> ParseModuleDurations(std::string_view text);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_MODULE_FILES_H_
