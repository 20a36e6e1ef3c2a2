// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_COMPARISON_REPORT_H_
#define KVM_EXITS_VIEW_COMPARISON_REPORT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/comparison.h"
#include "model/exit_reason.h"

namespace kvm_exits {

// Of one of the two times.
struct ComparedTime {
  std::string file;
  std::string source;
  Instant begin;
  Instant end;
  double seconds = 0;  // in which the VM was there
};

// What a user asked to see of two times.
struct ComparisonReport {
  ComparedTime a;
  ComparedTime b;
  std::optional<Isa> isa;
  std::string vm;  // its name; empty: all VMs
  ReasonComparison all;
  std::vector<ReasonComparison> reasons;
  std::optional<double> fail_above;  // a factor
  double min_share_percent = 0;      // of reasons that it is for
  std::optional<size_t> limit;       // of reasons to be shown

  // Whether one of the reasons does.
  bool HasFailed() const;
  // Whether it has grown to that factor.
  bool Fails(const ReasonComparison& comparison) const;
};

// For people, in `columns` of a terminal.
std::string FormatComparison(const ComparisonReport& report, size_t columns);

// One object.
std::string FormatComparisonJson(const ComparisonReport& report);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_COMPARISON_REPORT_H_
