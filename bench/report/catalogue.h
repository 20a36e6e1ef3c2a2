// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_CATALOGUE_H_
#define KVM_EXITS_BENCH_CATALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The only place that knows what the benchmark measures and what that is called.
namespace kvm_exits::bench {

// Whose way to learn about exits a column of the table "exit" is.
enum class Way : uint8_t { kUnpatched, kOurs, kOther };

// What was measured, in one configuration: KVM unpatched, counting, ...
struct ColumnKind {
  std::string_view name;     // in the measurements
  std::string_view title;    // for people
  std::string_view meaning;  // for those who ask; empty: the title says it
  // The columns that it is read against: what it adds to KVM, and what it adds to the
  // configuration that it builds on.  Empty: it is read as it is.
  std::string_view base = {};
  std::string_view step = {};
  Way way = Way::kUnpatched;
  bool plotted = false;
  bool by_chance = false;  // several threads at once, see MovesByChance()
};

struct TableKind {
  std::string_view name;   // in the measurements
  std::string_view title;  // for people
  std::string_view unit;
  std::string_view rows;     // what one of its rows is
  std::string_view columns;  // what one of its columns is
  std::span<const ColumnKind> column_kinds;

  // The row, or all of them, that also depends on what else the host does at the moment.
  std::string_view row_by_chance = {};
  bool all_by_chance = false;

  // Whether values differ a little from run to run, as most do not.
  bool MovesByChance(std::string_view row, const ColumnKind& column) const;
  // Configurations are read by what they add; other tables as they are.
  bool ShowsAdditions() const;
  // The index of the column of that name, or column_kinds.size().
  size_t Find(std::string_view column) const;
  std::string ColumnNames() const;
};

// By how much at most, of what was recorded.
inline constexpr int64_t kChancePercent = 2;

// In the order in which they are shown.
std::span<const TableKind> TableKinds();
// Returns nullptr where there is no such table.
const TableKind* FindTableKind(std::string_view name);
std::string TableNames();

// A piece of the kernel's code that is timed on the processor itself.
struct PrimitiveKind {
  std::string_view name;
  std::string_view title;
};

const PrimitiveKind* FindPrimitiveKind(std::string_view name);

// What the others are compared with.
inline constexpr std::string_view kCountingPrimitive = "count_vmx";

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_CATALOGUE_H_
