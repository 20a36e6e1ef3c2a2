// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "command/command_line.h"
#include "source/cpuid_source.h"

int main(int argc, char** argv) {
  kvm_exits::ProcessorCpuid cpuid;
  kvm_exits::SystemClock clock;
  kvm_exits::FdOutput out(STDOUT_FILENO);
  kvm_exits::FdOutput err(STDERR_FILENO);
  kvm_exits::Environment environment{.cpuid = cpuid, .clock = clock, .out = out, .err = err};
  return kvm_exits::RunCommandLine(argc, argv, environment);
}
