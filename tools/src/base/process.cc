// SPDX-License-Identifier: GPL-2.0-only
#include "base/process.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace kvm_exits {
namespace {

// The terminal sends these to the command as well, and others do not.
constexpr std::array kFromTerminal = {SIGINT, SIGQUIT};
constexpr std::array kPassedOn = {SIGTERM, SIGHUP};

// Of open files, as it was when the program began; 0: it was not changed.
rlimit files_before = {};

volatile std::sig_atomic_t child = 0;
volatile std::sig_atomic_t early = 0;  // a signal that came before the child was known

void PassOn(int signal) {
  if (child > 0) {
    kill(child, signal);
  } else {
    early = signal;
  }
}

// Has the signals as they must be while a command runs, and gives them back.
class SignalsOfCommand {
 public:
  SignalsOfCommand() {
    for (size_t i = 0; i < kFromTerminal.size(); ++i) Set(kFromTerminal[i], SIG_IGN, before_[i]);
    for (size_t i = 0; i < kPassedOn.size(); ++i) {
      Set(kPassedOn[i], PassOn, before_[kFromTerminal.size() + i]);
    }
    // Where it is ignored nobody learns how a child ended.
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, &child_before_);
  }
  SignalsOfCommand(const SignalsOfCommand&) = delete;
  SignalsOfCommand& operator=(const SignalsOfCommand&) = delete;
  ~SignalsOfCommand() {
    for (size_t i = 0; i < kFromTerminal.size(); ++i) {
      sigaction(kFromTerminal[i], &before_[i], nullptr);
    }
    for (size_t i = 0; i < kPassedOn.size(); ++i) {
      sigaction(kPassedOn[i], &before_[kFromTerminal.size() + i], nullptr);
    }
    sigaction(SIGCHLD, &child_before_, nullptr);
  }

  // Those that the command must have as they are by default: what was ignored stays so.
  sigset_t Defaults() const {
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < kFromTerminal.size(); ++i) {
      if (before_[i].sa_handler != SIG_IGN) sigaddset(&signals, kFromTerminal[i]);
    }
    return signals;
  }

 private:
  static void Set(int signal, void (*handler)(int), struct sigaction& before) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) return;
    sigaction(signal, &action, nullptr);
  }

  std::array<struct sigaction, kFromTerminal.size() + kPassedOn.size()> before_ = {};
  struct sigaction child_before_ = {};
};

int Spawn(const std::vector<std::string>& command, const sigset_t& defaults, pid_t& pid) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int result =
      posix_spawnp(&pid, arguments[0], nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  return result;
}

}  // namespace

void RaiseFileLimit() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files_before = files;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int RunCommand(const std::vector<std::string>& command, std::string& error) {
  early = 0;
  const SignalsOfCommand signals;
  pid_t pid = 0;
  if (files_before.rlim_cur != 0) setrlimit(RLIMIT_NOFILE, &files_before);
  const int failed = Spawn(command, signals.Defaults(), pid);
  RaiseFileLimit();
  if (failed != 0) {
    error = "cannot run '" + command[0] + "': " + std::generic_category().message(failed);
    return failed == ENOENT ? kNotFound : kCannotInvoke;
  }
  child = pid;
  if (early != 0) kill(pid, early);
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(pid, &status, 0);
  } while (ended < 0 && errno == EINTR);
  child = 0;
  if (ended < 0) {
    error = "the end of '" + command[0] + "' was lost: " + std::generic_category().message(errno);
    return kCannotMeasure;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace kvm_exits
