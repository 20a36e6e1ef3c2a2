// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_EXPLAIN_H_
#define KVM_EXITS_COMMAND_EXPLAIN_H_

#include "command/environment.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Adds `kvm-exits explain`, which says what an exit reason is and what helps, to the
// program's commands and returns it.  It runs in `environment`, which must outlive
// `app`, when `app` parses a command line that names it.  It throws Error.
CLI::App& AddExplainCommand(CLI::App& app, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_EXPLAIN_H_
