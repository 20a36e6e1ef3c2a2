// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_STAT_H_
#define KVM_EXITS_COMMAND_STAT_H_

#include "command/environment.h"
#include "command/host_options.h"
#include "command/options.h"

namespace kvm_exits {

// Adds `kvm-exits stat`, what happens on a host meanwhile, to the program's commands and
// returns it.  As AddGuestCommand().
CLI::App& AddStatCommand(CLI::App& app, Environment& environment);

// Writes tables of what happens in each interval, as `stat -i` does.
void WatchHost(const HostOptions& host, const IntervalOptions& interval, Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_STAT_H_
