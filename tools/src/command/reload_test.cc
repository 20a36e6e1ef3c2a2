// SPDX-License-Identifier: GPL-2.0-only
#include "command/reload.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "source/fakes.h"
#include "source/host_tree_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class CommandReload : public HostTreeTest {
 protected:
  CommandReload() {
    Write("/reload", "#!/bin/sh\n>\"$0.ran\"\nexit 3\n");
    std::filesystem::permissions(Script(), std::filesystem::perms::owner_all);
  }

  std::string Script() const { return root_ + "/reload"; }
  bool HasRun() const { return std::filesystem::exists(Script() + ".ran"); }

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "kvm-exits");
    Environment environment{
        .cpuid = guest_, .clock = clock_, .out = out_, .err = err_, .reload = Script()};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }

  FakeGuest guest_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
};

TEST_F(CommandReload, EndsAsTheScriptDoes) {
  EXPECT_EQ(Run({"reload"}), 3);
  EXPECT_TRUE(HasRun());
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(CommandReload, SaysWhatToInstallWithoutAScript) {
  std::filesystem::remove(Script());
  EXPECT_EQ(Run({"reload"}), kFailure);
  EXPECT_THAT(err_.text, MatchesRegex("kvm-exits: cannot run '.*/reload': No such file or "
                                      "directory; install the package kvm-exits, or run "
                                      "'make install'\n"));
}

TEST_F(CommandReload, IsOfThisHostOnly) {
  EXPECT_EQ(Run({"--root", root_.c_str(), "reload"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: KVM can be reloaded on this host only: omit --root\n");
  EXPECT_FALSE(HasRun());
}

TEST_F(CommandReload, TakesNothing) {
  EXPECT_EQ(Run({"reload", "now"}), kUsageError);
  EXPECT_EQ(Run({"reload", "--help"}), kSuccess);
  EXPECT_FALSE(HasRun());
}

}  // namespace
}  // namespace kvm_exits
