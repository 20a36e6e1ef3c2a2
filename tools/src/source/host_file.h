// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_FILE_H_
#define KVM_EXITS_SOURCE_HOST_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kvm_exits {

// A regular file, open to be read.  Others, such as pipes, whose opening or reading could
// wait for somebody, count as errors.
class HostFile {
 public:
  explicit HostFile(const std::string& path);
  HostFile(const HostFile&) = delete;
  HostFile& operator=(const HostFile&) = delete;
  ~HostFile();

  // 0, or the number of the error that opening or the last reading ended with.
  int Error() const { return error_; }

  // Returns what is there of `size` bytes from `offset` on.
  std::string ReadAt(uint64_t offset, size_t size);

 private:
  int fd_ = -1;
  int error_ = 0;
};

// Returns the first `limit` bytes of a file, or nothing if it can not be read.
std::optional<std::string> ReadHostFile(const std::string& path, size_t limit);

// Returns how many entries of a directory are called as KVM's debugfs calls a VM,
// "<pid>-<fd>" or, as kvm_exits has it, "<pid>-<fd>.<n>"; nothing if it can not be read.
std::optional<uint64_t> CountVmDirectories(const std::string& path);

// Whether `name` is such a name.
bool IsVmName(std::string_view name);

// Returns `text` without blanks at its ends, with a question mark for all that is not
// printable ASCII, and what is beyond `limit` left out: fit for a terminal.
std::string PrintableLine(std::string_view text, size_t limit = 200);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_FILE_H_
