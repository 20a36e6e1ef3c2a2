// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_TEMPORARY_TREE_H_
#define KVM_EXITS_BASE_TEMPORARY_TREE_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvm_exits {

// A directory that stands for a host's root in a test, and goes with it.
class TemporaryTree {
 public:
  TemporaryTree() {
    std::string path = (std::filesystem::temp_directory_path() / "kvm-exits.XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make " + path);
    root_ = path;
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::string& Root() const { return root_; }

  // Makes a file, and the directories that lead to it; `path` begins with a slash.
  void Write(const std::string& path, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path, std::ios::binary) << text;
  }

  void Remove(const std::string& path) const { std::filesystem::remove_all(root_ + path); }

 private:
  std::string root_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_TEMPORARY_TREE_H_
