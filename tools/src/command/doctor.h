// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_DOCTOR_H_
#define KVM_EXITS_COMMAND_DOCTOR_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits doctor`, which says what can be shown on this machine and what stands
// in the way of the rest, to the program's commands and returns it.  It runs in
// `environment`, which must outlive `app`, when `app` parses a command line that names it.
// It throws Error, and sets environment.status where nothing can be shown.
CLI::App& AddDoctorCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_DOCTOR_H_
