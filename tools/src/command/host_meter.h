// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_HOST_METER_H_
#define KVM_EXITS_COMMAND_HOST_METER_H_

#include <memory>
#include <optional>

#include "command/environment.h"
#include "command/host_options.h"
#include "source/time_switch.h"
#include "view/host_report.h"

namespace kvm_exits {

// Reads a host again and again, for what was asked for, and tells what happened between
// two readings.
class HostMeter {
 public:
  // Opens the source, switches the ledger on if it is to be, and looks for the VM.
  // Throws Error.
  HostMeter(const HostOptions& options, Environment& environment);

  // Reads, and returns what happened since the last reading.
  HostDifference Next();

  // What happened since the VMs were created, at the last reading.
  HostDifference SinceCreation() const;

  // When the last reading was.
  Instant Last() const { return last_.taken; }

  // The last reading, of what was asked for.
  const HostSnapshot& Reading() const { return last_; }

  // Turns `difference` into what was asked to see of it.
  HostReport Report(const HostDifference& difference) const;

  // The VM that was asked for; none: all.
  const std::optional<VmIdentity>& Vm() const { return vm_; }
  // Whether it has ended.
  bool HasEnded(const HostDifference& difference) const;

  const HostSource& Source() const { return *source_; }

 private:
  HostSnapshot Read();
  // The number of the only reason to show; none: all.  Throws Error where there is none
  // of that name.
  std::optional<uint64_t> WantedReasonNumber(std::optional<Isa> isa) const;
  // Throws Error where no VM has the vCPU that was asked for.
  void CheckVcpu() const;

  HostOptions options_;
  std::unique_ptr<TimeSwitch> time_;
  std::unique_ptr<HostSource> source_;
  HostRequest request_;
  std::optional<VmIdentity> vm_;
  HostSnapshot last_;
};

// Longer than anybody waits, and short enough to add to a time.
inline constexpr auto kForever = std::chrono::steady_clock::duration(std::chrono::hours(24 * 365));

// Whether both readings were of one moment, as those of a record that has come to its end.
bool IsEmpty(const HostDifference& difference);
// Throws Error where they were.
void RequireTime(const HostDifference& difference);

[[noreturn]] void ThrowEnded(const VmIdentity& vm);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_HOST_METER_H_
