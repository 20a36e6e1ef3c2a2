// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_STOP_SIGNALS_H_
#define KVM_EXITS_BASE_STOP_SIGNALS_H_

#include <csignal>
#include <exception>
#include <string>

namespace kvm_exits {

// What follows is of SIGINT, SIGTERM and SIGHUP, but for those that are ignored: a
// shell starts background jobs, and nohup its command, with some ignored.

// From now on the first of them is a request to stop.  A second one ends the program
// at once, but a second SIGHUP does not: one closed session sends several.
void CatchStopSignals();

// From now on SIGHUP is a request to go on in a new file, also where it was ignored.  Where the
// terminal is lost that the program had, it is one to stop, but where it was ignored none at all.
void CatchRotateSignal();

// Says whether there was a request for that since the last call.
bool TakeRotateRequest();

// Says whether there was a request to stop.
bool StopRequested();

// When a signal ends the program, it removes the file first.  There is one at most;
// an empty path is none.
void RemoveWhenKilled(const std::string& path);

// When a signal ends the program, one of these or SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1 or
// SIGUSR2, it calls `hook` first, which may only do what a signal's handler may, until
// ForgetWhenKilled().  There are four at most.
void RunWhenKilled(void (*hook)());
void ForgetWhenKilled(void (*hook)());

// Keeps the signals waiting as long as it lives.
class StopSignalsBlocked {
 public:
  StopSignalsBlocked();
  StopSignalsBlocked(const StopSignalsBlocked&) = delete;
  StopSignalsBlocked& operator=(const StopSignalsBlocked&) = delete;
  ~StopSignalsBlocked();

  // The signals that were blocked before.
  const sigset_t& Before() const { return before_; }

 private:
  sigset_t before_ = {};
};

// The request to stop came where nothing is left to do after it.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_STOP_SIGNALS_H_
