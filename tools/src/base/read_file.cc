// SPDX-License-Identifier: GPL-2.0-only
#include "base/read_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

namespace kvm_exits {
namespace {

// Files of the kernel's are made anew for each buffer that is too small for them.
constexpr size_t kFirstBuffer = size_t{64} << 10U;

}  // namespace

FileText ReadFile(const std::string& path, size_t max_size) {
  // What is no regular file, such as a FIFO of somebody's, must not be waited for.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {.error = errno};
  FileText file;
  size_t size = 0;
  for (;;) {
    if (size == file.text.size()) file.text.resize(std::max(kFirstBuffer, 2 * size));
    const ssize_t got = read(fd, file.text.data() + size, file.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) file.error = errno;
    if (got <= 0) break;
    size += static_cast<size_t>(got);
    if (size > max_size) {
      file.error = EFBIG;
      break;
    }
  }
  close(fd);
  file.text.resize(file.error == 0 ? size : 0);
  return file;
}

std::vector<std::string> ListDirectory(const std::string& path, size_t max_names) {
  const auto close_directory = [](DIR* directory) { closedir(directory); };
  const std::unique_ptr<DIR, decltype(close_directory)> directory(opendir(path.c_str()),
                                                                  close_directory);
  std::vector<std::string> names;
  if (!directory) return names;
  while (const dirent* const entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == max_names) break;
    names.emplace_back(name);
  }
  return names;
}

}  // namespace kvm_exits
