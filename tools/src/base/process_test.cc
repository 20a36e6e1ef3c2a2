// SPDX-License-Identifier: GPL-2.0-only
#include "base/process.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <string>

#include "base/stop_signals_fixture.h"
#include "base/temporary_tree.h"

namespace kvm_exits {
namespace {

using ::testing::IsEmpty;

// Runs a command of the shell; there must be no error.
int Shell(const std::string& text) {
  std::string error;
  const int status = RunCommand({"sh", "-c", text}, error);
  EXPECT_THAT(error, IsEmpty());
  return status;
}

class Process : public StopSignalsTest {};

TEST_F(Process, StatusIsTheCommands) {
  EXPECT_EQ(Shell("exit 0"), 0);
  EXPECT_EQ(Shell("exit 77"), 77);
  EXPECT_EQ(Shell("kill -KILL $$"), 128 + SIGKILL);
}

TEST_F(Process, ArgumentsAreGivenAsTheyAre) {
  std::string error;
  EXPECT_EQ(RunCommand({"sh", "-c", "test \"$#$1$2\" = '2a  b*'", "sh", "a  b", "*"}, error), 0);
  EXPECT_EQ(RunCommand({"test", ""}, error), 1);
}

TEST_F(Process, OneThatIsNotThereIs127) {
  for (const char* const name : {"no-such-command", "/no/such/command", ""}) {
    std::string error;
    EXPECT_EQ(RunCommand({name}, error), kNotFound);
    EXPECT_EQ(error, "cannot run '" + std::string(name) + "': No such file or directory");
  }
}

TEST_F(Process, OneThatCannotBeRunIs126) {
  const TemporaryTree tree;
  tree.Write("/data",
             "\x7f"
             "ELF");
  std::string error;
  EXPECT_EQ(RunCommand({tree.Root() + "/data"}, error), kCannotInvoke);
  EXPECT_EQ(error, "cannot run '" + tree.Root() + "/data': Permission denied");
  EXPECT_EQ(RunCommand({tree.Root()}, error), kCannotInvoke);
  chmod((tree.Root() + "/data").c_str(), 0700);
  EXPECT_EQ(RunCommand({tree.Root() + "/data"}, error), kCannotInvoke);
}

TEST_F(Process, KeysOfTheTerminalAreTheCommandsAlone) {
  EXPECT_EQ(Shell("kill -INT $PPID; kill -QUIT $PPID; exit 3"), 3);
  EXPECT_EQ(Shell("ulimit -c 0; kill -QUIT $$"), 128 + SIGQUIT);
  EXPECT_EQ(Shell("kill -INT $$"), 128 + SIGINT);
}

TEST_F(Process, OtherRequestsToStopArePassedOn) {
  EXPECT_EQ(Shell("kill -TERM $PPID; exec sleep 60"), 128 + SIGTERM);
  EXPECT_EQ(Shell("sleep 60 & trap 'kill $!; exit 5' HUP; kill -HUP $PPID; wait"), 5);
}

TEST_F(Process, WhatIsIgnoredStaysSo) {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  EXPECT_EQ(Shell("kill -INT $$; kill -TERM $$; kill -TERM $PPID; exit 4"), 4);
}

TEST_F(Process, EndIsSeenWhereChildrenAreIgnored) {
  std::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(Shell("exit 3"), 3);
  EXPECT_EQ(std::signal(SIGCHLD, SIG_DFL), SIG_IGN) << "as it was";
}

TEST_F(Process, SignalsAreAsBeforeAfterwards) {
  Shell("true");
  EXPECT_EXIT(std::raise(SIGINT), ::testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(std::raise(SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
  std::string error;
  RunCommand({"no-such-command"}, error);
  EXPECT_EXIT(std::raise(SIGHUP), ::testing::KilledBySignal(SIGHUP), "");
}

}  // namespace
}  // namespace kvm_exits
