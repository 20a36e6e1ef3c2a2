// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_TOP_H_
#define KVM_EXITS_COMMAND_TOP_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits top`, the host on a whole terminal, to the program's commands and
// returns it.  As AddGuestCommand().
CLI::App& AddTopCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_TOP_H_
