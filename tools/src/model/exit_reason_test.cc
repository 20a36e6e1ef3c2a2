// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_reason.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvm_exits {
namespace {

using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::IsNull;
using ::testing::MatchesRegex;
using ::testing::NotNull;

// Typed from the manuals (Intel SDM vol. 3, appendix C, and AMD APM vol. 2,
// appendix C), on their own, so that a line which the kernel's lists lack or have
// too many is seen.
struct Manual {
  Isa isa;
  std::vector<std::pair<uint32_t, uint32_t>> ranges;  // first and last
  size_t size;
};

const std::vector<Manual>& Manuals() {
  static const std::vector<Manual> manuals = {
      {Isa::kVmx, {{0, 34}, {36, 37}, {39, 41}, {43, 70}, {72, 81}, {84, 85}}, 80},
      {Isa::kSvm, {{0x00, 0xA6}, {0x400, 0x403}, {0xFFFFFFFC, 0xFFFFFFFF}}, 175},
  };
  return manuals;
}

TEST(ExitReason, TablesAreTheManualsLists) {
  for (const Manual& manual : Manuals()) {
    const ReasonTable* const table = FindReasonTable(manual.isa);
    ASSERT_THAT(table, NotNull());
    EXPECT_EQ(table->isa, manual.isa);
    std::vector<uint64_t> numbers;
    for (const ExitReason& reason : table->reasons) numbers.push_back(reason.number);
    std::vector<uint64_t> expected;
    for (const auto& [first, last] : manual.ranges) {
      for (uint64_t number = first; number <= last; ++number) {
        expected.push_back(number);
      }
    }
    EXPECT_THAT(numbers, ElementsAreArray(expected));
    EXPECT_EQ(numbers.size(), manual.size);
  }
}

TEST(ExitReason, NamesAreUnlikeWithinATableAndFitTheColumn) {
  for (const Manual& manual : Manuals()) {
    std::set<std::string_view> names;
    for (const ExitReason& reason : FindReasonTable(manual.isa)->reasons) {
      // Begins with a letter, by which --reason tells it from a number.
      EXPECT_THAT(std::string(reason.name), MatchesRegex("[A-Z][A-Z0-9_]*")) << reason.number;
      EXPECT_LE(reason.name.size(), 24U) << reason.name;
      EXPECT_TRUE(names.insert(reason.name).second) << reason.name;
    }
  }
}

TEST(ExitReason, VmxNamesAreThoseOfTheTracepoint) {
  const ReasonTable& table = *FindReasonTable(Isa::kVmx);
  // <asm/vmx.h>, VMX_EXIT_REASONS
  EXPECT_EQ(table.Find(0)->name, "EXCEPTION_NMI");
  EXPECT_EQ(table.Find(10)->name, "CPUID");
  EXPECT_EQ(table.Find(12)->name, "HLT");
  EXPECT_EQ(table.Find(32)->name, "MSR_WRITE");
  EXPECT_EQ(table.Find(48)->name, "EPT_VIOLATION");
}

TEST(ExitReason, SvmNamesAreThoseOfTheManual) {
  const ReasonTable& table = *FindReasonTable(Isa::kSvm);
  EXPECT_EQ(table.Find(0x00)->name, "CR0_READ");
  EXPECT_EQ(table.Find(0x3F)->name, "DR15_WRITE");
  EXPECT_EQ(table.Find(0x4E)->name, "EXCP_PF");
  EXPECT_EQ(table.Find(0x60)->name, "INTR");
  EXPECT_EQ(table.Find(0x72)->name, "CPUID");
  EXPECT_EQ(table.Find(0x78)->name, "HLT");
  EXPECT_EQ(table.Find(0x7B)->name, "IOIO");
  EXPECT_EQ(table.Find(0x7C)->name, "MSR");
  EXPECT_EQ(table.Find(0xA6)->name, "IDLE_HLT");
  EXPECT_EQ(table.Find(0x400)->name, "NPF");
  EXPECT_EQ(table.Find(0x403)->name, "VMGEXIT");
  EXPECT_EQ(table.Find(0xFFFFFFFC)->name, "INVALID_PMC");
  EXPECT_EQ(table.Find(0xFFFFFFFF)->name, "INVALID");
}

TEST(ExitReason, FindsExactlyTheTablesReasons) {
  for (const Manual& manual : Manuals()) {
    const ReasonTable& table = *FindReasonTable(manual.isa);
    for (const ExitReason& reason : table.reasons) {
      ASSERT_THAT(table.Find(reason.number), NotNull());
      EXPECT_EQ(*table.Find(reason.number), reason);
      ASSERT_THAT(table.FindName(reason.name), NotNull());
      EXPECT_EQ(*table.FindName(reason.name), reason);
    }
    for (const char* const name : {"", "hlt", "HL", "HLTT", "(unnamed)"}) {
      EXPECT_THAT(table.FindName(name), IsNull()) << name;
    }
  }
  const ReasonTable& vmx = *FindReasonTable(Isa::kVmx);
  for (const uint32_t number : {35U, 38U, 42U, 71U, 82U, 83U, 86U, 444U, 0xFFFFFFFFU}) {
    EXPECT_THAT(vmx.Find(number), IsNull()) << number;
  }
  EXPECT_THAT(vmx.FindName("NPF"), IsNull());
  const ReasonTable& svm = *FindReasonTable(Isa::kSvm);
  for (const uint32_t number : {0xA7U, 0x3FFU, 0x404U, 0x80000001U, 0xF0000000U, 0xFFFFFFFBU}) {
    EXPECT_THAT(svm.Find(number), IsNull()) << number;
  }
  EXPECT_THAT(svm.FindName("EPT_VIOLATION"), IsNull());
}

TEST(ExitReason, NumbersAreWrittenAsInTheKernelsLists) {
#define EXIT_COUNTERS_REASON(number, name) {#name, #number},
  const std::map<std::string_view, std::string> vmx = {
#include "arch/x86/kvm/vmx_exit_reasons.h"
  };
  const std::map<std::string_view, std::string> svm = {
#include "arch/x86/kvm/svm_exit_reasons.h"
  };
#undef EXIT_COUNTERS_REASON
  for (const ExitReason& reason : FindReasonTable(Isa::kVmx)->reasons) {
    EXPECT_EQ(FormatReasonNumber(Isa::kVmx, reason.number), vmx.at(reason.name));
  }
  for (const ExitReason& reason : FindReasonTable(Isa::kSvm)->reasons) {
    EXPECT_EQ(FormatReasonNumber(Isa::kSvm, reason.number), svm.at(reason.name));
  }
}

TEST(ExitReason, NumbersThatAreInNoTable) {
  EXPECT_EQ(FormatReasonNumber(Isa::kVmx, 0xFFFFFFFF), "4294967295");
  EXPECT_EQ(FormatReasonNumber(Isa::kSvm, 0xFFFFFFFB), "-5");
  EXPECT_EQ(FormatReasonNumber(Isa::kSvm, 0xF0000000), "0xf0000000");
  EXPECT_EQ(FormatReasonNumber(Isa::kSvm, 0x80000001), "0x80000001");
  EXPECT_EQ(FormatReasonNumber(Isa::kVmx, kUnknownReason.number), "-");
  EXPECT_EQ(FormatReasonNumber(Isa::kSvm, kUnknownReason.number), "-");
}

TEST(ExitReason, ExtensionsWithoutTable) {
  EXPECT_THAT(FindReasonTable(Isa{0}), IsNull());
  EXPECT_THAT(FindReasonTable(Isa{3}), IsNull());
  EXPECT_THAT(IsaName(Isa::kVmx), Eq("VMX"));
  EXPECT_THAT(IsaName(Isa::kSvm), Eq("SVM"));
  EXPECT_THAT(IsaName(Isa{3}), Eq("unknown"));
}

}  // namespace
}  // namespace kvm_exits
