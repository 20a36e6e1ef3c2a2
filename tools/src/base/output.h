// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_OUTPUT_H_
#define KVM_EXITS_BASE_OUTPUT_H_

#include <string_view>

namespace kvm_exits {

// Where text goes: a file descriptor, or a string in tests.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  // Writes all of `text` now.  Throws Error where that fails.
  virtual void Write(std::string_view text) = 0;
};

// Writes all of `text` to a file descriptor.  Returns 0, or the number of an error.
int WriteAll(int fd, std::string_view text);

// A file descriptor, which stays the caller's.  A closed pipe ends the program by
// SIGPIPE, as it does others', and is an Error where that is ignored.
class FdOutput : public Output {
 public:
  explicit FdOutput(int fd) : fd_(fd) {}

  void Write(std::string_view text) override;

 private:
  int fd_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_OUTPUT_H_
