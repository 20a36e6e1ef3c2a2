// SPDX-License-Identifier: GPL-2.0-only
#include "report/plot.h"

#include <gmock/gmock.h>

#include <string>

#include "base/error.h"
#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

// plot_test.py looks at what is where.

TEST(Plot, SaysWhatItShowsToThoseWhoDoNotSeeIt) {
  EXPECT_THAT(ToSvg({Sample("amd"), Sample("intel")}),
              HasSubstr("<desc id=\"desc\">Lab amd:\ncounting: 10.\n+ ledger: 42.\n"
                        "perf stat: 10,000.\nLab intel:\n"));
}

TEST(Plot, NothingHasNoBarOnALogarithmicAxis) {
  const std::string svg =
      ToSvg({Parse("# lab a\n# kernel 6\n# cpu x\nexit unpatched CPUID 5\nexit counting CPUID 5\n"
                   "exit ledger CPUID 3\nexit histogram CPUID -\n")});
  EXPECT_THAT(svg, HasSubstr(">0</text>"));
  EXPECT_THAT(svg, HasSubstr(">-2</text>"));
  EXPECT_THAT(svg, HasSubstr(">not measured</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("<rect class=\"ours\" x=\"170.0\"")));
}

TEST(Plot, WantsTheExitThatItDraws) {
  EXPECT_THAT(
      [] { ToSvg({Parse("# lab a\n# kernel 6\n# cpu x\nexit counting CPUID 5\n")}); },
      ThrowsMessage<Error>("the lab 'a' has not measured what is added to an exit for CPUID"));
  EXPECT_THAT([] { ToSvg({Parse("# lab a\n# kernel 6\n# cpu x\nleaf 1 TOTAL 5\n")}); },
              ThrowsMessage<Error>(HasSubstr("has not measured")));
}

}  // namespace
}  // namespace kvm_exits::bench
