// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace kvm_exits {
namespace {

constexpr size_t kChunk = 65536;
constexpr uint64_t kMaxEntries = 1000000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front of `text`; says whether there were any.
bool TakeDigits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, IsDigit);
  const auto digits = static_cast<size_t>(end - text.begin());
  text.remove_prefix(digits);
  return digits > 0;
}

bool TakeCharacter(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

HostFile::HostFile(const std::string& path)
    : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
  struct stat status = {};
  if (fd_ < 0 || fstat(fd_, &status) != 0) {
    error_ = errno;
  } else if (!S_ISREG(status.st_mode)) {
    error_ = EINVAL;
  }
}

HostFile::~HostFile() {
  if (fd_ >= 0) close(fd_);
}

std::string HostFile::ReadAt(uint64_t offset, size_t size) {
  std::string text;
  if (error_ != 0) return text;
  if (offset > INT64_MAX - size) return text;
  while (text.size() < size) {
    const size_t before = text.size();
    text.resize(before + std::min(kChunk, size - before));
    const ssize_t got =
        pread(fd_, text.data() + before, text.size() - before, static_cast<off_t>(offset + before));
    text.resize(before + static_cast<size_t>(std::max(got, ssize_t{0})));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) {
      error_ = errno;
      break;
    }
  }
  return text;
}

std::optional<std::string> ReadHostFile(const std::string& path, size_t limit) {
  HostFile file(path);
  std::string text = file.ReadAt(0, limit);
  if (file.Error() != 0) return std::nullopt;
  return text;
}

bool IsVmName(std::string_view name) {
  if (!TakeDigits(name) || !TakeCharacter(name, '-') || !TakeDigits(name)) return false;
  return name.empty() || (TakeCharacter(name, '.') && TakeDigits(name) && name.empty());
}

std::optional<uint64_t> CountVmDirectories(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);
  if (directory == nullptr) return std::nullopt;
  uint64_t count = 0;
  for (uint64_t entries = 0; entries < kMaxEntries; ++entries) {
    const dirent* const entry = readdir(directory.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) break;
    if (IsVmName(static_cast<const char*>(entry->d_name))) ++count;
  }
  return count;
}

std::string PrintableLine(std::string_view text, size_t limit) {
  constexpr std::string_view kBlanks(" \t\r\n\0", 5);
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  std::string printable(text.substr(0, limit));
  std::ranges::replace_if(
      printable, [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

}  // namespace kvm_exits
