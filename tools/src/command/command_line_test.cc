// SPDX-License-Identifier: GPL-2.0-only
#include "command/command_line.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fakes.h"
#include "source/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class CommandLine : public ::testing::Test {
 protected:
  int Run(std::vector<const char*> arguments, Output& out, Output& err) {
    arguments.insert(arguments.begin(), "/usr/bin/kvm-exits");
    Environment environment{.cpuid = guest_, .clock = clock_, .out = out, .err = err};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }
  int Run(const std::vector<const char*>& arguments) { return Run(arguments, out_, err_); }

  FakeGuest guest_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
};

TEST_F(CommandLine, Help) {
  EXPECT_EQ(Run({"--help"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("Usage: kvm-exits"));
  EXPECT_THAT(out_.text, HasSubstr("guest"));
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(CommandLine, HelpFitsEightyColumns) {
  EXPECT_EQ(Run({"--help"}), kSuccess);
  for (const char* const verb :
       {"list", "top", "stat", "detail", "explain", "doctor", "reload", "guest"}) {
    EXPECT_EQ(Run({verb, "--help"}), kSuccess);
  }
  std::istringstream lines(out_.text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(CommandLine, HelpOfACommandReadsNothing) {
  EXPECT_EQ(Run({"guest", "-h"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("Usage: kvm-exits guest"));
  EXPECT_EQ(guest_.reads, 0U);
}

TEST_F(CommandLine, Version) {
  for (const std::vector<const char*>& arguments :
       {std::vector{"-V"}, std::vector{"--version"}, std::vector{"guest", "--version"}}) {
    out_.text.clear();
    EXPECT_EQ(Run(arguments), kSuccess);
    EXPECT_THAT(out_.text, MatchesRegex("kvm-exits [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  }
  EXPECT_EQ(guest_.reads, 0U);
}

TEST_F(CommandLine, NoCommandIsAUsageError) {
  EXPECT_EQ(Run({}), kUsageError);
  EXPECT_EQ(err_.text, "kvm-exits: a command is missing\nTry 'kvm-exits --help'.\n");
  EXPECT_EQ(Run({"--nonsense"}), kUsageError);
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_THAT(err_.text, HasSubstr("Try 'kvm-exits --help'."));
}

TEST_F(CommandLine, UnknownCommandIsNamed) {
  for (const std::vector<const char*>& arguments : {std::vector{"gest"}, {"gest", "--json"}}) {
    err_.text.clear();
    EXPECT_EQ(Run(arguments), kUsageError);
    EXPECT_EQ(err_.text, "kvm-exits: there is no command 'gest'\nTry 'kvm-exits --help'.\n");
  }
  EXPECT_EQ(Run({""}), kUsageError);
  for (const std::vector<const char*>& arguments :
       {std::vector{"--root", "/", "gest"}, {"--root=/", "gest"}}) {
    err_.text.clear();
    EXPECT_EQ(Run(arguments), kUsageError);
    EXPECT_EQ(err_.text, "kvm-exits: there is no command 'gest'\nTry 'kvm-exits --help'.\n");
  }
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandLine, UnknownOptionIsNamed) {
  for (const char* const word : {"--foo", "-x", "--guest"}) {
    err_.text.clear();
    EXPECT_EQ(Run({word}), kUsageError);
    EXPECT_EQ(err_.text, "kvm-exits: there is no command or option '" + std::string(word) +
                             "'\nTry 'kvm-exits --help'.\n");
  }
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandLine, WhatStandsBehindTwoDashesIsNoVerb) {
  for (const std::vector<const char*>& arguments : {std::vector{"--"}, {"--", "guest"}}) {
    err_.text.clear();
    EXPECT_EQ(Run(arguments), kUsageError);
    EXPECT_EQ(err_.text, "kvm-exits: a command is missing\nTry 'kvm-exits --help'.\n");
  }
}

TEST_F(CommandLine, VerbsThatTakeNoCommandSaySo) {
  EXPECT_EQ(Run({"list", "--", "true"}), kUsageError);
  EXPECT_EQ(err_.text, "kvm-exits: 'list' takes no command\nTry 'kvm-exits list --help'.\n");
  EXPECT_EQ(Run({"list", "--"}), kUsageError);
}

TEST_F(CommandLine, VerbsThatTakeACommandSayWhenItIsMissing) {
  for (const char* const verb : {"stat", "guest"}) {
    err_.text.clear();
    EXPECT_EQ(Run({verb, "--"}), kUsageError);
    EXPECT_EQ(err_.text, "kvm-exits: a command is missing after '--'\nTry 'kvm-exits " +
                             std::string(verb) + " --help'.\n");
  }
  EXPECT_EQ(guest_.reads, 0U);
}

TEST_F(CommandLine, OptionsBehindTwoDashesAreTheCommands) {
  EXPECT_EQ(Run({"guest", "--", "test", "--help", "=", "--help"}), kSuccess) << err_.text;
  EXPECT_THAT(err_.text, HasSubstr("VM total"));
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandLine, RootIsWhereTheHostsFilesAre) {
  EXPECT_EQ(Run({"--root", ::testing::TempDir().c_str(), "list", "--source=module"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: KVM is not loaded: modprobe kvm_intel, or kvm_amd\n");
}

TEST_F(CommandLine, RootThatIsNoDirectoryIsAnError) {
  EXPECT_EQ(Run({"--root", "/no/such/root", "list"}), kUsageError);
  EXPECT_EQ(err_.text,
            "kvm-exits: --root: '/no/such/root' is no directory\nTry 'kvm-exits list --help'.\n");
}

TEST_F(CommandLine, BpfIsNotOfACopy) {
  EXPECT_EQ(Run({"--root", ::testing::TempDir().c_str(), "list", "--source=bpf"}), kFailure);
  EXPECT_EQ(err_.text,
            "kvm-exits: BPF counts on this machine, not in the copy that --root names\n");
}

TEST_F(CommandLine, WhatAVerbLacksIsNamed) {
  EXPECT_EQ(Run({"detail"}), kUsageError);
  EXPECT_EQ(err_.text, "kvm-exits: detail: REASON is required\nTry 'kvm-exits detail --help'.\n");
}

TEST_F(CommandLine, ErrorsThatCannotBeWrittenAreStillAStatus) {
  class ClosedOutput : public Output {
   public:
    void Write(std::string_view) override { throw Error("closed"); }
  } closed;
  EXPECT_EQ(Run({"--help"}, closed, closed), kFailure);
  EXPECT_EQ(Run({"--nonsense"}, closed, closed), kUsageError);
}

}  // namespace
}  // namespace kvm_exits
