// SPDX-License-Identifier: GPL-2.0-only
#include "report/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

constexpr std::array kHeaders = {"lab", "kernel", "cpu"};

// Names go into terminals, Markdown and XML as they are.
bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./").find(c) != std::string_view::npos;
  });
}

bool IsPrintable(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// What is wrong may be anything, and is shown to a terminal.
std::string Quoted(std::string_view text) {
  constexpr size_t kMax = 40;
  std::string quoted = "'";
  for (const char c : text.substr(0, kMax)) quoted += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > kMax) quoted += "...";
  return quoted + "'";
}

}  // namespace

bool Table::Has(std::string_view column) const {
  return std::any_of(columns.begin(), columns.end(),
                     [column](const ColumnKind* other) { return other->name == column; });
}

Value Table::Of(const Row& row, std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i]->name == column) return row.values[i];
  }
  return std::nullopt;
}

Value Table::Added(const Row& row, std::string_view column, std::string_view base) const {
  const Value value = Of(row, column);
  const Value base_value = Of(row, base);
  if (!value || !base_value) return std::nullopt;
  return *value - *base_value;
}

const Table* Measurements::Find(std::string_view table) const {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [table](const Table& t) { return t.kind->name == table; });
  return found == tables.end() ? nullptr : &*found;
}

const TableKind& NamedTableKind(const std::string& where, std::string_view name) {
  if (const TableKind* const kind = FindTableKind(name)) return *kind;
  throw Error(
      fmt::format("{}: there is no table {}: it is one of {}", where, Quoted(name), TableNames()));
}

void MeasurementsBuilder::SetHeader(const std::string& where, const std::string& name,
                                    const std::string& value) {
  if (!IsPrintable(value) || (name == "lab" && !IsWord(value))) {
    throw Error(fmt::format("{}: {} is no name of a {}", where, Quoted(value), name));
  }
  const auto [known, added] = headers_.try_emplace(name, Header{.value = value, .where = where});
  if (!added && known->second.value != value) {
    throw Error(fmt::format("{}: the {} is '{}', but '{}' in {}", where, name, value,
                            known->second.value, known->second.where));
  }
}

void MeasurementsBuilder::Add(const std::string& where, std::string_view table,
                              std::string_view column, std::string_view row, Value value) {
  const TableKind& kind = NamedTableKind(where, table);
  const size_t index = kind.Find(column);
  if (index == kind.column_kinds.size()) {
    throw Error(fmt::format("{}: the table {} has no column {}: it is one of {}", where, kind.name,
                            Quoted(column), kind.ColumnNames()));
  }
  if (!IsWord(row)) {
    throw Error(
        fmt::format("{}: {} is no name of a row: it has other characters than letters, "
                    "digits and _-./",
                    where, Quoted(row)));
  }
  Rows& rows = tables_[&kind];
  const std::string name(row);
  if (!rows.entries.contains(name)) rows.names.push_back(name);
  const auto [known, added] =
      rows.entries[name].try_emplace(index, Entry{.value = value, .where = where});
  if (!added) {
    throw Error(fmt::format("{}: {} {} {} is already in {}", where, table, column, row,
                            known->second.where));
  }
}

Measurements MeasurementsBuilder::Finish(const std::string& source) const {
  for (const char* const name : kHeaders) {
    if (!headers_.contains(name)) throw Error(fmt::format("{}: the {} is not named", source, name));
  }
  if (tables_.empty()) throw Error(fmt::format("{}: there is no measurement", source));

  Measurements measurements{.lab = headers_.at("lab").value,
                            .kernel = headers_.at("kernel").value,
                            .cpu = headers_.at("cpu").value,
                            .tables = {}};
  for (const TableKind& kind : TableKinds()) {
    const auto found = tables_.find(&kind);
    if (found == tables_.end()) continue;
    const Rows& rows = found->second;
    std::set<size_t> columns;
    for (const auto& [name, entries] : rows.entries) {
      for (const auto& [column, entry] : entries) columns.insert(column);
    }
    Table table{.kind = &kind, .columns = {}, .rows = {}};
    for (const size_t column : columns) table.columns.push_back(&kind.column_kinds[column]);
    for (const std::string& name : rows.names) {
      Row row{.name = name, .values = {}};
      const std::map<size_t, Entry>& entries = rows.entries.at(name);
      for (const size_t column : columns) {
        const auto entry = entries.find(column);
        row.values.push_back(entry == entries.end() ? std::nullopt : entry->second.value);
      }
      table.rows.push_back(row);
    }
    measurements.tables.push_back(table);
  }
  return measurements;
}

}  // namespace kvm_exits::bench
