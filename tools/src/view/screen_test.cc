// SPDX-License-Identifier: GPL-2.0-only
#include "view/screen.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/printable.h"

namespace kvm_exits {
namespace {

TEST(Bar, HasEighthsOfAColumn) {
  EXPECT_EQ(Bar(0, 100, 4, true), "    ");
  EXPECT_EQ(Bar(100, 100, 4, true), "████");
  EXPECT_EQ(Bar(50, 100, 4, true), "██  ");
  EXPECT_EQ(Bar(3, 32, 4, true), "▍   ");
  EXPECT_EQ(Bar(1, 1000000, 4, true), "▏   ");  // is more than nothing
}

TEST(Bar, IsOfAsciiWhereItMust) {
  EXPECT_EQ(Bar(0, 100, 4, false), "    ");
  EXPECT_EQ(Bar(1, 1000000, 4, false), "#   ");
  EXPECT_EQ(Bar(50, 100, 4, false), "##  ");
  EXPECT_EQ(Bar(100, 100, 4, false), "####");
}

TEST(Bar, IsAsWideAsItIsToBe) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double part : {0.0, 1e-300, 0.3, 1.0, 2.0, 1e300, kInfinity, -1.0}) {
    for (const double whole : {0.0, 1e-300, 1.0, 1e300, -1.0}) {
      for (const size_t columns : {1U, 6U, 77U}) {
        for (const bool has_utf8 : {false, true}) {
          EXPECT_EQ(DisplayWidth(Bar(part, whole, columns, has_utf8)), columns)
              << part << " of " << whole;
        }
      }
    }
  }
}

TEST(PlainText, IsAllOfALine) {
  EXPECT_EQ(PlainText({{.text = "a"}, {.text = "b ", .style = Style::kHot}, {.text = "c"}}),
            "ab c");
  EXPECT_EQ(PlainText({}), "");
}

}  // namespace
}  // namespace kvm_exits
