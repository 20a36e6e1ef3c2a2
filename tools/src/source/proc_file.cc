// SPDX-License-Identifier: GPL-2.0-only
#include "source/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

namespace kvm_exits {
FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

int FileDescriptor::Release() { return std::exchange(fd_, -1); }

FileDescriptor OpenFile(int directory, const char* path) {
  // A pipe without a writer must not be waited for.
  return FileDescriptor(openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

std::optional<std::string_view> ReadInto(int fd, std::span<char> buffer) {
  ssize_t size = 0;
  do {
    size = pread(fd, buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return std::nullopt;
  return std::string_view(buffer.data(), static_cast<size_t>(size));
}

Directory::Directory(int directory, const char* path) {
  FileDescriptor file(
      openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.IsOpen()) return;
  directory_.reset(fdopendir(file.Get()));
  if (directory_) file.Release();
}

const dirent* Directory::Next() {
  // The stream is this object's own.
  return readdir(directory_.get());  // NOLINT(concurrency-mt-unsafe)
}

std::optional<uint64_t> ParseNumber(std::string_view digits) {
  uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<pid_t> ParsePid(std::string_view digits) {
  const std::optional<uint64_t> number = ParseNumber(digits);
  if (!number || *number == 0 || *number > uint64_t{std::numeric_limits<pid_t>::max()}) {
    return std::nullopt;
  }
  return static_cast<pid_t>(*number);
}

}  // namespace kvm_exits
