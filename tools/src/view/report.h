// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_REPORT_H_
#define KVM_EXITS_VIEW_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/regex.h"
#include "model/snapshot.h"

namespace kvm_exits {

enum class SortKey { kExits, kReason, kName };

struct ReportOptions {
  SortKey sort = SortKey::kExits;  // exits descending, the others ascending; ties by number
  bool with_zeros = false;         // also the reasons without an exit
  std::optional<Regex> filter = std::nullopt;   // only the reasons whose name has a match
  std::optional<uint64_t> only = std::nullopt;  // only the reason of this number, zero or not
  std::optional<size_t> limit = std::nullopt;   // of rows, after sorting
};

struct ReportRow {
  ReasonCount count;
  std::optional<double> share_percent;     // of the VM's exits; none where it has none
  std::optional<double> exits_per_second;  // none without a period
};

// What the user asked to see of a snapshot, in the order to show it in.
struct Report {
  VmSummary vm;
  std::vector<ReportRow> rows;
  uint64_t shown_exits;  // sum of the rows
};

Report BuildReport(const Snapshot& snapshot, const ReportOptions& options);

// `part` of `whole` in percent; none where `whole` is 0.
std::optional<double> SharePercent(uint64_t part, uint64_t whole);

// `exits` per second of `period`; none where there is no period, or an empty one.
std::optional<double> ExitsPerSecond(uint64_t exits, std::optional<Seconds> period);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_REPORT_H_
