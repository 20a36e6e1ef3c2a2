// SPDX-License-Identifier: GPL-2.0-only
#include "base/stop_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>

namespace kvm_exits {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};
// Others that may end the program before its time.
constexpr int kOtherSignals[] = {SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2};

volatile std::sig_atomic_t stop_requested = 0;
volatile std::sig_atomic_t rotate_requested = 0;
volatile std::sig_atomic_t had_terminal = 0;
volatile std::sig_atomic_t was_ignored = 0;

// Where a handler may read it.  No file can be made whose path does not fit.
char doomed_path[PATH_MAX] = "";
volatile std::sig_atomic_t has_doomed = 0;

std::array<std::atomic<void (*)()>, 4> hooks = {};

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kStopSignals) sigaddset(&signals, signal);
  return signals;
}

void Die(int signal) {
  if (has_doomed != 0) unlink(doomed_path);
  for (const auto& each : hooks) {
    if (void (*const hook)() = each) hook();
  }
  // Ends the program when the handler returns, as if there had been none.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void CatchDefault(int signal) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler != SIG_DFL) return;
  action.sa_handler = Die;
  action.sa_mask = StopSignals();
  sigaction(signal, &action, nullptr);
}

// Where a signal would end the program, Die() does.
void CatchDefaults() {
  for (const int signal : kStopSignals) CatchDefault(signal);
  for (const int signal : kOtherSignals) CatchDefault(signal);
}

// Whether the program's session has a terminal
bool HasTerminal() {
  const int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

void RequestRotation(int /*signal*/) {
  const int error = errno;
  if (had_terminal == 0 || HasTerminal()) {
    rotate_requested = 1;
  } else if (was_ignored == 0) {
    stop_requested = 1;
  }
  errno = error;
}

void RequestStop(int signal) {
  if (stop_requested != 0 && signal != SIGHUP) {
    Die(signal);
  } else {
    stop_requested = 1;
  }
}

}  // namespace

void CatchStopSignals() {
  stop_requested = 0;
  for (const int signal : kStopSignals) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = RequestStop;
    action.sa_mask = StopSignals();
    sigaction(signal, &action, nullptr);
  }
}

void CatchRotateSignal() {
  rotate_requested = 0;
  had_terminal = HasTerminal() ? 1 : 0;
  struct sigaction action = {};
  sigaction(SIGHUP, nullptr, &action);
  was_ignored = action.sa_handler == SIG_IGN ? 1 : 0;
  action = {};
  action.sa_handler = RequestRotation;
  sigaction(SIGHUP, &action, nullptr);
}

bool TakeRotateRequest() {
  const bool is_requested = rotate_requested != 0;
  if (is_requested) rotate_requested = 0;
  return is_requested;
}

bool StopRequested() { return stop_requested != 0; }

void RemoveWhenKilled(const std::string& path) {
  has_doomed = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (path.empty() || path.size() >= sizeof(doomed_path)) return;
  path.copy(doomed_path, path.size());
  doomed_path[path.size()] = '\0';
  std::atomic_signal_fence(std::memory_order_seq_cst);
  has_doomed = 1;
  CatchDefaults();
}

void RunWhenKilled(void (*hook)()) {
  for (auto& each : hooks) {
    void (*none)() = nullptr;
    if (each.compare_exchange_strong(none, hook)) break;
  }
  CatchDefaults();
}

void ForgetWhenKilled(void (*hook)()) {
  for (auto& each : hooks) {
    void (*expected)() = hook;
    each.compare_exchange_strong(expected, nullptr);
  }
}

StopSignalsBlocked::StopSignalsBlocked() {
  const sigset_t signals = StopSignals();
  sigprocmask(SIG_BLOCK, &signals, &before_);
}

StopSignalsBlocked::~StopSignalsBlocked() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace kvm_exits
