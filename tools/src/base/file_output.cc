// SPDX-License-Identifier: GPL-2.0-only
#include "base/file_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/stop_signals.h"

namespace kvm_exits {
namespace {

constexpr int kMaxLinks = 40;  // as many as the kernel follows

[[noreturn]] void ThrowCannotWrite(const std::string& path, int error) {
  throw Error("cannot write " + path + ": " + std::generic_category().message(error));
}

mode_t DefaultMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Returns where the symbolic links lead that begin at `path`, also to nothing yet.
std::string TargetOf(const std::string& path) {
  std::filesystem::path target(path);
  for (int links = 0; links < kMaxLinks; ++links) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(target, error);
    if (error) return target.string();
    target = target.parent_path() / next;
  }
  ThrowCannotWrite(path, ELOOP);
}

}  // namespace

FileOutput::FileOutput(const std::string& path) : path_(path) {
  struct stat old = {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) {
    // A pipe is waited for until it has a reader.
    do {
      if (StopRequested()) throw Stopped();
      fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    } while (fd_ < 0 && errno == EINTR);
    if (fd_ < 0) ThrowCannotWrite(path, errno);
    return;
  }
  // Where a symbolic link leads, not the link, is replaced.
  path_ = TargetOf(path);

  // A name that whoever collects files by their suffix, or by "*", does not take.
  const std::filesystem::path target(path_);
  const std::string name = "." + target.filename().string() + ".XXXXXX";
  temporary_ = (target.parent_path() / name).string();
  {
    // A signal in between would end the program without knowing the file's name.
    const StopSignalsBlocked blocked;
    fd_ = mkostemp(temporary_.data(), O_CLOEXEC);
    if (fd_ < 0) ThrowCannotWrite(path, errno);
    RemoveWhenKilled(temporary_);
  }
  // The owner can be kept by root alone; without it the group's rights may be
  // another group's, so these go with it.
  mode_t mode = exists ? old.st_mode & 07777 : DefaultMode();
  if (exists && fchown(fd_, old.st_uid, old.st_gid) != 0) mode &= 07707;
  fchmod(fd_, mode);
}

FileOutput::~FileOutput() {
  if (fd_ >= 0) close(fd_);
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  RemoveWhenKilled("");
}

void FileOutput::Write(std::string_view text) {
  if (const int error = WriteAll(fd_, text); error != 0) ThrowCannotWrite(path_, error);
}

void FileOutput::Commit() {
  if (temporary_.empty()) return;
  if (fsync(fd_) != 0 || rename(temporary_.c_str(), path_.c_str()) != 0) {
    ThrowCannotWrite(path_, errno);
  }
  RemoveWhenKilled("");
  temporary_.clear();
  const std::string directory = std::filesystem::path(path_).parent_path().string();
  const int fd =
      open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // a directory that may be written but not read
  const int error = fsync(fd) != 0 ? errno : 0;
  close(fd);
  if (error != 0) ThrowCannotWrite(path_, error);
}

}  // namespace kvm_exits
