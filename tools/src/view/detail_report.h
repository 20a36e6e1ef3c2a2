// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_DETAIL_REPORT_H_
#define KVM_EXITS_VIEW_DETAIL_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/exit_reason.h"
#include "model/host_snapshot.h"
#include "model/kallsyms.h"
#include "model/snapshot.h"
#include "source/bpf_accesses.h"

namespace kvm_exits {

// The word of an option, and of JSON: "msr", "port", ...
std::string_view AccessKindName(AccessKind kind);
std::optional<AccessKind> FindAccessKind(std::string_view name);

// What the exits for a reason are best told apart by.
AccessKind UsualKind(const ExitReason& reason);

// Accesses of one key.
struct DetailRow {
  std::string key;   // "0x6e0", "0x3f8"
  std::string name;  // "IA32_TSC_DEADLINE"; empty: none is known
  std::string what;  // "write", "read 4 bytes"; empty: nothing to say
  std::string_view event;
  uint64_t number = 0;  // the key
  uint64_t count = 0;
};

// What the exits for a reason were about.
struct DetailReport {
  std::optional<VmIdentity> vm;      // none: of all
  std::optional<ExitReason> reason;  // none: of all
  std::optional<Isa> isa;
  AccessKind kind = AccessKind::kMsr;
  Instant taken;
  Seconds period{};
  std::vector<DetailRow> rows;  // the most first
  uint64_t accesses = 0;        // of all rows, shown or not
  uint64_t exits = 0;           // for the reason meanwhile
  uint64_t lost = 0;
  std::vector<std::string_view> missing;  // tracepoints that this kernel lacks
};

// Rows for `accesses`, named; those of one key and meaning are one row.
std::vector<DetailRow> MakeDetailRows(const std::vector<Access>& accesses, AccessKind kind,
                                      const Kallsyms* kallsyms);

// Tables for people, of at most 80 columns.
std::string FormatDetail(const DetailReport& report, std::optional<size_t> limit);

// One JSON object on a line.
std::string FormatDetailJson(const DetailReport& report, std::optional<size_t> limit);

// CSV, with a line of titles first where `with_titles`.
std::string FormatDetailCsv(const DetailReport& report, std::optional<size_t> limit,
                            bool with_titles);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_DETAIL_REPORT_H_
