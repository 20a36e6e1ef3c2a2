// SPDX-License-Identifier: GPL-2.0-only
#include "view/report.h"

#include <gmock/gmock.h>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

constexpr uint64_t kUnknown = kUnknownReason.number;

std::vector<uint64_t> Numbers(const Report& report) {
  std::vector<uint64_t> numbers;
  for (const ReportRow& row : report.rows) numbers.push_back(row.count.reason.number);
  return numbers;
}

std::vector<uint64_t> NumbersWith(const ReportOptions& options) {
  return Numbers(BuildReport(MakeSnapshot(), options));
}

TEST(Report, SortsByExitsWithTiesByNumberAndLeavesZerosOut) {
  EXPECT_THAT(NumbersWith({}), ElementsAre(12, 48, 10, 29));
}

TEST(Report, ZerosAreShownOnRequest) {
  EXPECT_THAT(NumbersWith({.with_zeros = true}), ElementsAre(12, 48, 10, 29, 3, kUnknown));
}

TEST(Report, TimeOfAnExitThatIsOfNoIntervalIsShown) {
  Snapshot snapshot = MakeSnapshot();
  const auto init = std::ranges::find(snapshot.reasons, 3U,
                                      [](const auto& count) { return count.reason.number; });
  ASSERT_NE(init, snapshot.reasons.end());
  ASSERT_EQ(init->exits, 0U);
  init->cycles = 1;
  EXPECT_THAT(Numbers(BuildReport(snapshot, {})), ElementsAre(12, 48, 10, 29, 3));
}

TEST(Report, SortsByReason) {
  EXPECT_THAT(NumbersWith({.sort = SortKey::kReason, .with_zeros = true}),
              ElementsAre(3, 10, 12, 29, 48, kUnknown));
}

TEST(Report, SortsByName) {
  // CPUID, DR_ACCESS, EPT_VIOLATION, HLT, INIT_SIGNAL, UNKNOWN
  EXPECT_THAT(NumbersWith({.sort = SortKey::kName, .with_zeros = true}),
              ElementsAre(10, 29, 48, 12, 3, kUnknown));
}

TEST(Report, FilterIsOfTheNameAndNotOfTheShares) {
  const auto with_c = Regex::Parse("c");  // DR_ACCESS, CPUID
  EXPECT_THAT(NumbersWith({.filter = with_c}), ElementsAre(10, 29));
  EXPECT_THAT(NumbersWith({.with_zeros = true, .filter = Regex::Parse("^INIT|^HLT$")}),
              ElementsAre(12, 3));
  EXPECT_THAT(NumbersWith({.filter = with_c, .limit = 1}), ElementsAre(10));
  EXPECT_THAT(NumbersWith({.filter = Regex::Parse("nothing")}), IsEmpty());
  const Report report = BuildReport(MakeSnapshot(), {.filter = with_c});
  EXPECT_EQ(report.shown_exits, 600U);
  EXPECT_EQ(report.vm.exits, MakeSnapshot().vm.exits);
}

TEST(Report, OnlyOneReasonThoughItIsZero) {
  EXPECT_THAT(NumbersWith({.only = 48}), ElementsAre(48));
  EXPECT_THAT(NumbersWith({.only = 3}), ElementsAre(3));
  EXPECT_THAT(NumbersWith({.only = kUnknown}), ElementsAre(kUnknown));
}

TEST(Report, TiesOfManyStayInOrder) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.reasons.clear();
  for (uint64_t number = 0; number < 64; ++number) {
    snapshot.reasons.push_back({{.number = number, .name = "SAME"}, number % 2 + 1});
  }
  std::vector<uint64_t> expected;
  for (uint64_t number = 1; number < 64; number += 2) expected.push_back(number);
  for (uint64_t number = 0; number < 64; number += 2) expected.push_back(number);
  EXPECT_EQ(Numbers(BuildReport(snapshot, {})), expected);
}

TEST(Report, RowsAreTheFirstAfterSortingAndTheSumIsTheirs) {
  const Report report = BuildReport(MakeSnapshot(), {.limit = 2});
  EXPECT_THAT(Numbers(report), ElementsAre(12, 48));
  EXPECT_EQ(report.shown_exits, 8589934592U + 399U);
  EXPECT_EQ(report.vm.exits, MakeSnapshot().vm.exits);
  EXPECT_THAT(NumbersWith({.limit = 100}), ElementsAre(12, 48, 10, 29));
}

TEST(Report, SharesAreOfTheVmsTotal) {
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.exits = 1200;
  const Report report = BuildReport(snapshot, {.sort = SortKey::kReason});
  EXPECT_THAT(report.rows[0].share_percent, Optional(DoubleEq(25)));
  EXPECT_THAT(SharePercent(UINT64_MAX, UINT64_MAX), Optional(DoubleEq(100)));
  EXPECT_THAT(SharePercent(0, 5), Optional(DoubleEq(0)));
  EXPECT_THAT(SharePercent(0, 0), Eq(std::nullopt));
}

TEST(Report, RatesAreOfThePeriod) {
  EXPECT_THAT(BuildReport(MakeSnapshot(), {}).rows[0].exits_per_second, Eq(std::nullopt));
  EXPECT_THAT(ExitsPerSecond(300, Seconds(0.5)), Optional(DoubleEq(600)));
  EXPECT_THAT(ExitsPerSecond(300, Seconds(0)), Eq(std::nullopt));
  Snapshot snapshot = MakeSnapshot();
  snapshot.vm.period = Seconds(3);
  EXPECT_THAT(BuildReport(snapshot, {.sort = SortKey::kReason}).rows[0].exits_per_second,
              Optional(DoubleEq(100)));
}

}  // namespace
}  // namespace kvm_exits
