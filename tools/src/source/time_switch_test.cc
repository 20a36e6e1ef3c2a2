// SPDX-License-Identifier: GPL-2.0-only
#include "source/time_switch.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/read_file.h"
#include "base/stop_signals.h"
#include "base/stop_signals_fixture.h"
#include "source/module_tree.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::KilledBySignal;

// Another program, which has the ledger on until it is told to end.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& root) {
    if (pipe(started_.data()) != 0 || pipe(end_.data()) != 0) throw Error("no pipe");
    pid_ = fork();
    if (pid_ != 0) {
      close(started_[1]);
      close(end_[0]);
      char byte = 0;
      EXPECT_EQ(read(started_[0], &byte, 1), 1);
      return;
    }
    close(end_[1]);
    {
      const TimeSwitch time(root);
      char byte = 0;
      if (write(started_[1], "x", 1) != 1 || read(end_[0], &byte, 1) != 0) _exit(1);
    }
    _exit(0);
  }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  ~OtherProgram() {
    if (pid_ > 0) End();
    close(started_[0]);
  }

  // Returns its wait status.
  int End() {
    close(end_[1]);
    return Wait();
  }
  int Kill(int signal) {
    kill(pid_, signal);
    return Wait();
  }

 private:
  int Wait() {
    int status = -1;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

  std::array<int, 2> started_ = {};
  std::array<int, 2> end_ = {};
  pid_t pid_ = 0;
};

class TimeSwitchTest : public StopSignalsTest {
 protected:
  // Of the ledger and of the histograms: "YN".
  std::string Switches() const {
    std::string switches;
    for (const char* const name : {"time", "histogram"}) {
      switches += ReadFile(tree_.Root() + ModuleTree::Parameter(name)).text.substr(0, 1);
    }
    return switches;
  }
  std::string ErrorOfSwitching() const {
    try {
      const TimeSwitch time(tree_.Root());
      return "none";
    } catch (const Error& e) {
      return e.what();
    }
  }

  const ModuleTree tree_;
};

TEST_F(TimeSwitchTest, IsOnAsLongAsItLives) {
  for (int i = 0; i < 2; ++i) {
    {
      const TimeSwitch time(tree_.Root());
      EXPECT_EQ(Switches(), "YY");
    }
    EXPECT_EQ(Switches(), "NN");
  }
}

TEST_F(TimeSwitchTest, WhatWasOnStaysOn) {
  tree_.files.Write(ModuleTree::Parameter("time"), "Y\n");
  {
    const TimeSwitch time(tree_.Root());
    EXPECT_EQ(Switches(), "YY");
  }
  EXPECT_EQ(Switches(), "YN");
}

TEST_F(TimeSwitchTest, LastOfTwoSwitchesItOff) {
  OtherProgram first(tree_.Root());
  {
    const TimeSwitch second(tree_.Root());
    EXPECT_EQ(first.End(), 0);
    EXPECT_EQ(Switches(), "YY");
  }
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, FirstOfTwoSwitchesItOffWhenItIsTheLast) {
  OtherProgram first(tree_.Root());
  { const TimeSwitch second(tree_.Root()); }
  EXPECT_EQ(Switches(), "YY");
  EXPECT_EQ(first.End(), 0);
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, SignalSwitchesItOff) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          const TimeSwitch time(tree_.Root());
          if (Switches() == "YY") std::raise(signal);
        },
        KilledBySignal(signal), "");
    EXPECT_EQ(Switches(), "NN");
  }
}

TEST_F(TimeSwitchTest, SecondSignalSwitchesItOffTooAndTheFirstDoesNot) {
  EXPECT_EXIT(
      {
        CatchStopSignals();
        const TimeSwitch time(tree_.Root());
        std::raise(SIGINT);
        if (Switches() == "YY") std::raise(SIGTERM);
      },
      KilledBySignal(SIGTERM), "");
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, SignalOfOneLeavesItToTheOther) {
  OtherProgram first(tree_.Root());
  {
    const TimeSwitch second(tree_.Root());
    const int status = first.Kill(SIGTERM);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    EXPECT_EQ(Switches(), "YY");
  }
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, SignalAfterwardsSwitchesNothing) {
  { const TimeSwitch time(tree_.Root()); }
  tree_.files.Write(ModuleTree::Parameter("time"), "Y\n");
  EXPECT_EXIT(std::raise(SIGTERM), KilledBySignal(SIGTERM), "");
  EXPECT_EQ(Switches(), "YN");
}

// Nothing can be done at SIGKILL: the next program to end does it.
TEST_F(TimeSwitchTest, NextSwitchesOffWhatOneThatWasKilledLeft) {
  OtherProgram(tree_.Root()).Kill(SIGKILL);
  EXPECT_EQ(Switches(), "YY");
  {
    const TimeSwitch time(tree_.Root());
    EXPECT_EQ(Switches(), "YY");
  }
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, LeftLockSaysNothingOfWhatIsSwitchedOnLater) {
  OtherProgram(tree_.Root()).Kill(SIGKILL);
  { const TimeSwitch time(tree_.Root()); }
  tree_.files.Write(ModuleTree::Parameter("time"), "Y\n");
  { const TimeSwitch time(tree_.Root()); }
  EXPECT_EQ(Switches(), "YN");
}

TEST_F(TimeSwitchTest, GarbageInTheLockIsNoHarm) {
  tree_.files.Write("/run/kvm-exits.time", std::string(100, '\xff'));
  {
    const TimeSwitch time(tree_.Root());
    EXPECT_EQ(Switches(), "YY");
  }
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, LockIsNobodyElsesAndNoLink) {
  {
    const TimeSwitch time(tree_.Root());
    struct stat status = {};
    ASSERT_EQ(stat((tree_.Root() + "/run/kvm-exits.time").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
  tree_.files.Remove("/run/kvm-exits.time");
  std::filesystem::create_symlink(tree_.Root() + "/target", tree_.Root() + "/run/kvm-exits.time");
  EXPECT_THAT(ErrorOfSwitching(), HasSubstr("Too many levels of symbolic links"));
  EXPECT_FALSE(std::filesystem::exists(tree_.Root() + "/target"));
}

TEST_F(TimeSwitchTest, KvmThatHasNoneIsAnError) {
  tree_.files.Remove(ModuleTree::Parameter("time"));
  EXPECT_EQ(ErrorOfSwitching(),
            "cannot switch the ledger of time on: the KVM that is loaded has none, it is not "
            "patched");
}

TEST_F(TimeSwitchTest, OneThatIsRefusedLeavesTheOtherAsItWas) {
  tree_.files.Remove(ModuleTree::Parameter("histogram"));
  tree_.files.Write(ModuleTree::Parameter("histogram") + "/file", "");
  EXPECT_THAT(ErrorOfSwitching(), HasSubstr("exit_counters_histogram: Is a directory"));
  EXPECT_EQ(ReadFile(tree_.Root() + ModuleTree::Parameter("time")).text, "N\n");
}

TEST_F(TimeSwitchTest, WithoutALockNothingIsSwitched) {
  tree_.files.Remove("/run");
  EXPECT_EQ(ErrorOfSwitching(), "cannot switch the ledger of time on: " + tree_.Root() +
                                    "/run/kvm-exits.time: No such file or directory");
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, WhoMayNotIsTold) {
  // As on a host: the file can be read by all, and the directory of locks written by none.
  chmod(tree_.Root().c_str(), 0755);
  EXPECT_EXIT(
      {
        if (geteuid() == 0 ? seteuid(65534) != 0
                           : chmod((tree_.Root() + "/run").c_str(), 0555) != 0) {
          _exit(1);
        }
        fputs(ErrorOfSwitching().c_str(), stderr);
        _exit(0);
      },
      ::testing::ExitedWithCode(0), "Permission denied; run this as root$");
  chmod((tree_.Root() + "/run").c_str(), 0755);
  EXPECT_EQ(Switches(), "NN");
}

TEST_F(TimeSwitchTest, PathThatIsTooLongIsAnError) {
  EXPECT_THROW(TimeSwitch("/" + std::string(5000, 'x')), Error);
}

}  // namespace
}  // namespace kvm_exits
