// SPDX-License-Identifier: GPL-2.0-only
#include "model/explanation.h"

#include <gmock/gmock.h>

#include <cctype>
#include <set>
#include <string>

#include "base/error.h"

namespace kvm_exits {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Not;
using ::testing::NotNull;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Isa kIsas[] = {Isa::kVmx, Isa::kSvm};

// Every text of an explanation, with what it is.
std::vector<std::pair<std::string, std::string>> Texts(const Explanation& explanation) {
  std::vector<std::pair<std::string, std::string>> texts = {{"title", explanation.title},
                                                            {"what", explanation.what}};
  for (const std::string& cause : explanation.causes) texts.emplace_back("cause", cause);
  for (const Look& look : explanation.look) {
    texts.emplace_back("look", look.CommandLine("HLT"));
    texts.emplace_back("shows", look.shows);
  }
  for (const Help& help : explanation.help) {
    texts.emplace_back("help", help.what);
    texts.emplace_back("price", help.price);
  }
  for (const Hint& hint : explanation.hints) texts.emplace_back("hint", hint.text);
  for (const std::string& source : explanation.sources) texts.emplace_back("source", source);
  return texts;
}

// ---- What the program says ------------------------------------------------------

TEST(Explanations, ThereIsOneForEveryReason) {
  for (const Isa isa : kIsas) {
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      EXPECT_THAT(FindExplanation(isa, reason.number), NotNull())
          << IsaName(isa) << " " << reason.name << " lacks an entry";
    }
  }
}

TEST(Explanations, ThereIsNoneForOtherNumbers) {
  EXPECT_THAT(FindExplanation(Isa::kVmx, 444), IsNull());
  EXPECT_THAT(FindExplanation(Isa::kVmx, 0x72), IsNull());
  EXPECT_THAT(FindExplanation(Isa::kSvm, 12 + 0x100), IsNull());
  EXPECT_THAT(FindExplanation(Isa::kSvm, kUnknownReason.number), IsNull());
}

TEST(Explanations, AreOfTheReason) {
  EXPECT_THAT(FindExplanation(Isa::kVmx, 12)->what, HasSubstr("HLT"));
  EXPECT_EQ(FindExplanation(Isa::kVmx, 12), FindExplanation(Isa::kSvm, 0x78));
  EXPECT_THAT(FindExplanation(Isa::kVmx, 10)->what, HasSubstr("CPUID"));
  EXPECT_THAT(FindExplanation(Isa::kSvm, 0x400)->what, HasSubstr("NPT"));
  EXPECT_THAT(FindExplanation(Isa::kSvm, 0xFFFFFFFF)->what, HasSubstr("VM entry failed"));
}

// One that KVM handles is said to happen, and one that is said never to happen has no
// handler: kvm_vmx_exit_handlers and svm_exit_handlers of Linux 6.12.
TEST(Explanations, NeverIsSaidOfWhatHasNoHandler) {
  const std::set<uint64_t> vmx = {0,  1,  2,  7,  8,  9,  10, 12, 13, 14, 15, 18, 19,
                                  20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
                                  36, 37, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 50,
                                  52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 74, 75};
  std::set<uint64_t> svm = {0x00, 0x03, 0x04, 0x08, 0x10,  0x13,  0x14,  0x18, 0x41, 0x43,
                            0x46, 0x4D, 0x4E, 0x51, 0x52,  0x60,  0x61,  0x62, 0x64, 0x65,
                            0x6F, 0x72, 0x73, 0x74, 0x76,  0x77,  0x78,  0x79, 0x7A, 0x7B,
                            0x7C, 0x7D, 0x7F, 0x87, 0x89,  0x8A,  0x8B,  0x8D, 0x8E, 0x8F,
                            0x90, 0x94, 0x98, 0xA2, 0x400, 0x401, 0x402, 0x403};
  for (uint64_t dr = 0; dr < 8; ++dr) svm.insert({0x20 + dr, 0x30 + dr});
  for (uint64_t instruction = 0x80; instruction <= 0x86; ++instruction) svm.insert(instruction);
  for (const uint64_t reason : vmx)
    EXPECT_FALSE(FindExplanation(Isa::kVmx, reason)->is_never) << reason;
  for (const uint64_t reason : svm)
    EXPECT_FALSE(FindExplanation(Isa::kSvm, reason)->is_never) << reason;
  EXPECT_TRUE(FindExplanation(Isa::kVmx, 3)->is_never);
  EXPECT_TRUE(FindExplanation(Isa::kVmx, 84)->is_never);
  EXPECT_TRUE(FindExplanation(Isa::kSvm, 0xA6)->is_never);
}

TEST(Explanations, AreComplete) {
  for (const Explanation& explanation : Explanations()) {
    SCOPED_TRACE(explanation.title);
    EXPECT_THAT(explanation.sources, Not(IsEmpty()));
    for (const Isa isa : kIsas) {
      if (!explanation.Reasons(isa).empty()) {
        EXPECT_THAT(explanation.Sources(isa), Not(IsEmpty()));
      }
    }
    EXPECT_EQ(explanation.is_never, explanation.causes.empty());
    EXPECT_EQ(explanation.is_never, explanation.look.empty());
    EXPECT_EQ(explanation.is_never, explanation.help.empty());
    EXPECT_FALSE(explanation.is_never && !explanation.hints.empty());
  }
}

TEST(Explanations, NameTheirSources) {
  for (const Explanation& explanation : Explanations()) {
    bool has_manual = false;
    for (const std::string& source : explanation.sources) {
      EXPECT_THAT(source,
                  ContainsRegex("^(Intel SDM vol\\. 3[CD], |AMD APM vol\\. [23], |AMD, |AMD "
                                "APM |Linux |QEMU |libvirt )"))
          << explanation.title;
      has_manual |= source.starts_with("Intel SDM") || source.starts_with("AMD APM");
    }
    EXPECT_TRUE(has_manual) << explanation.title;
  }
}

TEST(Explanations, AreSentencesOfPlainText) {
  for (const Explanation& explanation : Explanations()) {
    SCOPED_TRACE(explanation.title);
    EXPECT_LE(explanation.title.size(), 50U);
    for (const auto& [what, text] : Texts(explanation)) {
      for (const char c : text) {
        EXPECT_TRUE((c >= ' ' && c <= '~') || (c == '\n' && what == "what"))
            << what << ": " << text;
      }
      EXPECT_THAT(text, Not(HasSubstr("  "))) << what;
      EXPECT_EQ(text.find(" \n"), std::string::npos);
      const bool is_sentence =
          what == "what" || what == "cause" || what == "help" || what == "price" || what == "hint";
      if (is_sentence) {
        EXPECT_THAT(text, ContainsRegex("[.:]$")) << what;
      }
    }
  }
}

TEST(Explanations, LinesToTypeAreWellFormed) {
  for (const Explanation& explanation : Explanations()) {
    for (const Look& look : explanation.look) {
      const std::string line = look.CommandLine("HLT");
      EXPECT_LE(line.size(), 78U) << line;
      EXPECT_THAT(line, Not(HasSubstr("\n")));
      if (line.starts_with("kvm-exits detail")) {
        EXPECT_THAT(line, ContainsRegex("^kvm-exits detail [A-Z0-9_]+ VM --by [a-z]+$"));
      } else if (line.starts_with("kvm-exits")) {
        EXPECT_THAT(line, ContainsRegex("^kvm-exits (stat VM|top VM|explain [A-Z_]+)$"));
      }
    }
  }
}

// "kvm-exits explain NAME" in a text is a line that works.
TEST(Explanations, ReferToReasonsThatThereAre) {
  for (const Explanation& explanation : Explanations()) {
    for (const auto& [what, text] : Texts(explanation)) {
      const std::string call = "kvm-exits explain ";
      for (size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
        std::string name = text.substr(at + call.size());
        if (name.starts_with("--isa ")) name.erase(0, name.find(' ', 6) + 1);
        name.resize(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                            std::string::npos
                        ? name.size()
                        : name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"));
        EXPECT_TRUE(FindReasonTable(Isa::kVmx)->FindName(name) != nullptr ||
                    FindReasonTable(Isa::kSvm)->FindName(name) != nullptr)
            << text;
      }
    }
  }
}

TEST(Explanations, HintsHaveBoundsThatCanBeReached) {
  for (const Explanation& explanation : Explanations()) {
    for (const Hint& hint : explanation.hints) {
      for (const auto& share : {hint.min_exit_share, hint.min_time_share, hint.min_state_share}) {
        EXPECT_TRUE(!share || (*share > 0 && *share <= 100)) << hint.text;
      }
      EXPECT_LT(hint.min_mean_us.value_or(0), hint.max_mean_us.value_or(1e9)) << hint.text;
    }
  }
}

// ---- The form of the file --------------------------------------------------------

std::vector<Explanation> ParseWith(const std::string& rest) {
  return ParseExplanations("[[entry]]\nvmx = [\"HLT\"]\ntitle = \"t\"\nwhat = \"w\"\n" + rest);
}

std::string ErrorOf(const std::string& toml) {
  try {
    ParseExplanations(toml);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

std::string ErrorWith(const std::string& rest) {
  return ErrorOf("[[entry]]\nvmx = [\"HLT\"]\ntitle = \"t\"\nwhat = \"w\"\n" + rest);
}

TEST(ParseExplanations, HasEachPart) {
  const auto explanations = ParseWith(
      "causes = [\"c1\", \"c2\"]\nsources = [\"Intel SDM\", \"AMD APM\", \"Linux\"]\n"
      "[[entry.look]]\nby = \"rip\"\nshows = \"s\"\n[[entry.look]]\nrun = \"ls\"\nshows = \"f\"\n"
      "[[entry.help]]\ndo = \"d\"\nprice = \"p\"\n"
      "[[entry.hint]]\nsay = \"h\"\nstate = \"vmm\"\nmin_state_share = 5\nmax_mean_us = 1.5\n"
      "[[entry]]\nnever = true\nsvm = [\"HLT\"]\ntitle = \"other\"\nwhat = \"w\"\n");
  ASSERT_THAT(explanations, SizeIs(2));
  const Explanation& first = explanations[0];
  EXPECT_THAT(first.vmx, ElementsAre(ExitReason{12, "HLT"}));
  EXPECT_THAT(first.svm, IsEmpty());
  EXPECT_FALSE(first.is_never);
  EXPECT_THAT(first.causes, ElementsAre("c1", "c2"));
  EXPECT_THAT(first.Sources(Isa::kVmx), ElementsAre("Intel SDM", "Linux"));
  EXPECT_THAT(first.Sources(Isa::kSvm), ElementsAre("AMD APM", "Linux"));
  ASSERT_THAT(first.look, SizeIs(2));
  EXPECT_EQ(first.look[0].CommandLine("X"), "kvm-exits detail X VM --by rip");
  EXPECT_EQ(first.look[1].CommandLine("X"), "ls");
  ASSERT_THAT(first.help, SizeIs(1));
  EXPECT_EQ(first.help[0].price, "p");
  ASSERT_THAT(first.hints, SizeIs(1));
  EXPECT_EQ(first.hints[0].state, VcpuState::kVmm);
  EXPECT_THAT(first.hints[0].min_state_share, Optional(Eq(5.0)));
  EXPECT_THAT(first.hints[0].max_mean_us, Optional(Eq(1.5)));
  EXPECT_EQ(first.hints[0].min_exits, std::nullopt);
  EXPECT_TRUE(explanations[1].is_never);
  EXPECT_THAT(explanations[1].svm, ElementsAre(ExitReason{0x78, "HLT"}));
}

TEST(ParseExplanations, UnwrapsParagraphs) {
  const auto explanations = ParseExplanations(
      "[[entry]]\nvmx = [\"HLT\"]\ntitle = \"t\"\nwhat = \"\"\"\n  One.  Two\n "
      "three.\n\n\nFour.\n\"\"\"\n");
  EXPECT_EQ(explanations[0].what, "One. Two three.\nFour.");
}

TEST(ParseExplanations, RangesOfReasonsAreThoseOfTheTable) {
  const auto explanations = ParseExplanations(
      "[[entry]]\nsvm = [\"HLT\", \"CR14_WRITE..DR0_READ\"]\ntitle = \"t\"\nwhat = \"w\"\n");
  EXPECT_THAT(explanations[0].svm,
              ElementsAre(ExitReason{0x78, "HLT"}, ExitReason{0x1E, "CR14_WRITE"},
                          ExitReason{0x1F, "CR15_WRITE"}, ExitReason{0x20, "DR0_READ"}));
}

TEST(ParseExplanations, RefusesWhatIsNotOfTheForm) {
  EXPECT_EQ(ErrorWith(""), "");
  EXPECT_THAT(ErrorOf("[[entry"), StartsWith("explanations, line 1: "));
  EXPECT_THAT(ErrorOf("entry = 5"), HasSubstr("not an array"));
  EXPECT_THAT(ErrorOf("entry = [5]"), HasSubstr("not a table"));
  EXPECT_THAT(ErrorOf("other = 5"), HasSubstr("there is no 'other'"));
  EXPECT_THAT(ErrorOf("[[entry]]\ntitle = \"t\"\nwhat = \"w\"\n"), HasSubstr("of no exit reason"));
  EXPECT_THAT(ErrorOf("[[entry]]\nvmx = [\"NPF\"]\n"), HasSubstr("'NPF' is no exit reason of VMX"));
  EXPECT_THAT(ErrorOf("[[entry]]\nvmx = [\"HLT..CPUID\"]\n"), HasSubstr("no exit reason"));
  EXPECT_THAT(ErrorOf("[[entry]]\nvmx = [\"HLT\"]\nwhat = \"w\"\n"),
              HasSubstr("'title' is missing"));
  EXPECT_THAT(ErrorWith("whta = \"w\"\n"), Eq("explanations, line 5: there is no 'whta'"));
  EXPECT_THAT(ErrorWith("never = 1\n"), HasSubstr("not true or false"));
  EXPECT_THAT(ErrorWith("causes = \"c\"\n"), HasSubstr("not an array"));
  EXPECT_THAT(ErrorWith("causes = [1]\n"), HasSubstr("not a string"));
  EXPECT_THAT(ErrorWith("causes = [\" \"]\n"), HasSubstr("an empty string"));
  EXPECT_THAT(ErrorWith("causes = [\"\\u001b[0m\"]\n"), HasSubstr("not plain ASCII"));
  EXPECT_THAT(ErrorWith("causes = [\"\\u00e4\"]\n"), HasSubstr("not plain ASCII"));
  EXPECT_THAT(ErrorWith("[[entry.look]]\nby = \"color\"\nshows = \"s\"\n"),
              HasSubstr("'color' is no word of detail --by"));
  EXPECT_THAT(ErrorWith("[[entry.look]]\nshows = \"s\"\n"), HasSubstr("needs 'by' or 'run'"));
  EXPECT_THAT(ErrorWith("[[entry.look]]\nby = \"rip\"\nrun = \"ls\"\nshows = \"s\"\n"),
              HasSubstr("not both"));
  EXPECT_THAT(ErrorWith("[[entry.help]]\ndo = \"d\"\n"), HasSubstr("'price' is missing"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\n"), HasSubstr("without a condition"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\nmin_exits = -1\n"),
              HasSubstr("not a number from 0"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\nmin_exits = nan\n"),
              HasSubstr("not a number from 0"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\nmin_state_share = 1\n"),
              HasSubstr("goes with"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\nmin_exits = 1\nstate = \"vmm\"\n"),
              HasSubstr("goes with"));
  EXPECT_THAT(ErrorWith("[[entry.hint]]\nsay = \"s\"\nmin_state_share = 1\nstate = \"lost\"\n"),
              HasSubstr("there is no state 'lost'"));
  EXPECT_THAT(ErrorWith("[[entry]]\nvmx = [\"HLT\"]\ntitle = \"t\"\nwhat = \"w\"\n"),
              Eq("explanations: VMX HLT has two"));
}

}  // namespace
}  // namespace kvm_exits
