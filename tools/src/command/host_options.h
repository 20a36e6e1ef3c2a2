// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_HOST_OPTIONS_H_
#define KVM_EXITS_COMMAND_HOST_OPTIONS_H_

#include <memory>
#include <optional>
#include <string>

#include "command/environment.h"
#include "model/exit_reason_names.h"
#include "model/vm_selection.h"
#include "source/open_source.h"
#include "source/replay.h"
#include "source/time_switch.h"
#include "view/host_report.h"

namespace CLI {
class App;
}

namespace kvm_exits {

// Which vCPUs to show on their own.
struct WantedVcpus {
  bool each = false;
  std::optional<uint32_t> only = std::nullopt;
};

// What the commands about a host have in common.
struct HostOptions {
  WantedVm vm;
  WantedVcpus vcpus;
  SourceKind source = SourceKind::kAuto;
  bool with_time = false;  // the ledger is to be on meanwhile
  std::optional<WantedReason> reason;
  HostReportOptions view;
  bool with_durations = true;  // quantiles cost a file a vCPU
  std::string record = {};     // to be shown in the place of this host; "": none
  RecordRange range = {};
  std::string second = {};  // the word after the one that is a VM, or a record
  bool all = false;
};

// [VM], -p, -g and -a.  `options` must live as long as `command`, here and below.
// `with_record`: VM may be a record, so what excludes it is for SettleRecord() to say.
void AddVmOptions(CLI::App& command, HostOptions& options, bool with_record = false);

// --vcpu.
void AddVcpuOption(CLI::App& command, HostOptions& options);

// --source, and --time where `with_time`.
void AddSourceOptions(CLI::App& command, HostOptions& options, bool with_time);

// Opens the source of this host, or that of the environment.  Throws Error.
std::unique_ptr<HostSource> OpenHost(const SourceOptions& options, const Environment& environment);

// Switches the ledger on, if that is wanted.  Throws Error where `source` has none.
std::unique_ptr<TimeSwitch> SwitchTimeOn(const HostOptions& options, const HostSource& source,
                                         const Environment& environment);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_HOST_OPTIONS_H_
