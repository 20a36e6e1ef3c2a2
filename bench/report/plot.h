// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_PLOT_H_
#define KVM_EXITS_BENCH_PLOT_H_

#include <string>
#include <vector>

#include "report/measurements.h"

namespace kvm_exits::bench {

// Returns an SVG that needs nothing else: what each way to learn about exits adds to one,
// a panel a lab, in the order given.  Throws Error where a lab has not measured it.
std::string ToSvg(const std::vector<Measurements>& labs);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_PLOT_H_
