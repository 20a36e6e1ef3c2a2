// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_PRIMITIVES_REPORT_H_
#define KVM_EXITS_BENCH_PRIMITIVES_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "report/catalogue.h"
#include "report/input.h"

namespace kvm_exits::bench {

// How long one pass through a piece of the kernel's code takes its thread.
struct PrimitiveTime {
  const PrimitiveKind* kind = nullptr;
  int64_t threads = 1;  // that do the same at the same time
  double nanoseconds = 0;
};

struct Primitives {
  std::string cpu;  // may be empty
  std::vector<PrimitiveTime> times;
};

// Reads what the benchmark of primitives, a Google Benchmark, has written: medians where
// there are any.  Throws Error where that is not what it is, or one of them has failed.
Primitives ParsePrimitives(const Input& input);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_PRIMITIVES_REPORT_H_
