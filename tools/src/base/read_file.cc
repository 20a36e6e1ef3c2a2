// SPDX-License-Identifier: GPL-2.0-only
#include "base/read_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

namespace kvm_exits {
namespace {

// Files of the kernel's are made anew for each buffer that is too small for them.
constexpr size_t kBuffer = size_t{64} << 10U;

FileText ReadAndClose(int fd, size_t max_size) {
  if (fd < 0) return {.error = errno};
  FileText file;
  // A string of that size would be cleared first, which takes longer than to read.
  std::array<char, kBuffer> buffer;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) file.error = errno;
    if (got <= 0) break;
    file.text.append(buffer.data(), static_cast<size_t>(got));
    if (file.text.size() > max_size) {
      file.error = EFBIG;
      break;
    }
  }
  close(fd);
  if (file.error != 0) file.text.clear();
  return file;
}

}  // namespace

FileText ReadFile(const std::string& path, size_t max_size) {
  // What is no regular file, such as a FIFO of somebody's, must not be waited for.
  return ReadAndClose(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), max_size);
}

FileText ReadNamedFile(const std::string& path, size_t max_size) {
  return ReadAndClose(open(path.c_str(), O_RDONLY | O_CLOEXEC), max_size);
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
