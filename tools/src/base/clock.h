// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_CLOCK_H_
#define KVM_EXITS_BASE_CLOCK_H_

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace kvm_exits {

// One moment on both clocks: `steady` to measure with, `wall` to show.
struct Instant {
  std::chrono::steady_clock::time_point steady;
  std::chrono::system_clock::time_point wall;
};

// Time, and the user's wish to stop: the machine's, or a made-up one in tests.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual Instant Now() = 0;

  // From now on the user's interrupt is a request to stop, for WaitUntil(), not the
  // end.
  virtual void CatchStop() = 0;

  // Returns true when `deadline` has come, false at once when the user asks to
  // stop, or has asked since the last call.
  virtual bool WaitUntil(std::chrono::steady_clock::time_point deadline) = 0;
};

// The system's clocks, and CatchStopSignals().
class SystemClock : public Clock {
 public:
  Instant Now() override;
  void CatchStop() override;
  bool WaitUntil(std::chrono::steady_clock::time_point deadline) override;
};

// As ppoll() takes it; no less than zero.
timespec ToTimespec(std::chrono::nanoseconds duration);

// UTC in the form of RFC 3339, to the millisecond: "2026-01-31T23:59:59.999Z".
std::string FormatTime(std::chrono::system_clock::time_point time);

// The same backwards, also without the fraction, and with a space for the "T".  Nothing where it
// is none.
std::optional<std::chrono::system_clock::time_point> ParseTime(std::string_view text);

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_CLOCK_H_
