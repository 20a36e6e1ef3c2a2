// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_RELOAD_H_
#define KVM_EXITS_COMMAND_RELOAD_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits reload`, which has the script that is installed with the program exchange
// KVM's modules, to the program's commands and returns it.  It runs in `environment`, which
// must outlive `app`, when `app` parses a command line that names it.  It throws Error where
// there is no script, and sets environment.status to that of the script.
CLI::App& AddReloadCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_RELOAD_H_
