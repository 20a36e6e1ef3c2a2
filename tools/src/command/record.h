// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_RECORD_H_
#define KVM_EXITS_COMMAND_RECORD_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits record`, which writes what happens on a host to a file, to the program's
// commands and returns it.  As AddGuestCommand().
CLI::App& AddRecordCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_RECORD_H_
