// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_RECORDED_HOST_H_
#define KVM_EXITS_COMMAND_RECORDED_HOST_H_

#include <functional>
#include <string>

#include "command/environment.h"
#include "command/host_options.h"
#include "source/replay.h"

namespace CLI {
class App;
}

// What shows a host shows a record of one as well.
namespace kvm_exits {

// [FILE] before [VM], which AddVmOptions() has added; --begin and --end.  As that.
void AddRecordOptions(CLI::App& command, HostOptions& options);

// --begin and --end alone.
void AddRangeOptions(CLI::App& command, RecordRange& range);

// Settles whether the host is a record, once the command line is known.  Throws
// CLI::ValidationError where its options do not fit that.
void SettleRecord(HostOptions& options);

// Calls `show` with the world: this one, or that of the record, whose time passes as fast as it
// can be read.  What is wrong with the record's end is said at last.  Of one VM it is the time in
// which that is there.
void InWorldOf(HostOptions& options, Environment& environment,
               const std::function<void(Environment& world)>& show);

// Says what is wrong with the end of the record `file`, if something is and that was reached.
void TellProblem(const Replay& replay, const std::string& file, Output& err);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_RECORDED_HOST_H_
