// SPDX-License-Identifier: GPL-2.0-only
#include "report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

std::string Shown(Value value) { return value ? fmt::to_string(*value) : "-"; }

const Row* FindRow(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.rows.begin(), table.rows.end(),
                                  [name](const Row& row) { return row.name == name; });
  return found == table.rows.end() ? nullptr : &*found;
}

void CompareHeader(std::string_view name, const std::string& recorded, const std::string& now,
                   std::string& text) {
  if (recorded != now) text += fmt::format("{}: {} -> {}\n", name, recorded, now);
}

// The columns and rows that only one of two tables has.
std::vector<std::string> OnlyIn(const Table& one, const Table& other, std::string_view which) {
  std::vector<std::string> lines;
  for (const ColumnKind* const column : one.columns) {
    if (!other.Has(column->name)) {
      lines.push_back(fmt::format("column {}: {}", column->name, which));
    }
  }
  for (const Row& row : one.rows) {
    if (FindRow(other, row.name) == nullptr) {
      lines.push_back(fmt::format("row {}: {}", row.name, which));
    }
  }
  return lines;
}

constexpr std::string_view kOnlyRecorded = "only in what was recorded";
constexpr std::string_view kOnlyNow = "only in what is new";

// Whether a value has moved no further than it does from run to run.
bool IsChance(int64_t before, int64_t after) {
  return std::abs(after - before) * 100 <= before * kChancePercent;
}

void CompareTables(const Table& recorded, const Table& now, Comparison& comparison) {
  size_t values = 0;
  size_t chances = 0;
  std::vector<std::string> lines = OnlyIn(recorded, now, kOnlyRecorded);
  for (const std::string& line : OnlyIn(now, recorded, kOnlyNow)) lines.push_back(line);
  for (const Row& row : recorded.rows) {
    const Row* const row_now = FindRow(now, row.name);
    if (row_now == nullptr) continue;
    for (const ColumnKind* const column : recorded.columns) {
      if (!now.Has(column->name)) continue;
      ++values;
      const Value before = recorded.Of(row, column->name);
      const Value after = now.Of(*row_now, column->name);
      if (before == after) continue;
      if (before && after && recorded.kind->MovesByChance(row.name, *column) &&
          IsChance(*before, *after)) {
        ++chances;
        continue;
      }
      std::string line =
          fmt::format("{} {}: {} -> {}", column->name, row.name, Shown(before), Shown(after));
      if (before && after) line += fmt::format(" ({:+})", *after - *before);
      lines.push_back(line);
    }
  }
  const std::string_view name = recorded.kind->name;
  for (const std::string& line : lines) comparison.text += fmt::format("{} {}\n", name, line);
  if (lines.empty()) {
    comparison.text += fmt::format("{}: nothing moved, of {} values", name, values);
  } else {
    comparison.text += fmt::format("{}: nothing else moved", name);
    comparison.moved = true;
  }
  if (chances != 0) {
    comparison.text += fmt::format(", but for {} by chance, {} % or less", chances, kChancePercent);
  }
  comparison.text += '\n';
}

}  // namespace

Comparison Compare(const Measurements& recorded, const Measurements& now) {
  if (recorded.lab != now.lab) {
    throw Error(
        fmt::format("these are results of different labs, {} and {}, which cannot be "
                    "compared",
                    recorded.lab, now.lab));
  }
  Comparison comparison;
  CompareHeader("kernel", recorded.kernel, now.kernel, comparison.text);
  CompareHeader("cpu", recorded.cpu, now.cpu, comparison.text);
  for (const TableKind& kind : TableKinds()) {
    const Table* const before = recorded.Find(kind.name);
    const Table* const after = now.Find(kind.name);
    if (before != nullptr && after != nullptr) {
      CompareTables(*before, *after, comparison);
    } else if (before != nullptr || after != nullptr) {
      comparison.text +=
          fmt::format("table {}: {}\n", kind.name, before != nullptr ? kOnlyRecorded : kOnlyNow);
      comparison.moved = true;
    }
  }
  return comparison;
}

}  // namespace kvm_exits::bench
