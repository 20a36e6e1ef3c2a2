// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_GRID_H_
#define KVM_EXITS_VIEW_GRID_H_

#include <cstddef>
#include <string>
#include <vector>

namespace kvm_exits {

struct GridColumn {
  std::string title;
  size_t width;          // in columns of the terminal; what is longer is cut, numbers are not
  bool is_text = false;  // stands at the left
  bool is_name = false;  // is cut in the middle
};

// A table for people, in cells that are fit for a terminal.
struct Grid {
  std::vector<GridColumn> columns;
  std::vector<std::vector<std::string>> rows;
};

// One line of cells, without a line feed and without blanks at its end.
std::string FormatCells(const Grid& grid, const std::vector<std::string>& cells);

// The cells of the columns from `begin` to before `end`, each as wide as its column.
std::string FormatCells(const Grid& grid, const std::vector<std::string>& cells, size_t begin,
                        size_t end);

// The line of titles.
std::string FormatTitles(const Grid& grid);

// Titles and rows, a line each.
std::string FormatGrid(const Grid& grid);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_GRID_H_
