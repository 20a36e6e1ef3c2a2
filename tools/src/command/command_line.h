// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_COMMAND_LINE_H_
#define KVM_EXITS_COMMAND_COMMAND_LINE_H_

#include "command/environment.h"

namespace kvm_exits {

enum ExitStatus : int { kSuccess = 0, kFailure = 1, kUsageError = 2 };

// Runs the program: `argv` as main() has it.  Returns its exit status, and
// has written why to `environment.err` where that is not kSuccess.
int RunCommandLine(int argc, const char* const* argv, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_COMMAND_LINE_H_
