// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_TEXT_TABLE_H_
#define KVM_EXITS_BENCH_TEXT_TABLE_H_

#include <string>

#include "report/grid.h"
#include "report/measurements.h"

namespace kvm_exits::bench {

// A grid in lines of 80 columns at most, as far as its words allow: what is wider goes
// on in a block below.
std::string ToText(const Grid& grid);

// All tables, each with what its columns mean.
std::string ToText(const Measurements& measurements);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_TEXT_TABLE_H_
