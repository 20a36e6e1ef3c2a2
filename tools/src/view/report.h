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

enum class SortKey { kExits, kTime, kReason, kName };

struct ReportOptions {
  SortKey sort = SortKey::kExits;  // exits and time descend, the others ascend; ties by number
  bool with_zeros = false;         // also the reasons without an exit
  std::optional<Regex> filter = std::nullopt;   // only the reasons whose name has a match
  std::optional<uint64_t> only = std::nullopt;  // only the reason of this number, zero or not
  std::optional<size_t> limit = std::nullopt;   // of rows, after sorting
};

struct ReportRow {
  ReasonCount count;
  std::optional<double> share_percent;       // of the VM's exits; none where it has none
  std::optional<double> exits_per_second;    // none without a period
  std::optional<double> microseconds;        // from these exits to the next entries, if told
  std::optional<double> mean_microseconds;   // of an exit; none without a period
  std::optional<double> time_share_percent;  // of the VM's time in exits
  // Durations, where they are told: what a half and 99 % of the exits do not exceed.
  std::optional<double> p50_microseconds = std::nullopt;
  std::optional<double> p99_microseconds = std::nullopt;
  std::optional<double> longest_microseconds = std::nullopt;
};

// What the user asked to see of a snapshot, in the order to show it in.
struct Report {
  VmSummary vm;
  std::vector<ReportRow> rows;
  uint64_t shown_exits;  // sum of the rows
};

Report BuildReport(const Snapshot& snapshot, const ReportOptions& options);

// The rows of the reasons that cost most, up to `max`; they are the report's.
std::vector<const ReportRow*> MostCostly(const Report& report, size_t max);

// `part` of `whole` in percent; none where `whole` is 0.
std::optional<double> SharePercent(uint64_t part, uint64_t whole);

// `exits` per second of `period`; none where there is no period, or an empty one.
std::optional<double> ExitsPerSecond(uint64_t exits, std::optional<Seconds> period);

// `cycles` of a clock of `khz`; none where one of the two is not known.
std::optional<double> Microseconds(std::optional<uint64_t> cycles, uint32_t khz);
std::optional<double> ToMicroseconds(std::optional<double> cycles, uint32_t khz);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_REPORT_H_
