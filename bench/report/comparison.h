// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_COMPARISON_H_
#define KVM_EXITS_BENCH_COMPARISON_H_

#include <string>

#include "report/measurements.h"

namespace kvm_exits::bench {

struct Comparison {
  std::string text;  // what moved, per table, or that nothing did
  bool moved = false;
};

// Throws Error where they are of different labs, whose numbers have nothing in common.
Comparison Compare(const Measurements& recorded, const Measurements& now);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_COMPARISON_H_
