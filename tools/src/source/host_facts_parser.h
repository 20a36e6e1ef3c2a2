// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_FACTS_PARSER_H_
#define KVM_EXITS_SOURCE_HOST_FACTS_PARSER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/host_facts.h"

// The kernel's texts about itself, as facts.  What a text does not say in the kernel's own
// form stays as it is by default.
namespace kvm_exits {

// Whether `word` is one of the words of `text`, which blanks part.
bool HasWord(std::string_view text, std::string_view word);

// From /proc/cpuinfo: of the first CPU.
CpuFacts ParseCpuinfo(std::string_view text);

// From /proc/<pid>/status, and the uid_map beside it.
RightsFacts ParseRights(std::string_view status, std::string_view uid_map);

// From /sys/kernel/security/lockdown, "none [integrity] confidentiality".
std::optional<Lockdown> ParseLockdown(std::string_view text);

// From /proc/<pid>/mounts: whether a file system of `type` is mounted on `directory`.
bool IsMounted(std::string_view mounts, std::string_view type, std::string_view directory);

// From a file of kernel configuration: whether `option` is y or m, or is not set; nothing
// where the file does not say.
std::optional<bool> ParseConfig(std::string_view config, std::string_view option);

// From a file that has one number, or a module's switch ("Y", "N") alone.
std::optional<uint64_t> ParseLoneNumber(std::string_view text);
std::optional<bool> ParseSwitch(std::string_view text);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_FACTS_PARSER_H_
