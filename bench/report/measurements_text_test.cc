// SPDX-License-Identifier: GPL-2.0-only
#include "report/measurements_text.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

TEST(ParseMeasurements, HasHeadersTablesColumnsAndRows) {
  const Measurements sample = Sample();
  EXPECT_EQ(sample.lab, "amd");
  EXPECT_EQ(sample.kernel, "6.12.117+deb12-amd64");
  EXPECT_EQ(sample.cpu, "AMD EPYC <emulated>");
  ASSERT_EQ(sample.tables.size(), 2U);
  const Table& exit = sample.tables[0];
  ASSERT_EQ(exit.columns.size(), 4U);
  EXPECT_EQ(exit.columns[3]->name, "perf_stat");
  ASSERT_EQ(exit.rows.size(), 2U);
  EXPECT_EQ(exit.rows[0].name, "CPUID");
  EXPECT_EQ(exit.Of(exit.rows[0], "ledger"), 3116);
  EXPECT_EQ(exit.Added(exit.rows[0], "ledger", "counting"), 32);
  // Neither "-" nor what is not mentioned is a number.
  EXPECT_EQ(exit.Of(exit.rows[1], "counting"), std::nullopt);
  EXPECT_EQ(exit.Of(exit.rows[1], "ledger"), std::nullopt);
  EXPECT_EQ(exit.Added(exit.rows[1], "counting", "unpatched"), std::nullopt);
}

TEST(ParseMeasurements, TakesSeveralFilesOfOneLab) {
  const Measurements both =
      ParseMeasurements({{.path = "a", .text = SampleText()},
                         {.path = "b", .text = "# lab amd\nmemory off SLABS_A_VM 0"}});
  EXPECT_EQ(both.tables.size(), 3U);
  EXPECT_THAT(
      [] {
        ParseMeasurements({{.path = "a", .text = SampleText()}, {.path = "b", .text = "# lab i"}});
      },
      ThrowsMessage<Error>("b:1: the lab is 'i', but 'amd' in a:1"));
}

TEST(ParseMeasurements, SaysWhereSomethingIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"exits off CPUID 1", ":14: there is no table 'exits': it is one of exit, leaf, memory, s"},
      {"exit of CPUID 1", ":14: the table exit has no column 'of': it is one of unpatched, off,"},
      {"exit off CPUID", ":14: a measurement has four words, TABLE COLUMN ROW VALUE, and this"},
      {"exit off CPUID 1 2", ":14: a measurement has four words"},
      {"exit off CP|UID 1", ":14: 'CP|UID' is no name of a row"},
      {"exit off CPUID\x1b[31m 1", ":14: 'CPUID?[31m' is no name of a row"},
      {"exit off CPUID -1", ":14: the last word is no number from 0 to 9007199254740991, nor '-'"},
      {"exit off CPUID 9007199254740992", ":14: the last word is no number"},
      {"exit off CPUID 99999999999999999999999", ":14: the last word is no number"},
      {"exit off CPUID 1e3", ":14: the last word is no number"},
      {"exit off CPUID +1", ":14: the last word is no number"},
      {"exit off CPUID 0x10", ":14: the last word is no number"},
      {"exit off CPUID 1\r", ":14: the last word is no number"},
      {"exit counting CPUID 3084", ":14: exit counting CPUID is already in sample:6"},
      {"exit counting IPI 1", ":14: exit counting IPI is already in sample:10"},
      {"# lab", ":14: '' is no name of a lab"},
      {"# lab two words", ":14: 'two words' is no name of a lab"},
      {"# kernel 6.1", ":14: the kernel is '6.1', but '6.12.117+deb12-amd64' in sample:2"},
      {"# cpu \xff", ":14: '?' is no name of a cpu"},
  };
  for (const auto& [line, message] : cases) {
    EXPECT_THAT([text = SampleText() + line] { Parse(text); },
                ThrowsMessage<Error>(StartsWith("sample" + message)))
        << line;
  }
  const std::string nul("exit off CP\0UID 1", 17);
  EXPECT_THAT([&] { Parse(nul); }, ThrowsMessage<Error>(HasSubstr("'CP?UID' is no name")));
}

TEST(ParseMeasurements, WantsHeadersAndNumbers) {
  const std::string headers = "# lab amd\n# kernel 6\n# cpu x\n";
  EXPECT_THAT([] { Parse(""); }, ThrowsMessage<Error>("sample: the lab is not named"));
  EXPECT_THAT([] { Parse("# lab amd\n"); },
              ThrowsMessage<Error>("sample: the kernel is not named"));
  EXPECT_THAT([&] { Parse(headers); }, ThrowsMessage<Error>("sample: there is no measurement"));
  EXPECT_NO_THROW(Parse(headers + "exit off CPUID -"));
}

}  // namespace
}  // namespace kvm_exits::bench
