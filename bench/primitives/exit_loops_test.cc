// SPDX-License-Identifier: GPL-2.0-only
#include "exit_loops.h"

#include <gmock/gmock.h>

#include <thread>

namespace {

constexpr uint64_t kExits = 100003;

class ExitLoops : public ::testing::Test {
 protected:
  ~ExitLoops() override { free_vcpu(vcpu_); }

  kvm_vcpu* const vcpu_ = create_vcpu();
};

TEST_F(ExitLoops, CountWithoutLedger) {
  count_vmx_exits(vcpu_, kExits);
  EXPECT_EQ(counted_exits(vcpu_), kExits);
  count_svm_exits(vcpu_, kExits);
  EXPECT_EQ(counted_exits(vcpu_), 2 * kExits);
  EXPECT_EQ(booked_cycles(vcpu_), 0U);
  EXPECT_EQ(sorted_exits(vcpu_), 0U);
}

TEST_F(ExitLoops, BookWhatHasPassed) {
  count_and_book_exits(vcpu_, kExits);
  EXPECT_EQ(counted_exits(vcpu_), kExits);
  EXPECT_GE(booked_cycles(vcpu_), kExits);
  EXPECT_TRUE(ledger_balances(vcpu_));
  EXPECT_EQ(sorted_exits(vcpu_), 0U);
}

TEST_F(ExitLoops, SortByDuration) {
  count_book_and_sort_exits(vcpu_, kExits);
  EXPECT_EQ(counted_exits(vcpu_), kExits);
  EXPECT_TRUE(ledger_balances(vcpu_));
  EXPECT_EQ(sorted_exits(vcpu_), kExits);
}

TEST_F(ExitLoops, NaiveOnesShareTheirCounts) {
  forget_naive_counts();
  std::thread other([] { count_exits_naively(kExits); });
  count_exits_naively(kExits);
  other.join();
  EXPECT_EQ(naively_counted_exits(), 2 * kExits);
  forget_naive_counts();
  EXPECT_EQ(naively_counted_exits(), 0U);
}

}  // namespace
