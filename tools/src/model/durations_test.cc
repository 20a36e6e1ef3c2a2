// SPDX-License-Identifier: GPL-2.0-only
#include "model/durations.h"

#include <gmock/gmock.h>

namespace kvm_exits {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

const Durations kSome = {{.from = 16, .below = 24, .exits = 90},
                         {.from = 24, .below = 32, .exits = 9},
                         {.from = 4096, .below = 6144, .exits = 1}};

TEST(Durations, QuantileIsTheMiddleOfItsBin) {
  EXPECT_THAT(Quantile(kSome, 0.5), Optional(DoubleEq(20)));
  EXPECT_THAT(Quantile(kSome, 0.9), Optional(DoubleEq(20)));
  EXPECT_THAT(Quantile(kSome, 0.91), Optional(DoubleEq(28)));
  EXPECT_THAT(Quantile(kSome, 0.99), Optional(DoubleEq(28)));
  EXPECT_THAT(Quantile(kSome, 0.999), Optional(DoubleEq(5120)));
  EXPECT_THAT(Quantile(kSome, 0), Optional(DoubleEq(20)));
  EXPECT_THAT(Quantile(kSome, 1), Optional(DoubleEq(5120)));
}

TEST(Durations, NoExitsHaveNoQuantile) {
  EXPECT_EQ(Quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(Quantile({{.from = 1, .below = 2, .exits = 0}}, 0.5), std::nullopt);
}

TEST(Durations, ABinWithoutEndIsItsBegin) {
  EXPECT_THAT(Quantile({{.from = 1000, .below = 0, .exits = 1}}, 0.5), Optional(DoubleEq(1000)));
}

TEST(Durations, AddKeepsTheOrder) {
  Durations durations = kSome;
  Add({{.from = 8, .below = 12, .exits = 1}, {.from = 24, .below = 32, .exits = 5}}, durations);
  EXPECT_THAT(durations, ElementsAre(DurationBin{8, 12, 1}, DurationBin{16, 24, 90},
                                     DurationBin{24, 32, 14}, DurationBin{4096, 6144, 1}));
}

TEST(Durations, DifferenceIsTheExitsBetween) {
  Durations after = kSome;
  after[1].exits += 3;
  after.insert(after.begin(), {.from = 8, .below = 12, .exits = 7});
  EXPECT_THAT(Difference(kSome, after),
              Optional(ElementsAre(DurationBin{8, 12, 7}, DurationBin{24, 32, 3})));
}

TEST(Durations, NoDifferenceWhereABinFell) {
  Durations after = kSome;
  after[1].exits -= 1;
  EXPECT_EQ(Difference(kSome, after), std::nullopt);
  after = kSome;
  after.pop_back();
  EXPECT_EQ(Difference(kSome, after), std::nullopt);
}

}  // namespace
}  // namespace kvm_exits
