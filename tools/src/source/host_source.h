// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_SOURCE_H_
#define KVM_EXITS_SOURCE_HOST_SOURCE_H_

#include <optional>
#include <string>
#include <string_view>

#include "model/host_snapshot.h"

namespace kvm_exits {

// What to read of a host; what is not asked for is not paid for.
struct HostRequest {
  bool vcpus = false;                              // each vCPU on its own as well
  bool durations = false;                          // how long exits take
  std::optional<std::string> only = std::nullopt;  // the id of one VM
};

// Where the exits of a host's VMs come from.
class HostSource {
 public:
  HostSource() = default;
  HostSource(const HostSource&) = delete;
  HostSource& operator=(const HostSource&) = delete;
  virtual ~HostSource() = default;

  // VMs ascend by the number of their process.  A VM that ends meanwhile is not in it.
  // Throws Error where nothing can be read.
  virtual HostSnapshot Read(const HostRequest& request) = 0;

  // "module" or "bpf".
  virtual std::string_view Name() const = 0;

  // Whether counts began with this object, and not with the VMs.
  virtual bool BeginsNow() const = 0;

  // What this source cannot see, in a clause; empty where there is nothing.
  virtual std::string Limits(const HostSnapshot& snapshot) const = 0;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_SOURCE_H_
