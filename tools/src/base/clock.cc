// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "base/stop_signals.h"

namespace kvm_exits {

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

timespec ToTimespec(std::chrono::nanoseconds duration) {
  duration = std::max(duration, std::chrono::nanoseconds::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

std::optional<std::chrono::system_clock::time_point> ParseTime(std::string_view text) {
  // "2026-01-31T23:59:59", then perhaps ".999", then "Z"
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size() || text.back() != 'Z') return std::nullopt;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool is_so = kForm[i] == 'd' ? is_digit(text[i])
                                       : text[i] == kForm[i] || (kForm[i] == 'T' && text[i] == ' ');
    if (!is_so) return std::nullopt;
  }
  const auto number = [&](size_t at, size_t digits) {
    int value = 0;
    for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
    return value;
  };
  using std::chrono::day, std::chrono::month, std::chrono::year;
  const std::chrono::year_month_day date(year(number(0, 4)),
                                         month(static_cast<unsigned>(number(5, 2))),
                                         day(static_cast<unsigned>(number(8, 2))));
  const int hours = number(11, 2);
  const int minutes = number(14, 2);
  const int seconds = number(17, 2);
  // What fits 63 bits of nanoseconds
  const bool fits = number(0, 4) >= 1970 && number(0, 4) < 2262;
  if (!fits || !date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  std::string_view fraction = text.substr(kForm.size());
  fraction.remove_suffix(1);
  std::chrono::nanoseconds rest{};
  if (!fraction.empty()) {
    if (fraction.size() < 2 || fraction.size() > 10 || fraction.front() != '.') return std::nullopt;
    fraction.remove_prefix(1);
    if (!std::ranges::all_of(fraction, is_digit)) return std::nullopt;
    std::chrono::nanoseconds unit = std::chrono::seconds(1);
    for (const char digit : fraction) rest += (unit /= 10) * (digit - '0');
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) + rest;
}

}  // namespace kvm_exits
