// SPDX-License-Identifier: GPL-2.0-only
#include "report/comparison.h"

#include <gmock/gmock.h>

#include <string>

#include "base/error.h"
#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

using ::testing::ThrowsMessage;

const std::string kHeaders = "# lab amd\n# kernel 6\n# cpu x\n";

Comparison CompareText(const std::string& recorded, const std::string& now) {
  return Compare(Parse(kHeaders + recorded), Parse(kHeaders + now));
}

TEST(Compare, NothingMoved) {
  const Comparison comparison = Compare(Sample(), Sample());
  EXPECT_EQ(comparison.text,
            "exit: nothing moved, of 8 values\nleaf: nothing moved, of 2 values\n");
  EXPECT_FALSE(comparison.moved);
}

TEST(Compare, SaysFromWhereToWhere) {
  const Comparison comparison =
      CompareText("exit counting CPUID 3084\nexit off CPUID 9\nexit off IPI 1",
                  "exit counting CPUID 3085\nexit off CPUID 7\nexit off IPI 1");
  EXPECT_EQ(comparison.text,
            "exit off CPUID: 9 -> 7 (-2)\n"
            "exit counting CPUID: 3084 -> 3085 (+1)\n"
            "exit: nothing else moved\n");
  EXPECT_TRUE(comparison.moved);
}

TEST(Compare, WhatIsNotMeasuredAnyMoreHasMoved) {
  const Comparison comparison = CompareText("leaf 1 TOTAL 5\nleaf 8 TOTAL -",  //
                                            "leaf 1 TOTAL -\nleaf 8 TOTAL 0");
  EXPECT_EQ(comparison.text,
            "leaf 1 TOTAL: 5 -> -\nleaf 8 TOTAL: - -> 0\nleaf: nothing else moved\n");
  EXPECT_TRUE(comparison.moved);
}

TEST(Compare, SaysWhatOnlyOneHas) {
  const Comparison comparison = CompareText("leaf 1 TOTAL 5\nleaf 8 TOTAL 6\nexit off IPI 1",
                                            "leaf 1 TOTAL 5\nleaf 1 REASON 5\nmemory off X 1");
  EXPECT_EQ(comparison.text,
            "table exit: only in what was recorded\n"
            "leaf column 8: only in what was recorded\n"
            "leaf row REASON: only in what is new\n"
            "leaf: nothing else moved\n"
            "table memory: only in what is new\n");
  EXPECT_TRUE(comparison.moved);
}

TEST(Compare, ALittleIsChanceWhereThatIsKnown) {
  const Comparison comparison = CompareText(
      "exit off IPI_AND_BACK 100\nexit naive_4_vcpus CPUID 100\nmemory off SLABS_A_VM 100",
      "exit off IPI_AND_BACK 102\nexit naive_4_vcpus CPUID 98\nmemory off SLABS_A_VM 98");
  EXPECT_EQ(comparison.text,
            "exit: nothing moved, of 4 values, but for 2 by chance, 2 % or less\n"
            "memory: nothing moved, of 1 values, but for 1 by chance, 2 % or less\n");
  EXPECT_FALSE(comparison.moved);
}

TEST(Compare, MoreThanALittleIsNoChance) {
  const Comparison comparison = CompareText("exit off IPI_AND_BACK 100\nexit off CPUID 100",
                                            "exit off IPI_AND_BACK 103\nexit off CPUID 101");
  EXPECT_EQ(comparison.text,
            "exit off IPI_AND_BACK: 100 -> 103 (+3)\n"
            "exit off CPUID: 100 -> 101 (+1)\n"
            "exit: nothing else moved\n");
  EXPECT_TRUE(comparison.moved);
}

TEST(Compare, AnotherKernelIsSaidButHasMovedNothing) {
  const Comparison comparison = Compare(Parse("# lab a\n# kernel 6.1\n# cpu x\nleaf 1 TOTAL 5"),
                                        Parse("# lab a\n# kernel 6.12\n# cpu y\nleaf 1 TOTAL 5"));
  EXPECT_EQ(comparison.text,
            "kernel: 6.1 -> 6.12\ncpu: x -> y\nleaf: nothing moved, of 1 values\n");
  EXPECT_FALSE(comparison.moved);
}

TEST(Compare, LabsHaveNothingInCommon) {
  EXPECT_THAT([] { Compare(Sample("amd"), Sample("intel")); },
              ThrowsMessage<Error>("these are results of different labs, amd and intel, which "
                                   "cannot be compared"));
}

}  // namespace
}  // namespace kvm_exits::bench
