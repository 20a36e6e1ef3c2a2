// SPDX-License-Identifier: GPL-2.0-only
#include "base/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/stop_signals_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::KilledBySignal;

class StopSignals : public StopSignalsTest, public ::testing::WithParamInterface<int> {
 protected:
  StopSignals() { std::ofstream file(path_); }
  ~StopSignals() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "/stop_signals." + std::to_string(getpid());
};

INSTANTIATE_TEST_SUITE_P(Each, StopSignals, ::testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_P(StopSignals, FirstIsARequest) {
  CatchStopSignals();
  EXPECT_FALSE(StopRequested());
  std::raise(GetParam());
  EXPECT_TRUE(StopRequested());
}

TEST_P(StopSignals, SecondIsTheEndButAHangup) {
  CatchStopSignals();
  std::raise(GetParam());
  std::raise(SIGHUP);
  EXPECT_EXIT(std::raise(SIGINT), KilledBySignal(SIGINT), "");
  EXPECT_EXIT(std::raise(SIGTERM), KilledBySignal(SIGTERM), "");
}

TEST_P(StopSignals, IgnoredStayIgnored) {
  std::signal(GetParam(), SIG_IGN);
  RemoveWhenKilled(path_);
  CatchStopSignals();
  std::raise(GetParam());
  EXPECT_FALSE(StopRequested());
  RemoveWhenKilled("");
}

TEST_P(StopSignals, EndRemovesTheFile) {
  RemoveWhenKilled(path_);
  EXPECT_EXIT(std::raise(GetParam()), KilledBySignal(GetParam()), "");
  EXPECT_FALSE(std::filesystem::exists(path_));
  RemoveWhenKilled("");
}

TEST_P(StopSignals, SecondRemovesTheFileButNotTheFirst) {
  CatchStopSignals();
  RemoveWhenKilled(path_);
  std::raise(GetParam());
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EXIT(std::raise(SIGTERM), KilledBySignal(SIGTERM), "");
  EXPECT_FALSE(std::filesystem::exists(path_));
  RemoveWhenKilled("");
}

TEST_P(StopSignals, EndLeavesWhatIsNoLongerToBeRemoved) {
  RemoveWhenKilled(path_);
  RemoveWhenKilled("");
  EXPECT_EXIT(std::raise(GetParam()), KilledBySignal(GetParam()), "");
  EXPECT_TRUE(std::filesystem::exists(path_));
}

// In the handler only what one may do.
void SayGoodbye() {
  if (write(STDERR_FILENO, "goodbye", 7) != 7) _exit(1);
}

TEST_P(StopSignals, EndRunsTheHook) {
  RunWhenKilled(SayGoodbye);
  EXPECT_EXIT(std::raise(GetParam()), KilledBySignal(GetParam()), "goodbye");
  ForgetWhenKilled(SayGoodbye);
  EXPECT_EXIT(std::raise(GetParam()), KilledBySignal(GetParam()), "^$");
}

TEST_P(StopSignals, SecondRunsTheHookWhicheverCameFirst) {
  const auto end = [](bool hook_first) {
    if (hook_first) RunWhenKilled(SayGoodbye);
    CatchStopSignals();
    if (!hook_first) RunWhenKilled(SayGoodbye);
    std::raise(GetParam());
    if (write(STDERR_FILENO, "still here, ", 12) != 12) _exit(1);
    std::raise(SIGTERM);
  };
  EXPECT_EXIT(end(true), KilledBySignal(SIGTERM), "^still here, goodbye$");
  EXPECT_EXIT(end(false), KilledBySignal(SIGTERM), "^still here, goodbye$");
}

TEST(OtherSignals, EndRunsTheHooksToo) {
  for (const int signal : {SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2}) {
    const auto end = [&] {
      std::signal(signal, SIG_DFL);
      RunWhenKilled(SayGoodbye);
      RunWhenKilled([] { _exit(7); });
      std::raise(signal);
    };
    EXPECT_EXIT(end(), ::testing::ExitedWithCode(7), "goodbye");
  }
}

TEST_P(StopSignals, HookAndFileGoTogether) {
  RunWhenKilled(SayGoodbye);
  RemoveWhenKilled(path_);
  EXPECT_EXIT(std::raise(GetParam()), KilledBySignal(GetParam()), "goodbye");
  EXPECT_FALSE(std::filesystem::exists(path_));
  RemoveWhenKilled("");
  ForgetWhenKilled(SayGoodbye);
}

TEST_P(StopSignals, BlockedOnesWait) {
  CatchStopSignals();
  {
    const StopSignalsBlocked blocked;
    std::raise(GetParam());
    EXPECT_FALSE(StopRequested());
  }
  EXPECT_TRUE(StopRequested());
}

}  // namespace
}  // namespace kvm_exits
