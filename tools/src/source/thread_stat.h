// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_THREAD_STAT_H_
#define KVM_EXITS_SOURCE_THREAD_STAT_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace kvm_exits {

// What /proc/<pid>/task/<tid>/stat says of a thread, times in clock ticks of
// sysconf(_SC_CLK_TCK).
//
// For the kernel guest time is a part of user time.  What is in system time, and how exact
// all of it is, stands in vcpu_threads.h.
struct ThreadStat {
  std::string_view name;  // any bytes but NUL
  uint64_t utime;         // field 14, with the guest's
  uint64_t stime;         // field 15
  uint64_t started;       // field 22, since the machine booted
  uint64_t guest_time;    // field 43
};

// Returns nothing for what is no such text, or cut off before its end.
std::optional<ThreadStat> ParseThreadStat(std::string_view text);

// Returns how long the thread was ready to run and did not, in ns, from its `schedstat`;
// nothing for what is none.
std::optional<uint64_t> ParseRunDelay(std::string_view schedstat);

// Returns the number of the vCPU whose thread has this name with one of the VMMs; nothing
// for other names.
std::optional<uint32_t> VcpuOfThreadName(std::string_view name);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_THREAD_STAT_H_
