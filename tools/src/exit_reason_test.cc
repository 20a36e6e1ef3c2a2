// SPDX-License-Identifier: GPL-2.0-only
#include "exit_reason.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

namespace kvm_exits {
namespace {

using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::IsNull;
using ::testing::NotNull;

// Typed from Intel SDM vol. 3, appendix C, on its own, so that a line which the
// kernel's list lacks or has too many is seen.
std::vector<uint32_t> ManualNumbers() {
  std::vector<uint32_t> numbers;
  const auto add = [&](uint32_t first, uint32_t last) {
    for (uint32_t n = first; n <= last; ++n) numbers.push_back(n);
  };
  add(0, 34);
  add(36, 37);
  add(39, 41);
  add(43, 70);
  add(72, 81);
  add(84, 85);
  return numbers;
}

TEST(ExitReason, VmxTableIsTheManualsList) {
  const ReasonTable* const table = FindReasonTable(Isa::kVmx);
  ASSERT_THAT(table, NotNull());
  std::vector<uint32_t> numbers;
  for (const ExitReason& reason : table->reasons) numbers.push_back(reason.number);
  EXPECT_THAT(numbers, ElementsAreArray(ManualNumbers()));
}

TEST(ExitReason, NamesAreUnlikeAndAreThoseOfTheTracepoint) {
  const ReasonTable& table = *FindReasonTable(Isa::kVmx);
  std::set<std::string_view> names;
  for (const ExitReason& reason : table.reasons) {
    EXPECT_FALSE(reason.name.empty()) << reason.number;
    EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
  }
  // <asm/vmx.h>, VMX_EXIT_REASONS
  EXPECT_EQ(table.Find(0)->name, "EXCEPTION_NMI");
  EXPECT_EQ(table.Find(10)->name, "CPUID");
  EXPECT_EQ(table.Find(12)->name, "HLT");
  EXPECT_EQ(table.Find(32)->name, "MSR_WRITE");
  EXPECT_EQ(table.Find(48)->name, "EPT_VIOLATION");
}

TEST(ExitReason, FindsExactlyTheTablesNumbers) {
  const ReasonTable& table = *FindReasonTable(Isa::kVmx);
  for (const ExitReason& reason : table.reasons) {
    ASSERT_THAT(table.Find(reason.number), NotNull());
    EXPECT_EQ(*table.Find(reason.number), reason);
  }
  for (const uint32_t number : {35U, 38U, 42U, 71U, 82U, 83U, 86U, 444U, 0xFFFFFFFFU}) {
    EXPECT_THAT(table.Find(number), IsNull()) << number;
  }
}

TEST(ExitReason, ExtensionsWithoutTable) {
  EXPECT_THAT(FindReasonTable(Isa::kSvm), IsNull());
  EXPECT_THAT(FindReasonTable(Isa{0}), IsNull());
  EXPECT_THAT(FindReasonTable(Isa{3}), IsNull());
  EXPECT_THAT(IsaName(Isa::kVmx), Eq("VMX"));
  EXPECT_THAT(IsaName(Isa::kSvm), Eq("SVM"));
  EXPECT_THAT(IsaName(Isa{3}), Eq("unknown"));
}

}  // namespace
}  // namespace kvm_exits
