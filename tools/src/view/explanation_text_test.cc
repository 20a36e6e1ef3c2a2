// SPDX-License-Identifier: GPL-2.0-only
#include "view/explanation_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr Isa kIsas[] = {Isa::kVmx, Isa::kSvm};
constexpr ExitReason kHlt = {.number = 12, .name = "HLT"};
constexpr ExitReason kCpuid = {.number = 10, .name = "CPUID"};

Explanation Example() {
  return {.vmx = {kHlt},
          .svm = {},
          .title = "nothing to do",
          .what = "The vCPU sleeps, and sleeps.\nThen it wakes.",
          .is_never = false,
          .causes = {"An idle guest."},
          .look = {{.by = "rip", .run = "", .shows = "where it is"},
                   {.by = "", .run = "ls /", .shows = "all there is"}},
          .help = {{.what = "More to do.", .price = "Less sleep."}},
          .hints = {},
          .sources = {"Intel SDM", "AMD APM", "Linux"}};
}

TEST(ExplanationText, HasEveryPart) {
  EXPECT_EQ(RenderExplanation(Example(), Isa::kVmx, kHlt, 80),
            "HLT: nothing to do\n"
            "VMX exit reason 12\n"
            "\n"
            "WHAT\n"
            "  The vCPU sleeps, and sleeps.\n"
            "\n"
            "  Then it wakes.\n"
            "\n"
            "USUAL CAUSES\n"
            "  - An idle guest.\n"
            "\n"
            "LOOK NEXT\n"
            "  kvm-exits detail HLT VM --by rip\n"
            "      where it is\n"
            "  ls /\n"
            "      all there is\n"
            "\n"
            "WHAT HELPS, AND ITS PRICE\n"
            "  - More to do.\n"
            "    Price: Less sleep.\n"
            "\n"
            "SOURCES\n"
            "  - Intel SDM\n"
            "  - Linux\n");
}

TEST(ExplanationText, WrapsAtTheWidth) {
  Explanation example = Example();
  example.causes = {"An idle guest, or one that is not busy."};
  const std::string text = RenderExplanation(example, Isa::kVmx, kHlt, 20);
  EXPECT_THAT(text, HasSubstr("\n  The vCPU sleeps,\n  and sleeps.\n\n  Then it wakes.\n"));
  EXPECT_THAT(text, HasSubstr("\n  - An idle guest,\n    or one that is\n    not busy.\n"));
  // "  - An idle guest, or" has 21.
  EXPECT_THAT(RenderExplanation(example, Isa::kVmx, kHlt, 21), HasSubstr("guest, or\n"));
}

TEST(ExplanationText, WordsThatDoNotFitHaveALineOfTheirOwn) {
  Explanation example = Example();
  example.what = "See /sys/module/kvm/parameters now.";
  EXPECT_THAT(RenderExplanation(example, Isa::kVmx, kHlt, 10),
              HasSubstr("\n  See\n  /sys/module/kvm/parameters\n  now.\n"));
  EXPECT_THAT(RenderExplanation(example, Isa::kVmx, kHlt, 0), HasSubstr("\n  See\n  /sys/"));
}

TEST(ExplanationText, WithoutPartsHasNoHeadingsForThem) {
  Explanation example = Example();
  example.causes.clear();
  example.look.clear();
  example.help.clear();
  const std::string text = RenderExplanation(example, Isa::kVmx, kHlt, 80);
  EXPECT_THAT(text, Not(HasSubstr("CAUSES")));
  EXPECT_THAT(text, Not(HasSubstr("LOOK")));
  EXPECT_THAT(text, Not(HasSubstr("HELPS")));
}

TEST(ExplanationText, SaysForWhichOtherReasonsItHolds) {
  Explanation example = Example();
  example.vmx = {kHlt, kCpuid};
  EXPECT_THAT(RenderExplanation(example, Isa::kVmx, kHlt, 80),
              StartsWith("HLT: nothing to do\nVMX exit reason 12; the same is said of CPUID\n"));
}

TEST(ExplanationText, OfAllReasonsJoinsThoseInARow) {
  Explanation example = Example();
  example.svm.clear();
  for (const uint64_t number : {0x14, 0x10, 0x11, 0x12, 0x72, 0x00, 0x01}) {
    example.svm.push_back(*FindReasonTable(Isa::kSvm)->Find(number));
  }
  const std::string text = RenderExplanation(example, Isa::kSvm, 80);
  EXPECT_THAT(text,
              StartsWith("CR0_READ, CR1_READ, CR0_WRITE..CR2_WRITE, CR4_WRITE, CPUID: nothing "
                         "to do\n"
                         "SVM exit reasons 0x00, 0x01, 0x10..0x12, 0x14, 0x72\n"));
  EXPECT_THAT(text, HasSubstr("detail CR4_WRITE VM --by rip"));
  EXPECT_EQ(RenderExplanation(Example(), Isa::kVmx, 80),
            RenderExplanation(Example(), Isa::kVmx, kHlt, 80));
}

TEST(ExplanationText, OfTheProgramFitsEightyColumns) {
  for (const Isa isa : kIsas) {
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      const Explanation& explanation = *FindExplanation(isa, reason.number);
      for (const std::string& text : {RenderExplanation(explanation, isa, reason, 80),
                                      RenderExplanation(explanation, isa, 80)}) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
          EXPECT_LE(line.size(), 80U) << line;
          EXPECT_FALSE(line.ends_with(' ')) << line;
        }
      }
    }
  }
}

TEST(ExplanationIndex, HasALineForEachReason) {
  const std::string vmx = RenderExplanationIndex(std::span(kIsas).first(1));
  EXPECT_THAT(vmx, StartsWith("VMX exit reasons\nREASON NAME                 WHAT IT IS\n     0 "));
  EXPECT_THAT(vmx, HasSubstr("\n    12 HLT                  a vCPU has nothing to do\n"));
  EXPECT_THAT(vmx, HasSubstr("\n     3 INIT_SIGNAL          never: "));
  const std::string both = RenderExplanationIndex(kIsas);
  EXPECT_THAT(both, StartsWith(vmx + "\nSVM exit reasons\n"));
  EXPECT_THAT(both, HasSubstr("\n  0x78 HLT "));
  EXPECT_EQ(std::count(both.begin(), both.end(), '\n'), 80 + 175 + 2 * 2 + 1);
  std::istringstream lines(both);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(ExplanationJson, HasEveryPart) {
  const std::string line = RenderExplanationJson(Example(), Isa::kVmx, kHlt);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(json::parse(line),
            json({{"isa", "VMX"},
                  {"reason", 12},
                  {"name", "HLT"},
                  {"title", "nothing to do"},
                  {"what", "The vCPU sleeps, and sleeps.\nThen it wakes."},
                  {"never", false},
                  {"causes", {"An idle guest."}},
                  {"look",
                   {{{"command", "kvm-exits detail HLT VM --by rip"}, {"shows", "where it is"}},
                    {{"command", "ls /"}, {"shows", "all there is"}}}},
                  {"help", {{{"do", "More to do."}, {"price", "Less sleep."}}}},
                  {"sources", {"Intel SDM", "Linux"}}}));
}

}  // namespace
}  // namespace kvm_exits
