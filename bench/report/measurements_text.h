// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_MEASUREMENTS_TEXT_H_
#define KVM_EXITS_BENCH_MEASUREMENTS_TEXT_H_

#include <vector>

#include "report/input.h"
#include "report/measurements.h"

namespace kvm_exits::bench {

// Reads what the benchmark prints in a lab, in one file or several:
//
//   # lab amd
//   # kernel 6.12.117+deb12-amd64
//   # cpu AMD EPYC
//   TABLE COLUMN ROW VALUE
//
// with "-" for what was not measured.  Other lines that begin with # are comments.
// Throws Error with file and line where something else stands there.
Measurements ParseMeasurements(const std::vector<Input>& inputs);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_MEASUREMENTS_TEXT_H_
