// SPDX-License-Identifier: GPL-2.0-only
#include "view/units.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kvm_exits {
namespace {

TEST(Units, Counts) {
  EXPECT_EQ(ShortCount(std::nullopt), "-");
  EXPECT_EQ(ShortCount(0), "0");
  EXPECT_EQ(ShortCount(0.4), "0.4");
  EXPECT_EQ(ShortCount(9), "9");
  EXPECT_EQ(ShortCount(9.97), "10");
  EXPECT_EQ(ShortCount(999999), "999999");
  EXPECT_EQ(ShortCount(999999.7), "1.00M");
  EXPECT_EQ(ShortCount(1234567), "1.23M");
  EXPECT_EQ(ShortCount(999.6e6), "1.00G");
  EXPECT_EQ(ShortCount(18446744073709551615.0), "18.4E");
}

TEST(Units, Times) {
  EXPECT_EQ(ShortTime(std::nullopt), "-");
  EXPECT_EQ(ShortTime(0.0), "0.00us");
  EXPECT_EQ(ShortTime(0.123), "0.12us");
  EXPECT_EQ(ShortTime(12.34), "12.3us");
  EXPECT_EQ(ShortTime(999.7), "1.00ms");
  EXPECT_EQ(ShortTime(123456), "123ms");
  EXPECT_EQ(ShortTime(5e6), "5.00s");
  EXPECT_EQ(ShortTime(86400e6), "86400s");
  EXPECT_EQ(ShortTime(1e11), "1.16d");
  EXPECT_EQ(ShortTime(8e14), "9259d");
  EXPECT_EQ(ShortTime(1e15), ">9999d");
}

TEST(Units, Percents) {
  EXPECT_EQ(ShortPercent(std::nullopt), "-");
  EXPECT_EQ(ShortPercent(0.0), "0.0");
  EXPECT_EQ(ShortPercent(0.04), "<0.1");
  EXPECT_EQ(ShortPercent(100.0), "100.0");
  EXPECT_EQ(WholePercent(0.0), "0");
  EXPECT_EQ(WholePercent(0.4), "<1");
  EXPECT_EQ(WholePercent(99.6), "100");
}

TEST(Units, KeepTheirColumns) {
  for (double exponent = -6; exponent < 20; exponent += 0.01) {
    const double value = std::pow(10, exponent);
    EXPECT_LE(ShortCount(value).size(), 6U) << value;
    EXPECT_LE(ShortTime(value).size(), 6U) << value;
  }
}

}  // namespace
}  // namespace kvm_exits
