// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_COMMAND_LINE_H_
#define KVM_EXITS_BENCH_COMMAND_LINE_H_

#include "base/output.h"

namespace kvm_exits::bench {

enum ExitStatus : int {
  kSuccess = 0,
  kFailure = 1,
  kUsageError = 2,
  kDiffers = 3,  // compare --fail, markdown --check
};

// Runs the program: `argv` as main() has it.  Returns its exit status, and has written
// why to `err` where that is neither kSuccess nor kDiffers.
int RunCommandLine(int argc, const char* const* argv, Output& out, Output& err);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_COMMAND_LINE_H_
