// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HISTORY_REPORT_H_
#define KVM_EXITS_VIEW_HISTORY_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/history.h"
#include "view/host_report.h"

namespace kvm_exits {

// What a record is of, and what happened over its time.
struct HistoryReport {
  std::string file;
  std::string host;
  std::string kernel;
  SourceNote source;
  std::string vm;  // that it is of; empty: all
  Instant begin = {};
  Instant end = {};
  uint64_t samples = 0;
  std::string problem;  // why it ends there, in a clause; empty: nothing is wrong
  // How far the host's clock was set meanwhile, or slept; `end` does not know of it.
  Seconds clock_set{};
  struct Gap {
    Seconds begin{};
    Seconds length{};
  };
  std::vector<Gap> gaps;  // in which no sample was taken
  History history;
};

// How much a report has: 600 points are some 200 kB of JSON.
inline constexpr size_t kHistoryPoints = 600;
inline constexpr size_t kHistoryVmPoints = 12000;
// So many VMs of a page have points: those that cost most.  Text has the first of them.
inline constexpr size_t kPageVms = 200;
inline constexpr size_t kTextVms = 50;

// Whether the clock was set, and did not only drift.
bool IsClockSet(const HistoryReport& report);

// Tables for people, in lines of at most `columns` columns.
std::string FormatHistory(const HistoryReport& report, size_t columns);

// One JSON object on a line, as docs/report.schema.json describes it, with up to `max_vms` VMs.
std::string FormatHistoryJson(const HistoryReport& report, size_t max_vms = SIZE_MAX);

// A page for a browser, which needs nothing else: HTML with its style, its program and the JSON.
std::string FormatHistoryPage(const HistoryReport& report);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HISTORY_REPORT_H_
