// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_ACCESSES_H_
#define KVM_EXITS_SOURCE_BPF_ACCESSES_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/bpf_object.h"

namespace kvm_exits {

// What is counted below an exit reason, and by what.
enum class AccessKind {
  kMsr,        // number; detail: bit 0 a write, bit 1 it raised an exception
  kPort,       // number; detail: bit 0 a write, bits 8-15 bytes; each repetition counts
  kGpa,        // guest-physical address; detail: of kvm_mmio 1 a read, 2 a write, 0 a read
               // that nobody answered yet; of kvm_page_fault the low half of the error code
  kLeaf,       // EAX of CPUID; detail: ECX
  kHypercall,  // number, of KVM's or of Hyper-V's
  kApic,       // register; detail: bit 0 a write
  kUserspace,  // exit reason of KVM_RUN; detail: its error, negative, as 32 bits
  kRip,        // RIP at the exit
  kVector,     // vector that the exit was for; detail: the other bits of the information
};

struct Access {
  std::string_view event;  // the tracepoint; lives as long as the program
  uint64_t key = 0;
  uint32_t detail = 0;
  uint64_t count = 0;

  bool operator==(const Access&) const = default;
};

// Counts accesses of one kind, by BPF programs on KVM's tracepoints, which are attached
// as long as this lives.  Accesses are not exits: one exit for string I/O has several,
// and what KVM emulates after an exit for something else has some, too.
class BpfAccesses {
 public:
  // Of the process `only_tgid`, as the initial PID namespace has it, or of all.  `reason`
  // is that of Exits(), and of what kRip and kVector count; none: all reasons.
  //
  // Throws Error as BpfExits does, and where this kernel has none of the tracepoints.
  BpfAccesses(const std::string& root, AccessKind kind, std::optional<pid_t> only_tgid,
              std::optional<uint32_t> reason);

  // Returns what has been counted, the most first.
  std::vector<Access> Read();

  // Returns the exits for the reason since the programs were attached.
  uint64_t Exits() const;

  // Returns the number of accesses for which there was no room.
  uint64_t Lost() const;

  // The tracepoints that this kernel lacks.
  const std::vector<std::string_view>& Missing() const { return missing_; }

 private:
  struct Event {
    std::string_view name;
    BpfObject object;
  };

  std::vector<Event> events_;  // one or more; the first counts exits
  std::vector<std::string_view> missing_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_ACCESSES_H_
