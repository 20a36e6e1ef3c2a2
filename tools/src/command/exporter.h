// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_EXPORTER_H_
#define KVM_EXITS_COMMAND_EXPORTER_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits exporter`, which answers Prometheus or writes a file for its node exporter, to
// the program's commands and returns it.  As AddGuestCommand().
CLI::App& AddExporterCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_EXPORTER_H_
