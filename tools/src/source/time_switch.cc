// SPDX-License-Identifier: GPL-2.0-only
#include "source/time_switch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

#include "base/error.h"
#include "base/read_file.h"
#include "base/stop_signals.h"

namespace kvm_exits {
namespace {

// In this order they are switched on.
constexpr std::array<const char*, 2> kParameters = {"exit_counters_time",
                                                    "exit_counters_histogram"};

// Who is here uses the ledger.  It says in letters what was switched on, "th", by
// whomever: also by one who was killed and could not switch it off.
constexpr const char* kLockPath = "/run/kvm-exits.time";
constexpr std::array kLetters = {'t', 'h'};

// Where a signal's handler can read them.
char parameter_paths[kParameters.size()][PATH_MAX];
volatile int lock = -1;

int WriteParameter(const char* path, char value) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = write(fd, &value, 1) == 1 ? 0 : errno;
  close(fd);
  return error;
}

// Switches off what was switched on, if no other program uses it.  A handler may do all
// of this.
void SwitchOff() {
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) return;
  char switched[kLetters.size()] = {};
  if (pread(lock, switched, sizeof(switched), 0) < 0) return;
  for (size_t i = 0; i < kParameters.size(); ++i) {
    if (switched[i] == kLetters[i]) WriteParameter(parameter_paths[i], 'N');
  }
  if (ftruncate(lock, 0) != 0) return;  // they would be switched off again, no harm
}

std::string Reason(int error) {
  std::string reason = std::generic_category().message(error);
  if (error == EACCES || error == EPERM) reason += "; run this as root";
  return reason;
}

[[noreturn]] void ThrowRefused(const std::string& why) {
  throw Error("cannot switch the ledger of time on: " + why);
}

void SwitchOn(size_t parameter) {
  const char* const path = parameter_paths[parameter];
  const FileText before = ReadFile(path);
  if (before.error == ENOENT) ThrowRefused("the KVM that is loaded has none, it is not patched");
  if (before.text.starts_with('Y')) return;
  // Said first: who is killed in between leaves less behind.
  if (pwrite(lock, &kLetters[parameter], 1, static_cast<off_t>(parameter)) != 1) {
    ThrowRefused(std::string(kLockPath) + ": " + Reason(errno));
  }
  const int error = WriteParameter(path, 'Y');
  if (error == EOPNOTSUPP) ThrowRefused("this host's TSC is not stable");
  if (error != 0) ThrowRefused(std::string(path) + ": " + Reason(error));
}

// What is off need not be switched off, whatever one who was killed has left behind.
void ForgetSettled() {
  for (size_t i = 0; i < kParameters.size(); ++i) {
    const char nothing = 0;
    if (!ReadFile(parameter_paths[i]).text.starts_with('N')) continue;
    if (pwrite(lock, &nothing, 1, static_cast<off_t>(i)) != 1) return;
  }
}

}  // namespace

TimeSwitch::TimeSwitch(const std::string& root) {
  for (size_t i = 0; i < kParameters.size(); ++i) {
    const std::string path = root + "/sys/module/kvm/parameters/" + kParameters[i];
    if (path.size() >= PATH_MAX) ThrowRefused(path + ": " + Reason(ENAMETOOLONG));
    std::strcpy(parameter_paths[i], path.c_str());
  }
  const std::string path = root + kLockPath;
  lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) ThrowRefused(path + ": " + Reason(errno));
  RunWhenKilled(SwitchOff);
  try {
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) ForgetSettled();
    while (flock(lock, LOCK_SH) != 0 && errno == EINTR) {
    }
    for (size_t i = 0; i < kParameters.size(); ++i) SwitchOn(i);
  } catch (const Error&) {
    End();
    throw;
  }
}

void TimeSwitch::End() {
  const StopSignalsBlocked blocked;
  SwitchOff();
  ForgetWhenKilled(SwitchOff);
  close(lock);
  lock = -1;
}

TimeSwitch::~TimeSwitch() { End(); }

}  // namespace kvm_exits
