// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_FILE_OUTPUT_H_
#define KVM_EXITS_BASE_FILE_OUTPUT_H_

#include <string>
#include <string_view>

#include "base/output.h"

namespace kvm_exits {

// A file that others see whole or not at all: it gets its name, in the place of
// an older one, in Commit().  A file that is replaced hands its permissions on.
// What is no regular file, such as a pipe or /dev/null, is written as it is.
class FileOutput : public Output {
 public:
  // Throws Error where `path` can not be written.
  explicit FileOutput(const std::string& path);
  // Without Commit() everything stays as it was, and where SIGINT, SIGTERM or SIGHUP
  // ends the program.
  ~FileOutput() override;

  void Write(std::string_view text) override;

  // Throws Error where the file could not be made to last.
  void Commit();

 private:
  std::string path_;
  std::string temporary_;  // empty: `path_` itself is written
  int fd_ = -1;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_FILE_OUTPUT_H_
