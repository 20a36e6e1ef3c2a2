// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TERMINAL_H_
#define KVM_EXITS_VIEW_TERMINAL_H_

#include <chrono>
#include <optional>

#include "view/screen.h"
#include "view/top_screen.h"

namespace kvm_exits {

// The user's terminal, taken over by ncurses as long as this lives, and then as it was.
class Terminal {
 public:
  // Throws Error where there is none, or it is too small.
  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  TopSize Size() const;
  void Draw(const Screen& screen);

  // Returns the next key, a character or one of TopKey; nothing when `deadline` has come,
  // or a request to stop.  Throws Stopped where the terminal is gone.
  std::optional<int> WaitKey(std::chrono::steady_clock::time_point deadline);

 private:
  bool has_utf8_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TERMINAL_H_
