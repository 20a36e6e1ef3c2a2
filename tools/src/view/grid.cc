// SPDX-License-Identifier: GPL-2.0-only
#include "view/grid.h"

#include <algorithm>

#include "base/printable.h"

namespace kvm_exits {

std::string FormatCells(const Grid& grid, const std::vector<std::string>& cells, size_t begin,
                        size_t end) {
  std::string line;
  for (size_t i = begin; i < end && i < grid.columns.size() && i < cells.size(); ++i) {
    const GridColumn& column = grid.columns[i];
    std::string cell = cells[i];
    if (column.is_name) {
      cell = FitMiddle(cell, column.width);
    } else if (column.is_text) {
      cell = FitWidth(cell, column.width);
    }
    const std::string blanks(column.width - std::min(DisplayWidth(cell), column.width), ' ');
    if (i > begin) line += ' ';
    line += column.is_text ? cell + blanks : blanks + cell;
  }
  return line;
}

std::string FormatCells(const Grid& grid, const std::vector<std::string>& cells) {
  std::string line = FormatCells(grid, cells, 0, grid.columns.size());
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string FormatTitles(const Grid& grid) {
  std::vector<std::string> titles;
  for (const GridColumn& column : grid.columns) titles.push_back(column.title);
  return FormatCells(grid, titles);
}

std::string FormatGrid(const Grid& grid) {
  std::string text = FormatTitles(grid) + "\n";
  for (const std::vector<std::string>& row : grid.rows) text += FormatCells(grid, row) + "\n";
  return text;
}

}  // namespace kvm_exits
