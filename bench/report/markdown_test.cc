// SPDX-License-Identifier: GPL-2.0-only
#include "report/markdown.h"

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

std::string Fill(const std::string& text) {
  const Primitives primitives{
      .cpu = "AMD_EPYC",
      .times = {{.kind = FindPrimitiveKind("count_vmx"), .threads = 1, .nanoseconds = 0.5},
                {.kind = FindPrimitiveKind("naive"), .threads = 2, .nanoseconds = 7.25}}};
  return FillMarkdown({.path = "d.md", .text = text},
                      {.labs = {Sample("amd"), Sample("intel")}, .primitives = primitives});
}

TEST(FillMarkdown, PutsTheTableBetweenItsMarkers) {
  EXPECT_EQ(Fill("Before.\n\n<!-- bench: exit amd -->\nold\n<!-- end -->\n\nAfter.\n"),
            R"(Before.

<!-- bench: exit amd -->

Instructions; lab amd: AMD EPYC \<emulated\>,
kernel 6.12.117+deb12-amd64.

| configuration | CPUID | IPI |
| --- | ---: | ---: |
| unpatched | 3,074 | 9,000 |
| *added to unpatched by kvm-exits* |  |  |
| counting | +10 | - |
| + ledger | +42 | - |
| *of which each step adds* |  |  |
| counting to ledger | +32 | - |
| *added to unpatched by other ways* |  |  |
| perf stat | +10,000 | - |

<!-- end -->

After.
)");
}

TEST(FillMarkdown, TheSecondTimeNothingChanges) {
  const std::string once = Fill(
      "<!-- bench: leaf intel -->\n<!-- end -->\n<!-- bench: exit columns -->  \n<!-- end -->\n"
      "<!-- bench: primitives -->\nx\ny\n<!-- end -->");
  EXPECT_EQ(Fill(once), once);
  EXPECT_THAT(once, HasSubstr("lab intel: "));
  EXPECT_THAT(once, HasSubstr("| counting | each exit is counted, per reason and vCPU |\n"));
  EXPECT_THAT(once, HasSubstr("AMD\\_EPYC.\n\n| primitive | threads | ns | times counting |\n"));
  EXPECT_THAT(once, HasSubstr("| counting, VMX | 1 | 0.50 | 1.0 |\n"));
  EXPECT_THAT(once, HasSubstr("LOCK ADD | 2 | 7.25 | 14.5 |\n"));
}

TEST(FillMarkdown, LeavesEverythingElseAlone) {
  const std::string text =
      "a  \r\n\n<!-- other -->\nIn a line: <!-- bench: exit amd --> is none.\n"
      "<!-- bench: leaf amd -->\n\n";
  EXPECT_THAT(Fill(text + "<!-- end -->\nlast"), StartsWith(text));
  EXPECT_THAT(Fill(text + "<!-- end -->\nlast"), ::testing::EndsWith("\n<!-- end -->\nlast"));
}

TEST(FillMarkdown, SaysWhereMarkersAreWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"text\n", "d.md: there is no marker, '<!-- bench: TABLE LAB -->', for results"},
      {"", "d.md: there is no marker"},
      {"\n<!-- end -->\n", "d.md:2: this ends what has not begun"},
      {"\n<!-- bench: exit amd -->\n", "d.md:2: this does not end: '<!-- end -->' is missing"},
      {"<!-- bench: exit amd -->\n<!-- bench: leaf amd -->\n<!-- end -->",
       "d.md:2: this begins before d.md:1 has ended: '<!-- end -->' is missing"},
      {"<!-- bench: exits amd -->\n<!-- end -->", "d.md:1: there is no table 'exits'"},
      {"<!-- bench: exit via -->\n<!-- end -->", "d.md:1: there are no results of a lab 'via'"},
      {"<!-- bench: exit -->\n<!-- end -->", "d.md:1: there are no results of a lab ''"},
      {"<!-- bench: memory amd -->\n<!-- end -->",
       "d.md:1: the results of the lab 'amd' have no table memory"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT([text = text] { Fill(text); }, ThrowsMessage<Error>(StartsWith(message))) << text;
  }
}

TEST(FillMarkdown, WantsThePrimitivesThatItShows) {
  const std::string text = "<!-- bench: primitives -->\n<!-- end -->\n";
  const auto fill = [&](const std::optional<Primitives>& primitives) {
    return FillMarkdown({.path = "d.md", .text = text}, {.labs = {}, .primitives = primitives});
  };
  EXPECT_THAT([&] { fill(std::nullopt); },
              ThrowsMessage<Error>(HasSubstr("d.md:1: the primitives are wanted here")));
  EXPECT_THAT([&] { fill(Primitives{}); },
              ThrowsMessage<Error>(HasSubstr("count_vmx with one thread, to compare with")));
}

TEST(FirstDifference, IsALine) {
  EXPECT_EQ(FirstDifference("a\nb\n", "a\nb\n"), 0U);
  EXPECT_EQ(FirstDifference("a\nb\n", "a\nc\n"), 2U);
  EXPECT_EQ(FirstDifference("a\nb\n", "a\n"), 2U);
  EXPECT_EQ(FirstDifference("", "a\n"), 1U);
}

}  // namespace
}  // namespace kvm_exits::bench
