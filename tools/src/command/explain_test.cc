// SPDX-License-Identifier: GPL-2.0-only
#include "command/explain.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "model/explanation.h"
#include "source/fakes.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CommandExplain : public ::testing::Test {
 protected:
  CommandExplain() {
    std::string root = ::testing::TempDir() + "kvm_exits_explain.XXXXXX";
    root_ = mkdtemp(root.data());
  }
  ~CommandExplain() override { std::filesystem::remove_all(root_); }

  // Makes this the host's processor.
  void SetFlags(const std::string& flags) const {
    std::filesystem::create_directories(root_ + "/proc");
    std::ofstream(root_ + "/proc/cpuinfo") << "processor\t: 0\nflags\t\t: fpu " << flags << "\n";
  }

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"kvm-exits", "explain"});
    out_.text.clear();
    err_.text.clear();
    Environment environment{
        .cpuid = guest_, .clock = clock_, .out = out_, .err = err_, .root = root_};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }

  FakeGuest guest_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
  std::string root_;
};

TEST_F(CommandExplain, AReasonOfTheHost) {
  SetFlags("vmx");
  EXPECT_EQ(Run({"HLT"}), kSuccess);
  EXPECT_THAT(out_.text, StartsWith("HLT: a vCPU has nothing to do\nVMX exit reason 12\n\nWHAT\n"));
  EXPECT_THAT(out_.text, Not(HasSubstr("SVM exit")));
  EXPECT_THAT(out_.text, HasSubstr("Intel SDM"));
  EXPECT_THAT(out_.text, Not(HasSubstr("AMD APM")));
  SetFlags("svm");
  EXPECT_EQ(Run({"HLT"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nSVM exit reason 0x78\n"));
  EXPECT_THAT(out_.text, HasSubstr("AMD APM"));
  EXPECT_EQ(guest_.reads, 0U);
}

TEST_F(CommandExplain, GoesByNumbersAndByAllNames) {
  SetFlags("vmx");
  EXPECT_EQ(Run({"48"}), kSuccess);
  const std::string text = out_.text;
  EXPECT_THAT(text, StartsWith("EPT_VIOLATION: "));
  for (const char* const name : {"0x30", "EXIT_REASON_EPT_VIOLATION", "ept-violation"}) {
    EXPECT_EQ(Run({name}), kSuccess);
    EXPECT_EQ(out_.text, text) << name;
  }
  EXPECT_EQ(Run({"--isa", "svm", "0xFFFFFFFF"}), kSuccess);
  EXPECT_THAT(out_.text, StartsWith("INVALID: "));
}

TEST_F(CommandExplain, IsOfBothWhereTheHostHasNone) {
  EXPECT_EQ(Run({"CPUID"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("VMX exit reason 10\n"));
  EXPECT_THAT(out_.text, HasSubstr("\n\n\nCPUID: "));
  EXPECT_THAT(out_.text, HasSubstr("SVM exit reason 0x72\n"));
}

TEST_F(CommandExplain, IsOfTheVendorsWhereTheHostHasNone) {
  std::filesystem::create_directories(root_ + "/proc");
  std::ofstream(root_ + "/proc/cpuinfo") << "vendor_id\t: AuthenticAMD\nflags\t\t: fpu\n";
  EXPECT_EQ(Run({"CPUID"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("SVM exit reason 0x72\n"));
  EXPECT_THAT(out_.text, Not(HasSubstr("VMX exit")));
}

TEST_F(CommandExplain, IsaIsAskedFor) {
  SetFlags("vmx");
  EXPECT_EQ(Run({"--isa", "svm", "CPUID"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nSVM exit reason 0x72\n"));
  EXPECT_EQ(Run({"--isa", "SVM", "CPUID"}), kUsageError);
  EXPECT_EQ(Run({"--isa", "arm"}), kUsageError);
}

TEST_F(CommandExplain, ANameOfTheOtherIsFoundToo) {
  SetFlags("svm");
  EXPECT_EQ(Run({"EPT_MISCONFIG"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nVMX exit reason 49\n"));
  // But not where the extension was said, and no number.
  EXPECT_EQ(Run({"--isa", "svm", "EPT_MISCONFIG"}), kFailure);
  SetFlags("vmx");
  EXPECT_EQ(Run({"0x400"}), kFailure);
}

TEST_F(CommandExplain, UnknownReasonsAreNamed) {
  SetFlags("vmx");
  for (const char* const word : {"444", "NONSENSE", "unknown", "35", "99999999999", "-", "1x"}) {
    EXPECT_EQ(Run({word}), kFailure) << word;
    EXPECT_THAT(err_.text, StartsWith("kvm-exits: VMX has no exit reason '" + std::string(word) +
                                      "' ('kvm-exits explain' lists them), and for a VM: "));
    EXPECT_THAT(out_.text, IsEmpty());
  }
  std::filesystem::remove_all(root_ + "/proc");
  EXPECT_EQ(Run({"444"}), kFailure);
  EXPECT_THAT(err_.text, StartsWith("kvm-exits: VMX or SVM has no exit reason '444'"));
}

TEST_F(CommandExplain, WithoutAReasonListsThem) {
  SetFlags("vmx");
  EXPECT_EQ(Run({}), kSuccess);
  EXPECT_THAT(out_.text, StartsWith("VMX exit reasons\n"));
  EXPECT_THAT(out_.text, HasSubstr("\n    12 HLT "));
  EXPECT_THAT(out_.text, Not(HasSubstr("SVM exit reasons")));
}

TEST_F(CommandExplain, AllHasEachExplanationOnce) {
  EXPECT_EQ(Run({"--all", "--isa", "svm"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nSVM exit reasons 0x20..0x3f\n"));
  EXPECT_THAT(out_.text, Not(HasSubstr("VMX exit reason")));
  size_t entries = 0;
  std::istringstream lines(out_.text);
  for (std::string line; std::getline(lines, line);) entries += line == "WHAT" ? 1 : 0;
  EXPECT_EQ(entries, std::ranges::count_if(Explanations(),
                                           [](const Explanation& e) { return !e.svm.empty(); }));
  EXPECT_EQ(Run({"--all", "HLT"}), kUsageError);
}

TEST_F(CommandExplain, JsonIsAnObjectALine) {
  SetFlags("vmx");
  EXPECT_EQ(Run({"--json", "HLT"}), kSuccess);
  EXPECT_EQ(json::parse(out_.text)["name"], "HLT");
  for (const std::vector<const char*>& arguments : {std::vector{"--json"}, {"--json", "--all"}}) {
    EXPECT_EQ(Run(arguments), kSuccess);
    std::istringstream lines(out_.text);
    size_t reason = 0;
    for (std::string line; std::getline(lines, line); ++reason) {
      EXPECT_EQ(json::parse(line)["reason"], FindReasonTable(Isa::kVmx)->reasons[reason].number);
    }
    EXPECT_EQ(reason, FindReasonTable(Isa::kVmx)->reasons.size());
  }
}

}  // namespace
}  // namespace kvm_exits
