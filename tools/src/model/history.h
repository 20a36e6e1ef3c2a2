// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_HISTORY_H_
#define KVM_EXITS_MODEL_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/host_snapshot.h"

namespace kvm_exits {

// What happened in a part of a time.
struct HistoryPoint {
  uint64_t number = 0;                           // of the part, all of which are as long
  Seconds begin{};                               // of the first interval in it, since the beginning
  Seconds end{};                                 // of the last one
  Seconds length{};                              // of its intervals together
  Seconds timed{};                               // of those whose time is told
  std::optional<Snapshot> exits = std::nullopt;  // none: there was no VM
  std::optional<CpuTimes> cpu = std::nullopt;    // none: not told
};

struct VmHistory {
  VmIdentity identity;
  size_t vcpu_count = 0;             // the most that it had
  std::vector<HistoryPoint> points;  // ascending, without those in which it was not there

  // All of it, in the time in which it was there.
  VmSnapshot Whole() const;
};

// What a host did over time, in intervals that are joined as they become many: memory is bounded
// by VMs and exit reasons, not by the time that it is of.
class History {
 public:
  // `interval`: the length of a part at first.  Beyond `max_points` of the host, or `max_vm_points`
  // of all VMs together but for one of each, two and two become one.
  History(Seconds interval, size_t max_points, size_t max_vm_points);

  // Adds an interval that begins at `begin`.  They ascend.
  void Add(Seconds begin, const HostDifference& difference);

  Seconds Length() const { return length_; }
  const std::vector<HistoryPoint>& Points() const { return points_; }
  // In the order in which they came.
  const std::vector<VmHistory>& Vms() const { return vms_; }

  // All of it as one interval, that of VMs which have ended too.
  HostDifference Whole() const;

 private:
  void JoinVmPoints();

  Seconds part_;
  Seconds vm_part_;
  size_t max_points_;
  size_t max_vm_points_;
  Seconds length_{};
  Instant taken_ = {};
  std::optional<Isa> isa_;
  uint64_t lost_ = 0;
  std::optional<Snapshot> ended_exits_;  // in no VM's points
  std::vector<VmIdentity> restarted_;
  std::vector<HistoryPoint> points_;
  std::vector<VmHistory> vms_;
  std::unordered_map<std::string, size_t> of_id_;
  size_t vm_points_ = 0;
};

// Joins neighbours, so that there are at most `max` points.
std::vector<HistoryPoint> Join(const std::vector<HistoryPoint>& points, size_t max);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_HISTORY_H_
