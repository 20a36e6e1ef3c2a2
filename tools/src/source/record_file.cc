// SPDX-License-Identifier: GPL-2.0-only
#include "source/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/output.h"

namespace kvm_exits {
namespace {

constexpr size_t kChunk = size_t{128} << 10U;
// Some 1,000 VMs whose vCPUs each had exits for all reasons
constexpr size_t kMaxLine = size_t{64} << 20U;
constexpr std::string_view kMagic = "\x28\xB5\x2F\xFD";

[[noreturn]] void ThrowCannot(const char* what, const std::string& path, int error) {
  throw Error(std::string("cannot ") + what + " " + path + ": " +
              std::generic_category().message(error));
}

bool IsEmptyFile(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

}  // namespace

RecordWriter::RecordWriter(const std::string& path) : path_(path) {
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0 && errno == EEXIST) {
    // As logrotate and mktemp make them
    if (!IsEmptyFile(path)) throw Error(path + " is there already: a record is a new file");
    fd_ = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  }
  if (fd_ < 0) ThrowCannot("write", path, errno);
}

RecordWriter::~RecordWriter() {
  if (fd_ >= 0) close(fd_);
}

void RecordWriter::Append(std::string_view data) {
  if (const int error = WriteAll(fd_, data); error != 0) ThrowCannot("write", path_, error);
  bytes_ += data.size();
}

void RecordWriter::Write(std::string_view line) { Append(compressor_.Add(line)); }

void RecordWriter::Flush() { Append(compressor_.Flush()); }

void RecordWriter::EndFrame() { Append(compressor_.EndFrame()); }

void RecordWriter::Close() {
  EndFrame();
  if (fsync(fd_) != 0) ThrowCannot("write", path_, errno);
  close(fd_);
  fd_ = -1;
}

bool RecordWriter::HasItsName() const {
  struct stat named = {};
  struct stat written = {};
  return stat(path_.c_str(), &named) == 0 && fstat(fd_, &written) == 0 &&
         named.st_dev == written.st_dev && named.st_ino == written.st_ino;
}

bool IsRecord(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  std::array<char, kMagic.size()> begin = {};
  const ssize_t got = pread(fd, begin.data(), begin.size(), 0);
  close(fd);
  return got == ssize_t{kMagic.size()} && std::string_view(begin.data(), begin.size()) == kMagic;
}

void RequireRecord(const std::string& path) {
  if (IsRecord(path)) return;
  if (access(path.c_str(), R_OK) != 0) ThrowCannot("read", path, errno);
  throw Error(path + " is no record of 'kvm-exits record'");
}

RecordReader::RecordReader(const std::string& path) : path_(path), data_(kChunk, '\0') {
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) ThrowCannot("read", path, errno);
}

RecordReader::~RecordReader() { close(fd_); }

bool RecordReader::Fill() {
  const size_t before = buffer_.size();
  while (buffer_.size() == before) {
    if (unread_.empty() && !at_end_) {
      const ssize_t got = read(fd_, data_.data(), data_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) ThrowCannot("read", path_, errno);
      at_end_ = got == 0;
      unread_ = std::string_view(data_).substr(0, static_cast<size_t>(got));
    }
    const bool was_at_end = at_end_ && unread_.empty();
    try {
      decompressor_.Decompress(unread_, buffer_);
    } catch (const Error& e) {
      damage_ = e.what();
      return false;
    }
    if (was_at_end && buffer_.size() == before) return false;
  }
  return true;
}

std::optional<std::string_view> RecordReader::Next() {
  while (!has_ended_) {
    const size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      const std::string_view line = std::string_view(buffer_).substr(line_, end - line_);
      line_ = searched_ = end + 1;
      return line;
    }
    buffer_.erase(0, line_);
    line_ = 0;
    searched_ = buffer_.size();
    if (buffer_.size() > kMaxLine) damage_ = "a line has no end";
    has_ended_ = !damage_.empty() || !Fill();
  }
  return std::nullopt;
}

std::string RecordReader::Problem() const {
  if (!damage_.empty()) return "it is damaged (" + damage_ + ")";
  const bool is_whole = buffer_.empty() && decompressor_.IsWhole();
  return !has_ended_ || is_whole ? "" : "its end is missing";
}

}  // namespace kvm_exits
