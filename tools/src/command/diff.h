// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_DIFF_H_
#define KVM_EXITS_COMMAND_DIFF_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits diff`, which compares two records, or two times of one, to the program's
// commands and returns it.  As AddGuestCommand().  It sets environment.status to 3 where
// --fail-above finds something.
CLI::App& AddDiffCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_DIFF_H_
