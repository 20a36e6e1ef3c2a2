// SPDX-License-Identifier: GPL-2.0-only
#include "command/to_output.h"

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

}  // namespace kvm_exits
