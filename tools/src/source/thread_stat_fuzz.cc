// SPDX-License-Identifier: GPL-2.0-only
#include "base/fuzzer.h"
#include "source/thread_stat.h"

namespace kvm_exits {

void Fuzz(std::string_view input) {
  if (const auto stat = ParseThreadStat(input)) {
    Require(input.find(stat->name) != std::string_view::npos);
    VcpuOfThreadName(stat->name);
  }
  ParseRunDelay(input);
  if (VcpuOfThreadName(input)) Require(input.find_first_of("0123456789") != input.npos);
}

std::vector<std::string> FuzzSeeds() {
  return {
      "4711 (CPU 3/KVM) S 1 4711 4711 0 -1 4211008 12 0 0 0 900 70 0 0 20 0 8 0 812 1 2 3 4 5 6 "
      "7 8 0 0 0 0 0 0 0 17 2 0 0 0 800 0 0 0 0 0 0 0 0 0\n",
      "1 (a) b) (c) R 0",
      "123456789 4567 89\n",
      "fc_vcpu 0",
      "crosvm_vcpu12",
      "vcpu4294967296",
      "CPU 18446744073709551616/KVM"};
}

}  // namespace kvm_exits
