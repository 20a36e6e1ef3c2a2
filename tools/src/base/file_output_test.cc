// SPDX-License-Identifier: GPL-2.0-only
#include "base/file_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "base/stop_signals_fixture.h"

namespace kvm_exits {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class FileOutputTest : public StopSignalsTest {
 protected:
  void SetUp() override { fs::create_directory(directory_); }
  void TearDown() override { fs::remove_all(directory_); }

  static std::string TextOf(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void WriteWhole(const std::string& path, std::string_view text) {
    FileOutput file(path);
    file.Write(text);
    file.Commit();
  }
  static mode_t ModeOf(const fs::path& path) {
    struct stat status = {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  size_t Files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), {}));
  }

  const fs::path directory_ =
      fs::path(::testing::TempDir()) / ("file_output_test." + std::to_string(getpid()));
  const fs::path path_ = directory_ / "file";
};

TEST_F(FileOutputTest, IsOldUntilItIsWhole) {
  WriteWhole(path_, "old");
  {
    FileOutput file(path_);
    file.Write("new ");
    EXPECT_EQ(TextOf(path_), "old");
    file.Write("text");
    file.Commit();
  }
  EXPECT_EQ(TextOf(path_), "new text");
  EXPECT_EQ(Files(), 1U);
}

TEST_F(FileOutputTest, WithoutCommitNothingHappened) {
  { FileOutput(path_).Write("half"); }
  EXPECT_EQ(Files(), 0U);
  WriteWhole(path_, "old");
  { FileOutput(path_).Write("half"); }
  EXPECT_EQ(TextOf(path_), "old");
  EXPECT_EQ(Files(), 1U);
}

TEST_F(FileOutputTest, WhenKilledNothingHappened) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          FileOutput file(path_);
          file.Write("half");
          std::raise(signal);
        },
        ::testing::KilledBySignal(signal), "");
    EXPECT_EQ(Files(), 0U);
  }
}

TEST_F(FileOutputTest, NameMeanwhileIsHiddenAndHasNoSuffix) {
  const FileOutput file(directory_ / "x.prom");
  ASSERT_EQ(Files(), 1U);
  const fs::path temporary = fs::directory_iterator(directory_)->path().filename();
  EXPECT_TRUE(temporary.string().starts_with(".")) << temporary;
  EXPECT_NE(temporary.extension(), ".prom");
}

TEST_F(FileOutputTest, PermissionsAreThoseOfAnyNewFileOrOfTheOldOne) {
  const mode_t before = umask(027);
  WriteWhole(path_, "1");
  EXPECT_EQ(ModeOf(path_), 0640U);
  chmod(path_.c_str(), 0604);
  WriteWhole(path_, "2");
  EXPECT_EQ(ModeOf(path_), 0604U);
  umask(before);
}

TEST_F(FileOutputTest, ASymbolicLinkStays) {
  fs::create_directory(directory_ / "elsewhere");
  WriteWhole(directory_ / "elsewhere" / "target", "old");
  fs::create_symlink("elsewhere/target", path_);
  WriteWhole(path_, "new");
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(TextOf(directory_ / "elsewhere" / "target"), "new");
}

TEST_F(FileOutputTest, ASymbolicLinkToNothingYetStays) {
  fs::create_directory(directory_ / "elsewhere");
  fs::create_symlink("elsewhere/next", path_);
  fs::create_symlink("target", directory_ / "elsewhere" / "next");
  WriteWhole(path_, "new");
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_TRUE(fs::is_symlink(directory_ / "elsewhere" / "next"));
  EXPECT_EQ(TextOf(directory_ / "elsewhere" / "target"), "new");
  fs::create_symlink("loop", directory_ / "loop");
  EXPECT_THAT([&] { FileOutput file(directory_ / "loop"); },
              ThrowsMessage<Error>(HasSubstr(": Too many levels of symbolic links")));
}

TEST_F(FileOutputTest, ANameWithoutDirectoryIsInTheCurrentOne) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  WriteWhole("file", "text");
  fs::current_path(before);
  EXPECT_EQ(TextOf(path_), "text");
}

TEST_F(FileOutputTest, APipeIsWrittenAsItIs) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  WriteWhole(path_, "text");
  std::string text(10, '\0');
  EXPECT_EQ(read(reader, text.data(), text.size()), 4);
  close(reader);
  EXPECT_TRUE(fs::is_fifo(path_));
}

TEST_F(FileOutputTest, ErrorsNameTheFile) {
  const std::string absent = directory_ / "absent" / "file";
  EXPECT_THAT([&] { FileOutput file(absent); },
              ThrowsMessage<Error>("cannot write " + absent + ": No such file or directory"));
  EXPECT_THAT([&] { FileOutput file(directory_); },
              ThrowsMessage<Error>(HasSubstr(": Is a directory")));
  EXPECT_THAT([] { FileOutput("/dev/full").Write("x"); },
              ThrowsMessage<Error>("cannot write /dev/full: No space left on device"));
}

}  // namespace
}  // namespace kvm_exits
