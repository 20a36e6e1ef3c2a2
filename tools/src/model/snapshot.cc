// SPDX-License-Identifier: GPL-2.0-only
#include "model/snapshot.h"

#include <algorithm>
#include <numeric>

namespace kvm_exits {
namespace {

void ForgetTime(Snapshot& snapshot) {
  snapshot.vm.time.reset();
  for (ReasonCount& count : snapshot.reasons) {
    count.cycles.reset();
    count.longest.reset();
    count.of_state = {};
    count.durations.reset();
  }
}

// Takes `earlier` from `cycles`.  Returns false where that has more.
bool TakeOff(const StateCycles& earlier, StateCycles& cycles) {
  for (size_t state = 0; state < kVcpuStates; ++state) {
    if (!earlier[state]) continue;
    if (cycles[state].value_or(0) < *earlier[state]) return false;
    if (cycles[state]) *cycles[state] -= *earlier[state];
  }
  return true;
}

// The same of one reason's time.  The longest exit of all time may have been before.
bool TakeOffTime(const ReasonCount& earlier, ReasonCount& count) {
  if (!earlier.cycles) return true;
  if (count.cycles.value_or(0) < *earlier.cycles) return false;
  if (count.cycles) *count.cycles -= *earlier.cycles;
  if (!TakeOff(earlier.of_state, count.of_state)) return false;
  if (count.longest == earlier.longest) count.longest.reset();
  if (earlier.durations && count.durations) {
    count.durations = Difference(*earlier.durations, *count.durations);
  }
  return true;
}

// Takes from each of `reasons` what `earlier` has of it, by `take_off`.  Returns false
// where that has more.  Both ascend; a reason that `reasons` lacks had nothing there.
template <typename TakeOffOne>
bool ForEachPair(const std::vector<ReasonCount>& earlier, std::vector<ReasonCount>& reasons,
                 TakeOffOne take_off) {
  auto count = reasons.begin();
  for (const ReasonCount& before : earlier) {
    const uint64_t number = before.reason.number;
    while (count != reasons.end() && count->reason.number < number) ++count;
    ReasonCount none{.reason = before.reason, .exits = 0};
    const bool found = count != reasons.end() && count->reason.number == number;
    if (!take_off(before, found ? *count : none)) return false;
  }
  return true;
}

bool TakeOffExits(const ReasonCount& earlier, ReasonCount& count) {
  if (earlier.exits > count.exits) return false;
  count.exits -= earlier.exits;
  return true;
}

// Takes from the time of `snapshot` what `earlier` has of it.  Returns false where one
// of them has none, or that has more.
bool TakeOffAllTime(const Snapshot& earlier, Snapshot& snapshot) {
  if (!earlier.vm.time || !snapshot.vm.time) return false;
  if (!TakeOff(earlier.vm.time->of_state, snapshot.vm.time->of_state)) return false;
  if (!ForEachPair(earlier.reasons, snapshot.reasons, TakeOffTime)) return false;
  snapshot.vm.time->in_exits = SumOfCycles(snapshot.reasons);
  return true;
}

template <typename Value>
void AddWhereTold(const std::optional<Value>& more, std::optional<Value>& value) {
  if (more) value = value.value_or(Value{}) + *more;
}

void Add(const StateCycles& more, StateCycles& cycles) {
  for (size_t state = 0; state < kVcpuStates; ++state) AddWhereTold(more[state], cycles[state]);
}

uint64_t WithoutHalted(uint64_t cycles, const StateCycles& of_state) {
  return cycles - std::min(cycles, of_state[static_cast<size_t>(VcpuState::kHalted)].value_or(0));
}

void Add(const ReasonCount& more, ReasonCount& count) {
  // The longest of some is not that of all.
  const bool is_told = (count.exits == 0 || count.longest) && (more.exits == 0 || more.longest);
  if (is_told && more.longest) {
    count.longest = std::max(*more.longest, count.longest.value_or(0));
  } else if (!is_told) {
    count.longest.reset();
  }
  if (count.cycles && !more.cycles) {
    count.untimed += more.exits;
  } else if (!count.cycles && more.cycles) {
    count.untimed = count.exits + more.untimed;
  } else {
    count.untimed += more.untimed;
  }
  count.exits += more.exits;
  count.taken_off += more.taken_off;
  AddWhereTold(more.cycles, count.cycles);
  Add(more.of_state, count.of_state);
  if (more.durations) {
    if (!count.durations) count.durations.emplace();
    Add(*more.durations, *count.durations);
  }
}

}  // namespace

const ReasonCount* FindReason(const std::vector<ReasonCount>& reasons, uint64_t number) {
  const auto found = std::ranges::lower_bound(
      reasons, number, {}, [](const ReasonCount& count) { return count.reason.number; });
  return found != reasons.end() && found->reason.number == number ? &*found : nullptr;
}

uint64_t SumOfExits(const std::vector<ReasonCount>& reasons) {
  return std::accumulate(reasons.begin(), reasons.end(), uint64_t{0},
                         [](uint64_t sum, const ReasonCount& count) { return sum + count.exits; });
}

uint64_t SumOfCycles(const std::vector<ReasonCount>& reasons) {
  return std::accumulate(
      reasons.begin(), reasons.end(), uint64_t{0},
      [](uint64_t sum, const ReasonCount& count) { return sum + count.cycles.value_or(0); });
}

double SecondsOf(uint64_t cycles, uint32_t khz) {
  return khz > 0 ? static_cast<double>(cycles) / khz / 1000 : 0;
}

std::optional<Snapshot> Difference(const Snapshot& before, const Snapshot& after) {
  if (before.vm.isa != after.vm.isa || before.vm.exits > after.vm.exits) return std::nullopt;
  Snapshot difference = after;
  if (!ForEachPair(before.reasons, difference.reasons, TakeOffExits)) return std::nullopt;
  if (!TakeOffAllTime(before, difference)) ForgetTime(difference);
  difference.vm.period = after.vm.taken.steady - before.vm.taken.steady;
  difference.vm.exits = SumOfExits(difference.reasons);
  difference.reader.in_cpuid -= before.reader.in_cpuid;
  difference.reader.in_total = difference.reader.in_cpuid;
  return difference;
}

void Add(const Snapshot& more, Snapshot& snapshot) {
  snapshot.vm.exits += more.vm.exits;
  snapshot.vm.reading_exits += more.vm.reading_exits;
  if (snapshot.vm.clock_khz == 0) snapshot.vm.clock_khz = more.vm.clock_khz;
  if (more.vm.time) {
    if (!snapshot.vm.time) snapshot.vm.time.emplace();
    snapshot.vm.time->in_exits += more.vm.time->in_exits;
    Add(more.vm.time->of_state, snapshot.vm.time->of_state);
  }
  auto count = snapshot.reasons.begin();
  for (const ReasonCount& each : more.reasons) {
    count = std::ranges::lower_bound(count, snapshot.reasons.end(), each.reason.number, {},
                                     [](const ReasonCount& c) { return c.reason.number; });
    if (count != snapshot.reasons.end() && count->reason.number == each.reason.number) {
      Add(each, *count);
    } else {
      count = snapshot.reasons.insert(count, each);
    }
  }
}

Snapshot Least(const Snapshot& a, const Snapshot& b) {
  Snapshot least = a;
  for (ReasonCount& count : least.reasons) {
    const ReasonCount* const other = FindReason(b.reasons, count.reason.number);
    count.exits = other != nullptr ? std::min(count.exits, other->exits) : 0;
    if (count.cycles) {
      count.cycles = other != nullptr ? std::min(*count.cycles, other->cycles.value_or(0)) : 0;
    }
  }
  least.vm.exits = SumOfExits(least.reasons);
  return least;
}

void TakeOffStart(const Snapshot& start, Snapshot& snapshot) {
  uint64_t exits = 0;
  for (ReasonCount& count : snapshot.reasons) {
    const ReasonCount* const of_start = FindReason(start.reasons, count.reason.number);
    if (of_start == nullptr) continue;
    const uint64_t off = std::min(count.exits, of_start->exits);
    count.exits -= off;
    exits += off;
    if (!count.cycles) continue;
    const uint64_t cycles = std::min(*count.cycles, of_start->cycles.value_or(0));
    *count.cycles -= cycles;
    if (snapshot.vm.time) {
      snapshot.vm.time->in_exits -= std::min(snapshot.vm.time->in_exits, cycles);
    }
  }
  snapshot.vm.exits -= std::min(snapshot.vm.exits, exits);
  snapshot.vm.start_exits = exits;
}

uint64_t CostCycles(const VmTime& time) { return WithoutHalted(time.in_exits, time.of_state); }

uint64_t CostOf(const ReasonCount& count, const VmSummary& vm) {
  return vm.time ? WithoutHalted(count.cycles.value_or(0), count.of_state) : count.exits;
}

uint64_t AllTime(const VmTime& time) {
  uint64_t sum = 0;
  for (const std::optional<uint64_t>& cycles : time.of_state) {
    if (!cycles) {
      return time.of_state[static_cast<size_t>(VcpuState::kGuest)].value_or(0) + time.in_exits;
    }
    sum += *cycles;
  }
  return sum;
}

Snapshot WithoutReader(Snapshot snapshot) {
  const ReaderExits reader = snapshot.reader;
  snapshot.reader = {};
  const auto cpuid = std::ranges::find(snapshot.reasons, kCpuidReason,
                                       [](const ReasonCount& count) { return count.reason.name; });
  // A VMM's own answers, which win over KVM's, know nothing of the reader.
  if (cpuid == snapshot.reasons.end() || cpuid->exits < reader.in_cpuid ||
      snapshot.vm.exits - SumOfExits(snapshot.reasons) < reader.in_total - reader.in_cpuid) {
    return snapshot;
  }
  cpuid->exits -= reader.in_cpuid;
  cpuid->taken_off = reader.in_cpuid;
  snapshot.vm.exits -= reader.in_total;
  snapshot.vm.reading_exits = reader.in_total;
  return snapshot;
}

}  // namespace kvm_exits
