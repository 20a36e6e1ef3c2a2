// SPDX-License-Identifier: GPL-2.0-only
#include "command/to_output.h"

#include <filesystem>

#include "base/error.h"
#include "base/file_output.h"

namespace kvm_exits {

void WriteTo(const std::string& file, Output& standard, const std::function<void(Output&)>& write) {
  if (file.empty() || file == "-") {
    write(standard);
    return;
  }
  FileOutput output(file);
  write(output);
  output.Commit();
}

void RequireOtherFile(const std::string& file, const std::string& read) {
  std::error_code error;
  if (!file.empty() && file != "-" && std::filesystem::equivalent(file, read, error)) {
    throw Error("-o " + file + " is the file that is read: name another one");
  }
}

}  // namespace kvm_exits
