// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_READ_FILE_H_
#define KVM_EXITS_BASE_READ_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace kvm_exits {

// Text of a file, or the number of the error for which there is none.
struct FileText {
  int error = 0;
  std::string text = {};

  bool HasText() const { return error == 0; }
};

// More than any file of the kernel's that is read here.
inline constexpr size_t kMaxFile = size_t{4} << 20U;

// Reads a whole file that need not tell its size.  One of more than `max_size` bytes is
// the error EFBIG.
FileText ReadFile(const std::string& path, size_t max_size = kMaxFile);

// The same of a file that the user has named, who wants a pipe to be waited for.
FileText ReadNamedFile(const std::string& path, size_t max_size = kMaxFile);

// Names in a directory but "." and "..", in no order; none where it cannot be read.
// There are at most `max_names`.
std::vector<std::string> ListDirectory(const std::string& path, size_t max_names = 1000000);

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_READ_FILE_H_
