// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_SOURCE_H_
#define KVM_EXITS_SOURCE_BPF_SOURCE_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/clock.h"
#include "source/bpf_exits.h"
#include "source/host_source.h"
#include "source/vmm_names.h"

namespace kvm_exits {

// The exits that BPF programs see from now on, on a host that nobody has patched.  Times
// are in nanoseconds.
class BpfSource : public HostSource {
 public:
  // Throws Error, which says what to do, where BPF is not to be had.
  BpfSource(const std::string& root, Clock& clock, std::optional<pid_t> only_process);

  HostSnapshot Read(const HostRequest& request) override;
  std::string_view Name() const override { return "bpf"; }
  bool BeginsNow() const override { return true; }
  std::string Limits(const HostSnapshot& snapshot) const override;

 private:
  std::string root_;
  Clock& clock_;
  BpfExits exits_;
  Isa isa_;  // the processor's
  VmmNames names_;
};

// Turns a reading of a host with the extension `isa` into VMs, one for each process.  `vms` are
// those that are known to run; of other processes nothing is shown but in the total.
HostSnapshot MakeHostSnapshot(const BpfReading& reading, Isa isa,
                              const std::vector<VmIdentity>& vms, const HostRequest& request,
                              Instant taken);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_SOURCE_H_
