// SPDX-License-Identifier: GPL-2.0-only
#include "report/grid.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace kvm_exits::bench {
namespace {

std::string FormatValue(Value value) { return value ? FormatNumber(*value) : "-"; }

Grid::Line LineOf(const Table& table, std::string label,
                  const std::function<std::string(const Row&)>& cell) {
  Grid::Line line{.label = std::move(label), .cells = {}};
  for (const Row& row : table.rows) line.cells.push_back(cell(row));
  return line;
}

void AppendSection(Grid& grid, Grid::Section section) {
  if (!section.lines.empty()) grid.sections.push_back(std::move(section));
}

Grid::Section Additions(const Table& table, Way way, std::string caption) {
  Grid::Section section{.caption = std::move(caption), .lines = {}};
  for (const ColumnKind* const column : table.columns) {
    if (column->base.empty() || column->way != way) continue;
    section.lines.push_back(
        LineOf(table, std::string(column->title), [&table, column](const Row& row) {
          return FormatAdded(table.Added(row, column->name, column->base));
        }));
  }
  return section;
}

// "+ ledger" is what counting and the ledger are; a step is between the two.
std::string_view StepTitle(const ColumnKind& column) {
  return column.title.substr(column.title.starts_with("+ ") ? 2 : 0);
}

Grid::Section Steps(const Table& table) {
  Grid::Section section{.caption = "of which each step adds", .lines = {}};
  for (const ColumnKind* const column : table.columns) {
    if (column->step.empty() || !table.Has(column->step)) continue;
    const ColumnKind& step = table.kind->column_kinds[table.kind->Find(column->step)];
    section.lines.push_back(
        LineOf(table, fmt::format("{} to {}", StepTitle(step), StepTitle(*column)),
               [&table, column](const Row& row) {
                 return FormatAdded(table.Added(row, column->name, column->step));
               }));
  }
  return section;
}

Grid MakeAdditionsGrid(const Table& table) {
  Grid grid{.corner = std::string(table.kind->columns), .heads = {}, .sections = {}};
  for (const Row& row : table.rows) grid.heads.push_back(row.name);
  Grid::Section absolute;
  for (const ColumnKind* const column : table.columns) {
    if (!column->base.empty()) continue;
    absolute.lines.push_back(LineOf(
        table, std::string(column->title),
        [&table, column](const Row& row) { return FormatValue(table.Of(row, column->name)); }));
  }
  AppendSection(grid, std::move(absolute));
  AppendSection(grid, Additions(table, Way::kOurs, "added to unpatched by kvm-exits"));
  AppendSection(grid, Steps(table));
  AppendSection(grid, Additions(table, Way::kOther, "added to unpatched by other ways"));
  return grid;
}

}  // namespace

Grid MakeGrid(const Table& table) {
  if (table.kind->ShowsAdditions()) return MakeAdditionsGrid(table);
  Grid grid{.corner = std::string(table.kind->rows), .heads = {}, .sections = {{}}};
  for (const ColumnKind* const column : table.columns) grid.heads.emplace_back(column->title);
  for (const Row& row : table.rows) {
    Grid::Line line{.label = row.name, .cells = {}};
    for (const Value value : row.values) line.cells.push_back(FormatValue(value));
    grid.sections[0].lines.push_back(std::move(line));
  }
  return grid;
}

std::string FormatNumber(int64_t number) {
  std::string text = fmt::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string FormatAdded(Value added) {
  if (!added) return "-";
  return (*added > 0 ? "+" : "") + FormatNumber(*added);
}

}  // namespace kvm_exits::bench
