// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <functional>

#include "base/fuzzer.h"
#include "source/module_files.h"

namespace kvm_exits {
namespace {

void FuzzReasons(std::string_view input) {
  const auto parsed = ParseModuleReasons(input);
  if (!parsed) return;
  Require(!parsed->process || *parsed->process > 0);
  Require(parsed->isa == Isa::kVmx || parsed->isa == Isa::kSvm);
  // Ascending, no number twice: all else looks them up by halves.
  Require(std::ranges::adjacent_find(parsed->reasons, std::ranges::greater_equal{},
                                     [](const ReasonCount& count) {
                                       return count.reason.number;
                                     }) == parsed->reasons.end());
  for (const ReasonCount& count : parsed->reasons) {
    Require(count.reason.number <= kUnknownReason.number && !count.reason.name.empty());
    Require(count.exits > 0 || count.cycles.value_or(0) > 0);
  }
}

void FuzzStates(std::string_view input) {
  const auto parsed = ParseModuleStates(input);
  if (!parsed) return;
  Require(parsed->khz > 0);
  for (const auto& cycles : parsed->cycles) Require(cycles.has_value());
}

void FuzzDurations(std::string_view input) {
  const auto parsed = ParseModuleDurations(input);
  if (!parsed) return;
  for (const auto& [number, durations] : *parsed) {
    Require(number <= kUnknownReason.number && !durations.empty());
    for (const DurationBin& bin : durations) Require(bin.below == 0 || bin.below > bin.from);
    Require(std::ranges::is_sorted(durations, {}, &DurationBin::from));
    for (const double part : {0.0, 0.5, 0.99, 1.0}) {
      const auto quantile = Quantile(durations, part);
      Require(!quantile || *quantile >= 0);
    }
    Require(Difference(durations, durations).has_value());
    Durations sum = durations;
    Add(durations, sum);
    Require(std::ranges::is_sorted(sum, {}, &DurationBin::from));
  }
}

}  // namespace

// Each text is given to all: which one it looks like is for the fuzzer to find.
void Fuzz(std::string_view input) {
  FuzzReasons(input);
  FuzzStates(input);
  FuzzDurations(input);
}

std::vector<std::string> FuzzSeeds() {
  return {
      "# VM 167-11 of process 166, vCPU 0\n"
      "# reason name exits cycles longest guest kernel vmm halted preempted waiting stopped\n"
      "       0 EXCEPTION_NMI 12 4000 900 100 4000 0 0 0 0 0\n"
      "      12 HLT 7 90000 80000 5 10 0 89990 0 0 0\n"
      "- UNKNOWN 0 0 0 0 0 0 0 0 0 0\n"
      "- NO_EXIT - 0 0 3 0 0 0 0 0 0\n",
      "# all VMs\n0x400 NPF 3 - - - - - - - - -\n-1 INVALID 1 - - - - - - - - -\n"
      "- UNKNOWN 2 - - - - - - - - -\n- NO_EXIT - - - - - - - - - -\n",
      "# VM 1-2 of process 1\n# state name cycles open\n0 guest 10 0\n1 kernel 20 1\n2 vmm 0 0\n"
      "3 halted 5 0\n4 preempted 1 0\n5 waiting 0 0\n6 stopped 18446744073709551615 7\n"
      "# sum 36, booked 36, difference 0, lost 3\n# cycles of 2100000 kHz\n",
      "# x\n# reason name from below exits\n12 HLT 0 1024 1\n12 HLT 1024 1536 900\n"
      "12 HLT 32768 18446744073709551615 100\n- UNKNOWN 0 1 18446744073709551615\n# missed 0\n"};
}

}  // namespace kvm_exits
