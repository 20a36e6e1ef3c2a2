// SPDX-License-Identifier: GPL-2.0-only
#include "model/snapshot.h"

#include <algorithm>
#include <numeric>

namespace kvm_exits {
namespace {

uint64_t SumOf(const std::vector<ReasonCount>& reasons) {
  return std::accumulate(reasons.begin(), reasons.end(), uint64_t{0},
                         [](uint64_t sum, const ReasonCount& count) { return sum + count.exits; });
}

uint64_t SumOfCycles(const std::vector<ReasonCount>& reasons) {
  return std::accumulate(
      reasons.begin(), reasons.end(), uint64_t{0},
      [](uint64_t sum, const ReasonCount& count) { return sum + count.cycles.value_or(0); });
}

void ForgetTime(Snapshot& snapshot) {
  snapshot.vm.time.reset();
  for (ReasonCount& count : snapshot.reasons) count.cycles.reset();
}

// Takes from the time of `snapshot` what `earlier` has of it.  Returns false where one
// of them has none, or that has more.  The reasons are those of TakeOff(), below.
bool TakeOffTime(const Snapshot& earlier, Snapshot& snapshot) {
  if (!earlier.vm.time || !snapshot.vm.time) return false;
  for (size_t state = 0; state < kVcpuStates; ++state) {
    if (earlier.vm.time->of_state[state] > snapshot.vm.time->of_state[state]) return false;
    snapshot.vm.time->of_state[state] -= earlier.vm.time->of_state[state];
  }
  auto count = snapshot.reasons.begin();
  for (const ReasonCount& before : earlier.reasons) {
    if (!before.cycles) continue;
    while (count != snapshot.reasons.end() && count->reason.number < before.reason.number) ++count;
    if (count == snapshot.reasons.end() || count->reason.number != before.reason.number ||
        count->cycles.value_or(0) < *before.cycles) {
      return false;
    }
    *count->cycles -= *before.cycles;
  }
  snapshot.vm.time->in_exits = SumOfCycles(snapshot.reasons);
  return true;
}

// Takes from each of `reasons` what `earlier` has of it.  Returns false where that
// has more.  Both ascend; a reason that one of them lacks had no exits there.
bool TakeOff(const std::vector<ReasonCount>& earlier, std::vector<ReasonCount>& reasons) {
  auto count = reasons.begin();
  for (const ReasonCount& before : earlier) {
    const uint64_t number = before.reason.number;
    while (count != reasons.end() && count->reason.number < number) ++count;
    const bool found = count != reasons.end() && count->reason.number == number;
    if (before.exits > (found ? count->exits : 0)) return false;
    if (found) count->exits -= before.exits;
  }
  return true;
}

}  // namespace

std::optional<Snapshot> Difference(const Snapshot& before, const Snapshot& after) {
  if (before.vm.isa != after.vm.isa || before.vm.exits > after.vm.exits) return std::nullopt;
  Snapshot difference = after;
  if (!TakeOff(before.reasons, difference.reasons)) return std::nullopt;
  if (!TakeOffTime(before, difference)) ForgetTime(difference);
  difference.vm.period = after.vm.taken.steady - before.vm.taken.steady;
  difference.vm.exits = SumOf(difference.reasons);
  difference.reader.in_cpuid -= before.reader.in_cpuid;
  difference.reader.in_total = difference.reader.in_cpuid;
  return difference;
}

Snapshot WithoutReader(Snapshot snapshot) {
  const ReaderExits reader = snapshot.reader;
  snapshot.reader = {};
  const auto cpuid = std::ranges::find(snapshot.reasons, kCpuidReason,
                                       [](const ReasonCount& count) { return count.reason.name; });
  // A VMM's own answers, which win over KVM's, know nothing of the reader.
  if (cpuid == snapshot.reasons.end() || cpuid->exits < reader.in_cpuid ||
      snapshot.vm.exits - SumOf(snapshot.reasons) < reader.in_total - reader.in_cpuid) {
    return snapshot;
  }
  cpuid->exits -= reader.in_cpuid;
  cpuid->taken_off = reader.in_cpuid;
  snapshot.vm.exits -= reader.in_total;
  snapshot.vm.reading_exits = reader.in_total;
  return snapshot;
}

}  // namespace kvm_exits
