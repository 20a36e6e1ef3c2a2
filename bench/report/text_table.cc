// SPDX-License-Identifier: GPL-2.0-only
#include "report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace kvm_exits::bench {
namespace {

constexpr size_t kMaxColumns = 80;
constexpr size_t kGap = 2;
constexpr std::string_view kIndent = "  ";  // of the lines below a caption

size_t LabelWidth(const Grid& grid) {
  size_t width = grid.corner.size();
  for (const Grid::Section& section : grid.sections) {
    const size_t indent = section.caption.empty() ? 0 : kIndent.size();
    for (const Grid::Line& line : section.lines) {
      width = std::max(width, indent + line.label.size());
    }
  }
  return width;
}

size_t CellWidth(const Grid& grid, size_t column) {
  size_t width = grid.heads[column].size();
  for (const Grid::Section& section : grid.sections) {
    for (const Grid::Line& line : section.lines) {
      width = std::max(width, line.cells[column].size());
    }
  }
  return kGap + width;
}

// Draws the columns from `begin` on; returns those that fit.
class Block {
 public:
  Block(const Grid& grid, size_t label_width, size_t begin)
      : grid_(grid), label_width_(label_width), begin_(begin), end_(begin) {
    size_t width = label_width;
    while (end_ < grid.heads.size()) {
      width += CellWidth(grid, end_);
      if (width > kMaxColumns && end_ > begin) break;
      ++end_;
    }
  }

  size_t End() const { return end_; }

  std::string Draw() const {
    std::string text = Line(grid_.corner, grid_.heads);
    for (const Grid::Section& section : grid_.sections) {
      std::string indent;
      if (!section.caption.empty()) {
        text += section.caption + ":\n";
        indent = kIndent;
      }
      for (const Grid::Line& line : section.lines) text += Line(indent + line.label, line.cells);
    }
    return text;
  }

 private:
  std::string Line(const std::string& label, const std::vector<std::string>& cells) const {
    std::string text = fmt::format("{:<{}}", label, label_width_);
    for (size_t i = begin_; i < end_; ++i) {
      text += fmt::format("{:>{}}", cells[i], CellWidth(grid_, i));
    }
    return text + '\n';
  }

  const Grid& grid_;
  size_t label_width_;
  size_t begin_;
  size_t end_;
};

// What those columns mean whose title does not say it.
std::string Meanings(const Table& table) {
  size_t width = 0;
  for (const ColumnKind* const column : table.columns)
    width = std::max(width, column->title.size());
  std::string text;
  for (const ColumnKind* const column : table.columns) {
    if (column->meaning.empty()) continue;
    text += fmt::format("  {:<{}}  {}\n", column->title, width, column->meaning);
  }
  return text.empty() ? "" : '\n' + text;
}

}  // namespace

std::string ToText(const Grid& grid) {
  const size_t label_width = LabelWidth(grid);
  std::string text;
  for (size_t begin = 0; begin < grid.heads.size();) {
    const Block block(grid, label_width, begin);
    if (begin > 0) text += '\n';
    text += block.Draw();
    begin = block.End();
  }
  return text;
}

std::string ToText(const Measurements& measurements) {
  std::string text = fmt::format("lab {}: {}\nkernel {}\n", measurements.lab, measurements.cpu,
                                 measurements.kernel);
  for (const Table& table : measurements.tables) {
    text +=
        fmt::format("\n{}: {}, in {}\n\n", table.kind->name, table.kind->title, table.kind->unit);
    text += ToText(MakeGrid(table)) + Meanings(table);
  }
  return text;
}

}  // namespace kvm_exits::bench
