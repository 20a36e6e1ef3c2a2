// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>

#include <ctime>

#include "base/stop_signals.h"

namespace kvm_exits {
namespace {

timespec ToTimespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

void SystemClock::CatchStop() { CatchStopSignals(); }

Instant SystemClock::Now() {
  return {.steady = std::chrono::steady_clock::now(), .wall = std::chrono::system_clock::now()};
}

bool SystemClock::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  // A signal between the look for a request and the sleep would be slept over;
  // blocked, it waits for ppoll(), which lets it in.
  const StopSignalsBlocked blocked;
  bool reached = false;
  while (!StopRequested() && !reached) {
    const auto left = deadline - std::chrono::steady_clock::now();
    reached = left <= left.zero();
    if (!reached) {
      const timespec timeout = ToTimespec(left);
      ppoll(nullptr, 0, &timeout, &blocked.Before());
    }
  }
  return !StopRequested();
}

std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

}  // namespace kvm_exits
