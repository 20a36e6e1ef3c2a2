// SPDX-License-Identifier: GPL-2.0-only
#include "source/thread_stat.h"

#include <array>
#include <limits>

#include "source/proc_file.h"

namespace kvm_exits {
namespace {

// Takes what is before the next blank, and the blank, off the front of `text`.
std::string_view TakeField(std::string_view& text) {
  const size_t end = text.find_first_of(" \n");
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

struct NamePattern {
  std::string_view before;
  std::string_view after;
};

// "CPU 3/KVM" is QEMU's, with debug-threads=on, and StratoVirt's; without it all threads of
// QEMU are called as the process.
constexpr std::array<NamePattern, 6> kPatterns = {{
    {.before = "CPU ", .after = "/KVM"},
    {.before = "fc_vcpu ", .after = ""},     // Firecracker, libkrun
    {.before = "vcpu", .after = ""},         // cloud-hypervisor
    {.before = "crosvm_vcpu", .after = ""},  // crosvm
    {.before = "kvm-vcpu-", .after = ""},    // kvmtool
    {.before = "db_vcpu", .after = ""},      // Dragonball in Kata's shim
}};

}  // namespace

std::optional<ThreadStat> ParseThreadStat(std::string_view text) {
  // The name may have anything in it, and nothing after it has a parenthesis.
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ThreadStat stat = {.name = text.substr(open + 1, close - open - 1),
                     .utime = 0,
                     .stime = 0,
                     .started = 0,
                     .guest_time = 0};
  std::string_view rest = text.substr(close + 1);
  TakeField(rest);  // the blank before field 3
  bool have_guest_time = false;
  for (int field = 3; field <= 43; ++field) {
    uint64_t* const value = field == 14   ? &stat.utime
                            : field == 15 ? &stat.stime
                            : field == 22 ? &stat.started
                            : field == 43 ? &stat.guest_time
                                          : nullptr;
    // The number may go on where the text was cut.
    if (field == 43) have_guest_time = rest.find_first_of(" \n") != std::string_view::npos;
    const std::string_view digits = TakeField(rest);
    if (value == nullptr) continue;
    const std::optional<uint64_t> number = ParseNumber(digits);
    if (!number) return std::nullopt;
    *value = *number;
  }
  if (!have_guest_time) return std::nullopt;
  return stat;
}

std::optional<uint64_t> ParseRunDelay(std::string_view schedstat) {
  if (!ParseNumber(TakeField(schedstat))) return std::nullopt;
  if (schedstat.find(' ') == std::string_view::npos) return std::nullopt;
  return ParseNumber(TakeField(schedstat));
}

std::optional<uint32_t> VcpuOfThreadName(std::string_view name) {
  for (const auto& [before, after] : kPatterns) {
    if (!name.starts_with(before) || !name.ends_with(after)) continue;
    if (name.size() < before.size() + after.size()) continue;
    const auto number =
        ParseNumber(name.substr(before.size(), name.size() - before.size() - after.size()));
    if (number && *number <= std::numeric_limits<uint32_t>::max()) {
      return static_cast<uint32_t>(*number);
    }
  }
  return std::nullopt;
}

}  // namespace kvm_exits
