// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_REPORT_H_
#define KVM_EXITS_COMMAND_REPORT_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits report`, which shows what a record has over its time, to the program's commands
// and returns it.  As AddGuestCommand().
CLI::App& AddReportCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_REPORT_H_
