// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>

#include <csignal>
#include <ctime>

namespace kvm_exits {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM};

volatile std::sig_atomic_t stop_requested = 0;

void RequestStop(int /*signal*/) { stop_requested = 1; }

timespec ToTimespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

SystemClock::SystemClock() {
  stop_requested = 0;
  for (const int signal : kStopSignals) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    // A shell starts background jobs, and nohup its command, with these ignored.
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = RequestStop;
    // The second signal meets the default again, which ends a program that
    // waits for the reader of its output.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

Instant SystemClock::Now() {
  return {.steady = std::chrono::steady_clock::now(), .wall = std::chrono::system_clock::now()};
}

bool SystemClock::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  sigset_t stop_signals;
  sigset_t before;
  sigemptyset(&stop_signals);
  for (const int signal : kStopSignals) sigaddset(&stop_signals, signal);

  // A signal between the look at stop_requested and the sleep would be slept
  // over; blocked, it waits for ppoll(), which lets it in.
  sigprocmask(SIG_BLOCK, &stop_signals, &before);
  bool reached = false;
  while (stop_requested == 0 && !reached) {
    const auto left = deadline - std::chrono::steady_clock::now();
    reached = left <= left.zero();
    if (!reached) {
      const timespec timeout = ToTimespec(left);
      ppoll(nullptr, 0, &timeout, &before);
    }
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return stop_requested == 0;
}

std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

}  // namespace kvm_exits
