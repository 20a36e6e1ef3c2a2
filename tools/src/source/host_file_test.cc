// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>

#include "source/host_tree_fixture.h"

namespace kvm_exits {
namespace {

class HostFileTest : public HostTreeTest {};

TEST_F(HostFileTest, ReadsNoMoreThanTheLimit) {
  Write("/file", std::string(200000, 'x') + "y");
  EXPECT_EQ(ReadHostFile(root_ + "/file", 200000), std::string(200000, 'x'));
  EXPECT_EQ(ReadHostFile(root_ + "/file", 1000000), std::string(200000, 'x') + "y");
  EXPECT_EQ(ReadHostFile(root_ + "/file", 0), "");
  Write("/empty", "");
  EXPECT_EQ(ReadHostFile(root_ + "/empty", 10), "");
}

TEST_F(HostFileTest, ReadsAtAnOffset) {
  Write("/file", "0123456789");
  HostFile file(root_ + "/file");
  EXPECT_EQ(file.ReadAt(3, 4), "3456");
  EXPECT_EQ(file.ReadAt(8, 4), "89");
  EXPECT_EQ(file.ReadAt(11, 4), "");
  EXPECT_EQ(file.ReadAt(UINT64_MAX, 4), "");
  EXPECT_EQ(file.Error(), 0);
}

// A pipe would be waited for.
TEST_F(HostFileTest, IsARegularOne) {
  ASSERT_EQ(mkfifo((root_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReadHostFile(root_ + "/pipe", 10), std::nullopt);
  EXPECT_EQ(ReadHostFile(root_, 10), std::nullopt);
  EXPECT_EQ(ReadHostFile("/dev/zero", 10), std::nullopt);
  EXPECT_EQ(ReadHostFile(root_ + "/missing", 10), std::nullopt);
  EXPECT_EQ(HostFile(root_ + "/missing").Error(), ENOENT);
}

TEST(VmName, IsThatOfDebugfs) {
  for (const char* const name : {"1-2", "167-11", "167-11.1", "18446744073709551616-0"}) {
    EXPECT_TRUE(IsVmName(name)) << name;
  }
  for (const char* const name : {"", "-", "1", "1-", "-2", "1-2.", "1-2.3.4", "1-2x", "1--2",
                                 "1-2 ", ".", "..", "halt_exits", "1-2\n"}) {
    EXPECT_FALSE(IsVmName(name)) << name;
  }
}

TEST_F(HostFileTest, CountsVms) {
  EXPECT_EQ(CountVmDirectories(root_ + "/kvm"), std::nullopt);
  MakeDirectory("/kvm");
  EXPECT_EQ(CountVmDirectories(root_ + "/kvm"), 0U);
  for (const char* const name : {"/kvm/1-2", "/kvm/1-2.1", "/kvm/vcpu0"}) MakeDirectory(name);
  Write("/kvm/exits", "7");
  EXPECT_EQ(CountVmDirectories(root_ + "/kvm"), 2U);
}

TEST(Printable, IsFitForATerminal) {
  EXPECT_EQ(PrintableLine(" a b\n"), "a b");
  EXPECT_EQ(PrintableLine("a\nb\x1b[31m\x7f\xff"), "a?b?[31m??");
  EXPECT_EQ(PrintableLine(std::string_view("KVMKVMKVM\0\0\0", 12)), "KVMKVMKVM");
  EXPECT_EQ(PrintableLine("abcd", 3), "abc");
  EXPECT_EQ(PrintableLine(" \n"), "");
}

}  // namespace
}  // namespace kvm_exits
