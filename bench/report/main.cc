// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "base/output.h"
#include "report/command_line.h"

int main(int argc, char** argv) {
  kvm_exits::FdOutput out(STDOUT_FILENO);
  kvm_exits::FdOutput err(STDERR_FILENO);
  return kvm_exits::bench::RunCommandLine(argc, argv, out, err);
}
