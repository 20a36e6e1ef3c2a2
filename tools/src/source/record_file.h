// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_RECORD_FILE_H_
#define KVM_EXITS_SOURCE_RECORD_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/zstd_stream.h"

// The file of a record: lines in frames of Zstandard.
namespace kvm_exits {

// A file that is made, and to which lines are appended.  Whatever ends the program, all that
// was written up to the last Flush() can be read.
class RecordWriter {
 public:
  // Throws Error where `path` is there already and not empty, or cannot be made.
  explicit RecordWriter(const std::string& path);
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;
  ~RecordWriter();

  // Each throws Error where it cannot be written.
  void Write(std::string_view line);
  void Flush();
  // What follows can be read without what was before.
  void EndFrame();
  // Ends the frame, and has the file last.
  void Close();

  uint64_t Bytes() const { return bytes_; }
  const std::string& Path() const { return path_; }
  // Whether the file is the one that has its name.
  bool HasItsName() const;

 private:
  void Append(std::string_view data);

  std::string path_;
  int fd_ = -1;
  uint64_t bytes_ = 0;
  ZstdCompressor compressor_;
};

// Whether `path` is a file that begins as those do.
bool IsRecord(const std::string& path);

// Throws Error, which says why, where it is not.
void RequireRecord(const std::string& path);

// Reads the lines of such a file, which may have been cut anywhere.
class RecordReader {
 public:
  // Throws Error where `path` cannot be read.
  explicit RecordReader(const std::string& path);
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  ~RecordReader();

  // Returns the next whole line; nothing where there are no more.  It is good until the next
  // call.  Throws Error where the file cannot be read.
  std::optional<std::string_view> Next();

  // Why there are no more, in a clause; empty: there may be, or the file has ended as it should.
  std::string Problem() const;

 private:
  // Reads more into the buffer.  Returns whether there was something.
  bool Fill();

  std::string path_;
  int fd_ = -1;
  std::string data_;         // from the file
  std::string_view unread_;  // what is left of that
  bool at_end_ = false;      // of the file
  std::string buffer_;       // lines
  size_t line_ = 0;          // where the next one begins in that
  size_t searched_ = 0;      // where its end may be
  ZstdDecompressor decompressor_;
  std::string damage_;
  bool has_ended_ = false;  // there are no more lines
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_RECORD_FILE_H_
