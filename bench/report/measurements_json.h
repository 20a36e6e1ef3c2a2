// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_MEASUREMENTS_JSON_H_
#define KVM_EXITS_BENCH_MEASUREMENTS_JSON_H_

#include <string>

#include "report/input.h"
#include "report/measurements.h"

namespace kvm_exits::bench {

// The document that results are kept as, broken into lines so that a difference of two
// of them can be read.
std::string ToJson(const Measurements& measurements);

// Throws Error where it is no such document, or not one of this version.
Measurements FromJson(const Input& input);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_MEASUREMENTS_JSON_H_
