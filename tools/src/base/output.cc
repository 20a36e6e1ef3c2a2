// SPDX-License-Identifier: GPL-2.0-only
#include "base/output.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"

namespace kvm_exits {

void FdOutput::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      throw Error("cannot write the output: " + std::generic_category().message(errno));
    }
  }
}

}  // namespace kvm_exits
