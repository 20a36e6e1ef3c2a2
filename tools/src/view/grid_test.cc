// SPDX-License-Identifier: GPL-2.0-only
#include "view/grid.h"

#include <gtest/gtest.h>

namespace kvm_exits {
namespace {

Grid MakeGrid() {
  return {.columns = {{.title = "NAME", .width = 6, .is_text = true},
                      {.title = "N", .width = 3},
                      {.title = "WHY", .width = 4, .is_text = true}},
          .rows = {}};
}

TEST(Grid, TextStandsAtTheLeftAndNumbersAtTheRight) {
  Grid grid = MakeGrid();
  grid.rows = {{"web", "7", "HLT"}, {"", "100", "IO"}};
  EXPECT_EQ(FormatGrid(grid),
            "NAME     N WHY\n"
            "web      7 HLT\n"
            "       100 IO\n");
  EXPECT_EQ(FormatTitles(grid), "NAME     N WHY");
}

TEST(Grid, TextIsCutAndNumbersAreNot) {
  EXPECT_EQ(FormatCells(MakeGrid(), {"database", "12345", "EXTERNAL"}), "datab… 12345 EXT…");
}

TEST(Grid, ColumnsAreTheTerminals) {
  EXPECT_EQ(FormatCells(MakeGrid(), {"日本", "7", "x"}), "日本     7 x");
  EXPECT_EQ(FormatCells(MakeGrid(), {"e\u0301", "7", "x"}), "e\u0301        7 x");
}

TEST(Grid, NoBlanksAtTheEndOfALine) {
  EXPECT_EQ(FormatCells(MakeGrid(), {"web", "", ""}), "web");
  EXPECT_EQ(FormatCells(MakeGrid(), {"web"}), "web");
  EXPECT_EQ(FormatCells(MakeGrid(), {}), "");
}

TEST(Grid, CellsWithoutAColumnAreLeftOut) {
  EXPECT_EQ(FormatCells(MakeGrid(), {"web", "7", "x", "more"}), "web      7 x");
}

}  // namespace
}  // namespace kvm_exits
