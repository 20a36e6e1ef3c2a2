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

TEST(ParseTime, ReadsWhatIsWritten) {
  const auto time = FakeClock().now.wall;
  EXPECT_EQ(ParseTime(FormatTime(time)), time);
  EXPECT_EQ(ParseTime("2026-11-23T14:02:37Z"), time - milliseconds(125));
  EXPECT_EQ(ParseTime("2026-11-23 14:02:37.1Z"), time - milliseconds(25));
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00.000000001Z"),
            std::chrono::system_clock::time_point(std::chrono::nanoseconds(1)));
  EXPECT_TRUE(ParseTime("2024-02-29T23:59:59Z"));
}

TEST(ParseTime, WhatIsNoTimeIsNothing) {
  for (const char* const text :
       {"", "Z", "2026-11-23", "2026-11-23T14:02:37", "2026-11-23T14:02:37+01:00",
        "2026-11-23T14:02:37.Z", "2026-11-23T14:02:37.1234567890Z", "2026-11-23T14:02:37.12aZ",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-00T00:00:00Z",
        "2026-11-23T24:00:00Z", "2026-11-23T23:60:00Z", "2026-11-23T23:59:60Z",
        "2026/11/23T14:02:37Z", "2262-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
        "-026-11-23T14:02:37Z", "2026-11-23T14:02:37ZZ"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

}  // namespace
}  // namespace kvm_exits
