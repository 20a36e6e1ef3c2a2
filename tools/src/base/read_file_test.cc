// SPDX-License-Identifier: GPL-2.0-only
#include "base/read_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <thread>

#include "base/temporary_tree.h"

namespace kvm_exits {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(ReadFile, IsWholeWhateverItsSize) {
  const TemporaryTree tree;
  for (const size_t size : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 300000U}) {
    std::string text;
    while (text.size() < size) text += static_cast<char>(text.size() % 251);
    tree.Write("/file", text);
    const FileText file = ReadFile(tree.Root() + "/file");
    EXPECT_TRUE(file.HasText());
    EXPECT_EQ(file.text, text);
  }
}

TEST(ReadFile, OneThatTellsNoSize) {
  EXPECT_THAT(ReadFile("/proc/self/stat").text, testing::EndsWith("\n"));
}

TEST(ReadFile, OneThatIsTooLargeIsNone) {
  const TemporaryTree tree;
  tree.Write("/file", std::string(1000, 'x'));
  EXPECT_EQ(ReadFile(tree.Root() + "/file", 1000).text.size(), 1000U);
  EXPECT_EQ(ReadFile(tree.Root() + "/file", 999).error, EFBIG);
  EXPECT_THAT(ReadFile(tree.Root() + "/file", 999).text, IsEmpty());
  EXPECT_EQ(ReadFile("/dev/zero").error, EFBIG);
}

TEST(ReadFile, TellsWhyThereIsNone) {
  const TemporaryTree tree;
  EXPECT_EQ(ReadFile(tree.Root() + "/nothing").error, ENOENT);
  EXPECT_EQ(ReadFile(tree.Root()).error, EISDIR);
}

TEST(ReadFile, DoesNotWaitForOneWhoWrites) {
  const TemporaryTree tree;
  ASSERT_EQ(mkfifo((tree.Root() + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReadFile(tree.Root() + "/pipe").text, IsEmpty());
}

TEST(ReadNamedFile, WaitsForOneWhoWrites) {
  const TemporaryTree tree;
  const std::string pipe = tree.Root() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "late"; });
  EXPECT_EQ(ReadNamedFile(pipe).text, "late");
  writer.join();
  EXPECT_EQ(ReadNamedFile("/dev/zero").error, EFBIG);
}

TEST(ListDirectory, HasEveryName) {
  const TemporaryTree tree;
  tree.Write("/a", "");
  tree.Write("/b\n/c", "");
  tree.Write("/.hidden", "");
  EXPECT_THAT(ListDirectory(tree.Root()), UnorderedElementsAre("a", "b\n", ".hidden"));
  EXPECT_THAT(ListDirectory(tree.Root(), 2), SizeIs(2));
}

TEST(ListDirectory, OneThatCannotBeReadIsEmpty) {
  const TemporaryTree tree;
  tree.Write("/file", "");
  EXPECT_THAT(ListDirectory(tree.Root() + "/nothing"), IsEmpty());
  EXPECT_THAT(ListDirectory(tree.Root() + "/file"), IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
