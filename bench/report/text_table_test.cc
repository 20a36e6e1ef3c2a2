// SPDX-License-Identifier: GPL-2.0-only
#include "report/text_table.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

using ::testing::HasSubstr;

TEST(FormatNumber, GroupsByThousands) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(999), "999");
  EXPECT_EQ(FormatNumber(1000), "1,000");
  EXPECT_EQ(FormatNumber(1234567), "1,234,567");
  EXPECT_EQ(FormatNumber(-123), "-123");
  EXPECT_EQ(FormatNumber(-1234), "-1,234");
  EXPECT_EQ(FormatAdded(1234), "+1,234");
  EXPECT_EQ(FormatAdded(0), "0");
  EXPECT_EQ(FormatAdded(-5), "-5");
  EXPECT_EQ(FormatAdded(std::nullopt), "-");
}

TEST(TextTable, ShowsWhatConfigurationsAdd) {
  EXPECT_EQ(ToText(Sample()), R"(lab amd: AMD EPYC <emulated>
kernel 6.12.117+deb12-amd64

exit: an exit, from the guest through KVM and back, in instructions

configuration           CPUID    IPI
unpatched               3,074  9,000
added to unpatched by kvm-exits:
  counting                +10      -
  + ledger                +42      -
of which each step adds:
  counting to ledger      +32      -
added to unpatched by other ways:
  perf stat           +10,000      -

  unpatched  KVM as it comes with the kernel
  counting   each exit is counted, per reason and vCPU
  + ledger   counting, and the ledger of vCPUs' time
  perf stat  unpatched, perf stat counts kvm:kvm_exit

leaf: one CPUID of a leaf, by vCPUs of the VM, in instructions

leaf   1 vCPU      8
TOTAL   3,748  5,365
)");
}

TEST(TextTable, GoesOnInABlockBelowWhatDoesNotFit) {
  std::string text = "# lab amd\n# kernel 6\n# cpu x\n";
  for (const TableKind& table : TableKinds()) {
    for (const ColumnKind& column : table.column_kinds) {
      for (int row = 0; row < 12; ++row) {
        text += std::string(table.name) + ' ' + std::string(column.name) + " MSR_WRITE_FASTPATH" +
                std::to_string(row) + " 1000000\n";
      }
    }
  }
  const std::string all = ToText(Parse(text));
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  for (int row = 0; row < 12; ++row) {
    EXPECT_THAT(all, HasSubstr("MSR_WRITE_FASTPATH" + std::to_string(row)));
  }
}

TEST(TextTable, AWordThatIsTooLongIsWhole) {
  const std::string word(100, 'X');
  EXPECT_THAT(ToText(Parse("# lab a\n# kernel 6\n# cpu x\nexit off " + word + " 1")),
              HasSubstr("  " + word + "\n"));
}

}  // namespace
}  // namespace kvm_exits::bench
