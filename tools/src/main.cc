// SPDX-License-Identifier: GPL-2.0-only
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/output.h"
#include "base/process.h"
#include "command/command_line.h"
#include "source/cpuid_source.h"

namespace {

// Of the terminal that standard output is.  What goes elsewhere is not cut to one.
size_t Columns() {
  constexpr size_t kNoTerminal = 120;
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kNoTerminal;
  return std::max(size_t{80}, size_t{size.ws_col});
}

}  // namespace

int main(int argc, char** argv) {
  kvm_exits::RaiseFileLimit();
  kvm_exits::ProcessorCpuid cpuid;
  kvm_exits::SystemClock clock;
  kvm_exits::FdOutput out(STDOUT_FILENO);
  kvm_exits::FdOutput err(STDERR_FILENO);
  kvm_exits::Environment environment{
      .cpuid = cpuid, .clock = clock, .out = out, .err = err, .columns = Columns()};
  return kvm_exits::RunCommandLine(argc, argv, environment);
}
