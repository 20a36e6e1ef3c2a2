// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_FAKES_H_
#define KVM_EXITS_MODEL_FAKES_H_

#include "base/fakes.h"
#include "model/snapshot.h"

// Counts for tests to look at.
namespace kvm_exits {

// A VM of few exits, with a tie, a zero and a count beyond 32 bits.  The reader's
// are off it already.
inline Snapshot MakeSnapshot() {
  return {.vm = {.isa = Isa::kVmx,
                 .clock_khz = 2100000,
                 .taken = FakeClock().now,
                 .period = std::nullopt,
                 .exits = 8589935592,
                 .reading_exits = 11},
          .reasons = {{{.number = 3, .name = "INIT_SIGNAL"}, 0},
                      {{.number = 10, .name = "CPUID"}, 300},
                      {{.number = 12, .name = "HLT"}, 8589934592},
                      {{.number = 29, .name = "DR_ACCESS"}, 300},
                      {{.number = 48, .name = "EPT_VIOLATION"}, 399},
                      {kUnknownReason, 0}}};
}

// One whose host tells times: of all exits, half are those of HLT.  UNKNOWN has none,
// and eleven of CPUID's are the reader's.
inline Snapshot MakeTimedSnapshot() {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1200;
  snapshot.vm.time = {.in_exits = 5250000, .of_state = {2100000, 1050000, 0, 4200000, 0, 0, 210}};
  snapshot.reasons = {
      {.reason = {.number = 10, .name = "CPUID"}, .exits = 289, .cycles = 210000, .taken_off = 11},
      {.reason = {.number = 12, .name = "HLT"}, .exits = 600, .cycles = 4200000},
      {.reason = {.number = 48, .name = "EPT_VIOLATION"}, .exits = 300, .cycles = 840000},
      {.reason = kUnknownReason, .exits = 1}};
  return snapshot;
}

// The same of an AMD host, with exit codes of each notation.
inline Snapshot MakeSvmSnapshot() {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.isa = Isa::kSvm;
  snapshot.vm.reading_exits = 12;
  snapshot.reasons = {
      {{.number = 0x00, .name = "CR0_READ"}, 0},        {{.number = 0x72, .name = "CPUID"}, 300},
      {{.number = 0x78, .name = "HLT"}, 8589934592},    {{.number = 0x400, .name = "NPF"}, 399},
      {{.number = 0xFFFFFFFF, .name = "INVALID"}, 300}, {kUnknownReason, 0}};
  return snapshot;
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_FAKES_H_
