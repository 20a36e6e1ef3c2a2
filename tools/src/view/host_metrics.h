// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_METRICS_H_
#define KVM_EXITS_VIEW_HOST_METRICS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "model/host_snapshot.h"
#include "view/host_report.h"

namespace kvm_exits {

// The counters of a host, in the text format of Prometheus.  It remembers what it needs for those
// of all VMs never to fall when one ends.
class HostMetrics {
 public:
  std::string Render(const HostSnapshot& snapshot, const SourceNote& source);

 private:
  using OfReasons = std::map<uint64_t, Durations>;

  // Adds up the durations of all VMs, ended ones included.
  OfReasons AllDurations(const HostSnapshot& snapshot);

  std::set<uint64_t> occurred_;  // reasons that have, on this host
  OfReasons ended_;              // of VMs that have ended
  std::map<std::string, OfReasons> last_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_METRICS_H_
