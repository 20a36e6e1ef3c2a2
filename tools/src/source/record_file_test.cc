// SPDX-License-Identifier: GPL-2.0-only
#include "source/record_file.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/error.h"
#include "base/temporary_tree.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class RecordFile : public ::testing::Test {
 protected:
  std::vector<std::string> Read(const std::string& path, std::string& problem) {
    RecordReader reader(path);
    std::vector<std::string> lines;
    while (const auto line = reader.Next()) lines.emplace_back(*line);
    problem = reader.Problem();
    return lines;
  }

  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void Replace(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  TemporaryTree tree_;
  const std::string path_ = tree_.Root() + "/a.jsonl.zst";
};

TEST_F(RecordFile, GivesTheLinesThatWereWritten) {
  RecordWriter writer(path_);
  writer.Write("one\n");
  writer.Write("two\n");
  writer.EndFrame();
  writer.Write("three\n");
  writer.Close();
  std::string problem;
  EXPECT_THAT(Read(path_, problem), ElementsAre("one", "two", "three"));
  EXPECT_EQ(problem, "");
  EXPECT_EQ(writer.Bytes(), std::filesystem::file_size(path_));
}

TEST_F(RecordFile, WhatWasFlushedIsThere) {
  RecordWriter writer(path_);
  writer.Write("one\n");
  writer.Flush();
  std::string problem;
  EXPECT_THAT(Read(path_, problem), ElementsAre("one"));
  EXPECT_EQ(problem, "its end is missing");
}

TEST_F(RecordFile, CutAnywhereItGivesAllWholeLines) {
  std::vector<std::string> lines;
  std::vector<uint64_t> sizes;
  {
    RecordWriter writer(path_);
    for (int i = 0; i < 30; ++i) {
      lines.push_back("line " + std::to_string(i * 7919));
      writer.Write(lines.back() + "\n");
      writer.Flush();
      if (i % 10 == 9) writer.EndFrame();
      sizes.push_back(writer.Bytes());
    }
  }
  const std::string bytes = Bytes();
  for (size_t size = 0; size <= bytes.size(); ++size) {
    Replace(bytes.substr(0, size));
    const auto flushed = std::ranges::upper_bound(sizes, size) - sizes.begin();
    std::string problem;
    const std::vector<std::string> read = Read(path_, problem);
    // The end of a frame has no line in it.
    ASSERT_GE(read.size(), static_cast<size_t>(flushed)) << size;
    ASSERT_LE(read.size(), static_cast<size_t>(flushed) + 1) << size;
    EXPECT_THAT(read, ElementsAreArray(lines.begin(), lines.begin() + read.size()));
    const bool is_between = size == 0 || size == sizes[9] || size == sizes[19] || size == sizes[29];
    EXPECT_EQ(problem, is_between ? "" : "its end is missing") << size;
  }
}

TEST_F(RecordFile, WhatIsDamagedEndsThere) {
  {
    RecordWriter writer(path_);
    writer.Write("one\n");
    writer.EndFrame();
    writer.Write("two\n");
    writer.Close();
  }
  Replace(Bytes() + std::string(100, '\0'));
  std::string problem;
  EXPECT_THAT(Read(path_, problem), ElementsAre("one", "two"));
  EXPECT_THAT(problem, StartsWith("it is damaged ("));
}

TEST_F(RecordFile, WhatWasWrittenBeforeTheDamageIsThere) {
  {
    RecordWriter writer(path_);
    for (const char* const line : {"one\n", "two\n", "three\n"}) {
      writer.Write(line);
      writer.Flush();
    }
    writer.Close();
  }
  const std::string bytes = Bytes();
  std::string problem;
  // The checksum at the end
  Replace(bytes.substr(0, bytes.size() - 1) + static_cast<char>(bytes.back() ^ 1));
  EXPECT_THAT(Read(path_, problem), ElementsAre("one", "two", "three"));
  EXPECT_THAT(problem, StartsWith("it is damaged ("));
  // What a power cut can leave
  Replace(bytes.substr(0, bytes.size() - 9) + std::string(4096, '\0'));
  const auto lines = Read(path_, problem);
  EXPECT_THAT(lines, ::testing::Contains("two"));
  EXPECT_NE(problem, "");  // zeros are empty blocks to Zstandard
}

TEST_F(RecordFile, AskedAgainAtItsEndItSaysTheSame) {
  RecordWriter writer(path_);
  writer.Write("one\n");
  writer.Flush();
  RecordReader reader(path_);
  while (reader.Next()) {
  }
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.Problem(), "its end is missing");
}

TEST_F(RecordFile, ALineWithoutAnEndIsNone) {
  RecordWriter writer(path_);
  writer.Write("one\ntw");
  writer.Close();
  std::string problem;
  EXPECT_THAT(Read(path_, problem), ElementsAre("one"));
  EXPECT_EQ(problem, "its end is missing");
}

TEST_F(RecordFile, IsNew) {
  tree_.Write("/a.jsonl.zst", "precious");
  EXPECT_THAT([&] { RecordWriter writer(path_); },
              ThrowsMessage<Error>(EndsWith(" is there already: a record is a new file")));
  EXPECT_EQ(Bytes(), "precious");
}

TEST_F(RecordFile, ThatCannotBeMadeIsAnError) {
  EXPECT_THAT([&] { RecordWriter writer(tree_.Root() + "/none/a.zst"); },
              ThrowsMessage<Error>(HasSubstr("No such file or directory")));
  EXPECT_THAT([&] { RecordReader reader(path_); },
              ThrowsMessage<Error>(HasSubstr("No such file or directory")));
}

TEST_F(RecordFile, KnowsWhetherItWasMoved) {
  RecordWriter writer(path_);
  EXPECT_TRUE(writer.HasItsName());
  std::filesystem::rename(path_, path_ + ".1");
  EXPECT_FALSE(writer.HasItsName());
  tree_.Write("/a.jsonl.zst", "another");
  EXPECT_FALSE(writer.HasItsName());
}

TEST_F(RecordFile, IsKnownByItsBeginning) {
  EXPECT_FALSE(IsRecord(path_));
  EXPECT_FALSE(IsRecord(tree_.Root()));
  tree_.Write("/a.jsonl.zst", "(\xB5/");
  EXPECT_FALSE(IsRecord(path_));
  std::filesystem::remove(path_);
  RecordWriter writer(path_);
  writer.Write("one\n");
  writer.Close();
  EXPECT_TRUE(IsRecord(path_));
}

}  // namespace
}  // namespace kvm_exits
