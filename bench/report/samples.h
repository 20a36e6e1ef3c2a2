// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_SAMPLES_H_
#define KVM_EXITS_BENCH_SAMPLES_H_

#include <string>

#include "report/measurements_text.h"

// What the tests have measured.
namespace kvm_exits::bench {

inline Measurements Parse(const std::string& text) {
  return ParseMeasurements({{.path = "sample", .text = text}});
}

// Two tables of each kind, with what is not measured, in the lab `lab`.
inline std::string SampleText(const std::string& lab = "amd") {
  return "# lab " + lab +
         "\n"
         "# kernel 6.12.117+deb12-amd64\n"
         "# cpu AMD EPYC <emulated>\n"
         "# Any comment.\n"
         "exit unpatched CPUID 3074\n"
         "exit counting  CPUID 3084\n"
         "exit ledger    CPUID 3116\n"
         "exit perf_stat CPUID 13074\n"
         "exit unpatched IPI   9000\n"
         "exit counting  IPI   -\n"
         "\n"
         "leaf 1 TOTAL 3748\n"
         "leaf 8 TOTAL 5365\n";
}

inline Measurements Sample(const std::string& lab = "amd") { return Parse(SampleText(lab)); }

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_SAMPLES_H_
