// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "base/fakes.h"
#include "base/stop_signals_fixture.h"

namespace kvm_exits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using SystemClockTest = StopSignalsTest;

TEST_F(SystemClockTest, WaitsUntilTheDeadline) {
  SystemClock clock;
  const auto deadline = clock.Now().steady + milliseconds(30);
  EXPECT_TRUE(clock.WaitUntil(deadline));
  EXPECT_GE(clock.Now().steady, deadline);
  EXPECT_TRUE(clock.WaitUntil(deadline - seconds(10)));
}

TEST_F(SystemClockTest, SignalBeforeTheWaitEndsIt) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    SystemClock clock;
    clock.CatchStop();
    const auto start = clock.Now().steady;
    std::raise(signal);
    EXPECT_FALSE(clock.WaitUntil(start + seconds(60)));
    EXPECT_LT(clock.Now().steady, start + seconds(30));
  }
}

TEST_F(SystemClockTest, SignalDuringTheWaitEndsIt) {
  SystemClock clock;
  clock.CatchStop();
  const auto start = clock.Now().steady;
  const pthread_t waiter = pthread_self();
  std::thread sender([waiter] {
    std::this_thread::sleep_for(milliseconds(50));
    pthread_kill(waiter, SIGINT);
  });
  EXPECT_FALSE(clock.WaitUntil(start + seconds(60)));
  EXPECT_LT(clock.Now().steady, start + seconds(30));
  sender.join();
}

TEST(FormatTime, IsRfc3339InUtc) {
  EXPECT_EQ(FormatTime(FakeClock().now.wall), "2026-11-23T14:02:37.125Z");
  EXPECT_EQ(FormatTime({}), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace kvm_exits
