// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_FAKES_H_
#define KVM_EXITS_BASE_FAKES_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/output.h"

// The world that the tests put the program into.
namespace kvm_exits {

// Time that passes only in WaitUntil().
class FakeClock : public Clock {
 public:
  // 2026-11-23 14:02:37.125 UTC
  Instant now = {
      .steady = std::chrono::steady_clock::time_point(std::chrono::seconds(5000)),
      .wall = std::chrono::system_clock::time_point(std::chrono::milliseconds(1795442557125))};

  // Runs at each wait with its number from 1; false is the user's interrupt.
  std::function<bool(int wait)> on_wait = [](int) { return true; };

  bool catches_stop = false;

  Instant Now() override { return now; }

  void CatchStop() override { catches_stop = true; }

  bool WaitUntil(std::chrono::steady_clock::time_point deadline) override {
    Pass(deadline - now.steady);
    return on_wait(++waits_);
  }

  void Pass(std::chrono::nanoseconds duration) {
    now.steady += duration;
    now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(duration);
  }

 private:
  int waits_ = 0;
};

class StringOutput : public Output {
 public:
  std::string text;

  void Write(std::string_view more) override { text += more; }
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_FAKES_H_
