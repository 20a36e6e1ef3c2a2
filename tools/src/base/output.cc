// SPDX-License-Identifier: GPL-2.0-only
#include "base/output.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"

namespace kvm_exits {

int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void FdOutput::Write(std::string_view text) {
  if (const int error = WriteAll(fd_, text); error != 0) {
    throw Error("cannot write the output: " + std::generic_category().message(error));
  }
}

}  // namespace kvm_exits
