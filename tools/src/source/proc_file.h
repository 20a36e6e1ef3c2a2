// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_PROC_FILE_H_
#define KVM_EXITS_SOURCE_PROC_FILE_H_

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Reading of /proc and debugfs in few system calls.  Whatever is there can vanish at any
// moment, which is no error: it reads as nothing.
namespace kvm_exits {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int Get() const { return fd_; }
  bool IsOpen() const { return fd_ >= 0; }
  int Release();

 private:
  int fd_ = -1;
};

// Opens a file for reading.  `path` is relative to the open `directory` unless it begins
// with a slash.
FileDescriptor OpenFile(int directory, const char* path);

// Returns as much of the beginning of a file as fits into `buffer`, with one read; nothing
// where it cannot be read.
std::optional<std::string_view> ReadInto(int fd, std::span<char> buffer);

// A directory to go through, again and again if need be.
class Directory {
 public:
  // `path` as for OpenFile().
  Directory(int directory, const char* path);

  bool IsOpen() const { return directory_ != nullptr; }
  int Get() const { return dirfd(directory_.get()); }

  // Returns the next entry, valid until the one after it, or null at the end.
  const dirent* Next();
  void Rewind() { rewinddir(directory_.get()); }

 private:
  struct Close {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  std::unique_ptr<DIR, Close> directory_;
};

// Returns the number that `digits` is, from beginning to end, in decimal without a sign.
std::optional<uint64_t> ParseNumber(std::string_view digits);

// The same for a process or thread: nothing for 0 and what is larger than any.
std::optional<pid_t> ParsePid(std::string_view digits);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_PROC_FILE_H_
