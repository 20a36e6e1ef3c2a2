// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_TREE_FIXTURE_H_
#define KVM_EXITS_SOURCE_HOST_TREE_FIXTURE_H_

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): for mkdtemp()

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace kvm_exits {

// A directory in the place of a host's root, which is empty at first.
class HostTreeTest : public ::testing::Test {
 protected:
  HostTreeTest() : root_(::testing::TempDir() + "/kvm-exits-XXXXXX") {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
  }
  ~HostTreeTest() override { std::filesystem::remove_all(root_); }

  // `path` begins with a slash.
  void Write(const std::string& path, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path, std::ios::binary) << text;
  }
  void MakeDirectory(const std::string& path) const {
    std::filesystem::create_directories(root_ + path);
  }

  std::string root_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_TREE_FIXTURE_H_
