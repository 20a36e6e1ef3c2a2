// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_SNAPSHOT_H_
#define KVM_EXITS_MODEL_SNAPSHOT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/durations.h"
#include "model/exit_reason.h"
#include "model/vcpu_state.h"

namespace kvm_exits {

using Seconds = std::chrono::duration<double>;

// Where the time of the VM's vCPUs went, in cycles.
struct VmTime {
  uint64_t in_exits = 0;  // from exits to the next entries, what was stopped apart
  StateCycles of_state = {};

  bool operator==(const VmTime&) const = default;
};

// What a snapshot says of the VM as a whole.
struct VmSummary {
  Isa isa;
  uint32_t clock_khz;  // of what cycles are counted in: the host's TSC, or 1000000 for ns
  Instant taken;
  std::optional<Seconds> period;  // that the exits are of; none: since the VM was created
  uint64_t exits;                 // all of the VM, whatever their reason
  uint64_t reading_exits = 0;     // taken off: what the reading itself caused
  std::optional<uint64_t> start_exits = std::nullopt;  // and what starting a command did
  std::optional<VmTime> time = std::nullopt;           // none: the host does not tell
};

struct ReasonCount {
  ExitReason reason;
  uint64_t exits;
  std::optional<uint64_t> cycles = std::nullopt;   // from these exits to the next entries
  uint64_t taken_off = 0;                          // other exits that are in the cycles
  uint64_t untimed = 0;                            // of these exits, that are not in the cycles
  std::optional<uint64_t> longest = std::nullopt;  // such exit, in cycles
  StateCycles of_state = {};                       // from these exits to the next exits
  std::optional<Durations> durations = std::nullopt;

  bool operator==(const ReasonCount&) const = default;
};

// CPUID instructions, each of them an exit, that the reader had executed when it
// read a count.
struct ReaderExits {
  uint64_t in_cpuid = 0;  // the count of the reason CPUID
  uint64_t in_total = 0;
};

// The exits of one VM up to one moment, or between two.
//
// The counts go on while they are read.  The total is read after the reasons,
// so their sum is never above it; what it is below are exits taken during the
// reading.
struct Snapshot {
  VmSummary vm;
  std::vector<ReasonCount> reasons;  // ascending by number, kUnknownReason among them
  ReaderExits reader = {};           // that are in the counts
};

// Returns that of `reasons`, which ascend, with this number, or nullptr.
const ReasonCount* FindReason(const std::vector<ReasonCount>& reasons, uint64_t number);

uint64_t SumOfExits(const std::vector<ReasonCount>& reasons);
// Where none are told it is 0.
uint64_t SumOfCycles(const std::vector<ReasonCount>& reasons);

// Cycles of a clock of so many kHz, in seconds; 0 where that is not known.
double SecondsOf(uint64_t cycles, uint32_t khz);

// Returns the exits from `before` to `after`, or nothing where they are not
// two moments of the same counts: when one fell, the VM was moved to another
// host or restored, where KVM counts from zero.
//
// Their total is the sum of the reasons.  The totals that were read have no say:
// an exit that one reading saw in the total alone is the other's of its reason,
// so the differences of the reasons can sum up to more than that of the totals.
// Likewise the time in exits.  There is no time where one of the two has none, or
// the host began anew with it in between.
std::optional<Snapshot> Difference(const Snapshot& before, const Snapshot& after);

// Adds the exits of `more`, which is of the same host and period, and was taken at
// nearly the same moment.
void Add(const Snapshot& more, Snapshot& snapshot);

// What all exits cost in time: from them to the next entries, but for what a vCPU that had
// nothing to do was halted, where that is told.
uint64_t CostCycles(const VmTime& time);
// What the exits of the VM for one reason cost, to compare it with others: such time, or where
// none is told the exits.
uint64_t CostOf(const ReasonCount& count, const VmSummary& vm);

// The time of all states, where each is told; else that in the guest and in exits.
uint64_t AllTime(const VmTime& time);

// Returns what both differences have of each reason, in exits and in cycles.
Snapshot Least(const Snapshot& a, const Snapshot& b);

// Takes `start`, what it costs to start a command, from what a command cost: of each
// reason no more than there is.  The exits are in vm.start_exits then.
void TakeOffStart(const Snapshot& start, Snapshot& snapshot);

// Returns `snapshot` without the exits that the reader caused, which are in
// vm.reading_exits then; and as it is where the counts cannot have them in.  Their
// time stays in, for nobody knows it.
Snapshot WithoutReader(Snapshot snapshot);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_SNAPSHOT_H_
