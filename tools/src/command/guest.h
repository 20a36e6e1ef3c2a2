// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_GUEST_H_
#define KVM_EXITS_COMMAND_GUEST_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits guest`, which shows a guest its own exits, to the program's
// commands and returns it.  It runs in `environment`, which must outlive `app`,
// when `app` parses a command line that names it.  It throws Error.
CLI::App& AddGuestCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_GUEST_H_
