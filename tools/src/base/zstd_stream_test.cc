// SPDX-License-Identifier: GPL-2.0-only
#include "base/zstd_stream.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace kvm_exits {
namespace {

using ::testing::StartsWith;
using ::testing::Throws;

std::string ReadAll(std::string_view data, bool& is_whole) {
  ZstdDecompressor decompressor;
  std::string text;
  size_t before = 0;
  do {
    before = text.size();
    decompressor.Decompress(data, text);
  } while (!data.empty() || text.size() != before);
  is_whole = decompressor.IsWhole();
  return text;
}

std::string FrameOf(std::string_view text) {
  ZstdCompressor compressor;
  const std::string data = compressor.Add(text);
  return data + compressor.EndFrame();
}

TEST(ZstdStream, WhatWasFlushedCanBeRead) {
  ZstdCompressor compressor;
  std::string data = compressor.Add("one ");
  data += compressor.Add("two ");
  data += compressor.Flush();
  bool is_whole = true;
  EXPECT_EQ(ReadAll(data, is_whole), "one two ");
  EXPECT_FALSE(is_whole);
  data += compressor.Add("three");
  data += compressor.EndFrame();
  EXPECT_EQ(ReadAll(data, is_whole), "one two three");
  EXPECT_TRUE(is_whole);
}

TEST(ZstdStream, FramesFollowEachOther) {
  ZstdCompressor compressor;
  std::string data;
  for (const char* const text : {"one ", "two ", ""}) {
    data += compressor.Add(text);
    data += compressor.EndFrame();
  }
  bool is_whole = false;
  EXPECT_EQ(ReadAll(data, is_whole), "one two ");
  EXPECT_TRUE(is_whole);
  EXPECT_EQ(ReadAll("", is_whole), "");
  EXPECT_TRUE(is_whole);
}

TEST(ZstdStream, MoreThanTheBuffers) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919 % 100003) + " ";
  const std::string data = FrameOf(text);
  bool is_whole = false;
  EXPECT_EQ(ReadAll(data, is_whole), text);
  EXPECT_TRUE(is_whole);
}

TEST(ZstdStream, EachBeginningIsOneOfTheText) {
  ZstdCompressor compressor;
  std::string text;
  std::string data;
  for (int i = 0; i < 20; ++i) {
    const std::string more = "line " + std::to_string(i) + "\n";
    text += more;
    data += compressor.Add(more);
    data += i % 7 == 6 ? compressor.EndFrame() : compressor.Flush();
  }
  for (size_t size = 0; size <= data.size(); ++size) {
    bool is_whole = false;
    EXPECT_THAT(text, StartsWith(ReadAll(std::string_view(data).substr(0, size), is_whole)));
  }
}

TEST(ZstdStream, WhatIsDamagedIsAnError) {
  std::string data = FrameOf(std::string(1000, 'a'));
  data.back() ^= 1;  // of the checksum
  bool is_whole = true;
  EXPECT_THAT([&] { ReadAll(data, is_whole); }, Throws<Error>());
  EXPECT_THAT([&] { ReadAll("no zstd at all", is_whole); }, Throws<Error>());
}

TEST(ZstdStream, AFrameThatWantsTooMuchMemoryIsAnError) {
  // A frame of RFC 8878 with a window of 128 MiB, and an empty block, the last
  const std::string_view data("\x28\xB5\x2F\xFD\x00\x88\x01\x00\x00", 9);
  bool is_whole = true;
  EXPECT_THAT([&] { ReadAll(data, is_whole); }, Throws<Error>());
}

}  // namespace
}  // namespace kvm_exits
