// SPDX-License-Identifier: GPL-2.0-only
#include "model/history.h"

#include <algorithm>
#include <utility>

namespace kvm_exits {
namespace {

template <typename Value>
void AddWhereTold(const std::optional<Value>& more, std::optional<Value>& value) {
  if (!value) {
    value = more;
  } else if (more) {
    kvm_exits::Add(*more, *value);
  }
}

void Add(const HistoryPoint& more, HistoryPoint& point) {
  if (point.length == Seconds{}) point.begin = more.begin;
  point.end = more.end;
  point.length += more.length;
  point.timed += more.timed;
  AddWhereTold(more.exits, point.exits);
  if (point.exits) point.exits->vm.period = point.length;
  AddWhereTold(more.cpu, point.cpu);
}

void Append(HistoryPoint more, std::vector<HistoryPoint>& points) {
  if (points.empty() || points.back().number != more.number) {
    points.push_back(std::move(more));
    return;
  }
  Add(more, points.back());
}

// Those of `factor` parts become one.
void Join(uint64_t factor, std::vector<HistoryPoint>& points) {
  std::vector<HistoryPoint> joined;
  for (HistoryPoint& point : points) {
    point.number /= factor;
    Append(std::move(point), joined);
  }
  points = std::move(joined);
}

}  // namespace

History::History(Seconds interval, size_t max_points, size_t max_vm_points)
    : part_(interval), vm_part_(interval), max_points_(max_points), max_vm_points_(max_vm_points) {}

void History::Add(Seconds begin, const HostDifference& difference) {
  const Seconds length = difference.snapshot.period.value_or(Seconds{});
  if (length <= Seconds{}) return;
  // By its middle, which is in the same part where the reader was a little early or late
  const Seconds middle = begin + length / 2;
  const auto point = [&](Seconds part, std::optional<Snapshot> exits, std::optional<CpuTimes> cpu) {
    const bool is_timed = !exits || exits->vm.time;
    return HistoryPoint{.number = static_cast<uint64_t>(middle / part),
                        .begin = begin,
                        .end = begin + length,
                        .length = length,
                        .timed = is_timed ? length : Seconds{},
                        .exits = std::move(exits),
                        .cpu = cpu};
  };
  length_ += length;
  taken_ = difference.snapshot.taken;
  if (difference.snapshot.isa) isa_ = difference.snapshot.isa;
  lost_ += difference.snapshot.lost;
  AddWhereTold(difference.ended_exits, ended_exits_);
  for (const VmIdentity& vm : difference.restarted) {
    if (std::ranges::find(restarted_, vm) == restarted_.end()) restarted_.push_back(vm);
  }
  Append(point(part_, AllExits(difference), CpuOfAll(difference.snapshot.vms)), points_);
  for (const VmSnapshot& vm : difference.snapshot.vms) {
    const auto [at, is_new] =
        of_id_.try_emplace(vm.identity.id + " " + std::to_string(vm.identity.pid), vms_.size());
    if (is_new) vms_.push_back({.identity = vm.identity, .points = {}});
    VmHistory& history = vms_[at->second];
    // A VMM may name it late.
    history.identity = vm.identity;
    history.vcpu_count = std::max(history.vcpu_count, vm.vcpu_count);
    vm_points_ -= history.points.size();
    Append(point(vm_part_, vm.exits, vm.cpu), history.points);
    vm_points_ += history.points.size();
  }
  while (points_.size() > max_points_) {
    Join(2, points_);
    part_ *= 2;
    if (vm_part_ < part_) JoinVmPoints();
  }
  while (vm_points_ > max_vm_points_ + vms_.size()) JoinVmPoints();
}

void History::JoinVmPoints() {
  vm_part_ *= 2;
  vm_points_ = 0;
  for (VmHistory& vm : vms_) {
    Join(2, vm.points);
    vm_points_ += vm.points.size();
  }
}

HostDifference History::Whole() const {
  HostDifference whole{
      .snapshot = {.taken = taken_, .period = length_, .isa = isa_, .vms = {}, .lost = lost_},
      .ended = {},
      .ended_exits = ended_exits_,
      .restarted = restarted_};
  for (const VmHistory& vm : vms_) whole.snapshot.vms.push_back(vm.Whole());
  return whole;
}

VmSnapshot VmHistory::Whole() const {
  HistoryPoint all;
  for (const HistoryPoint& point : points) Add(point, all);
  return {.identity = identity,
          .exits = *std::move(all.exits),
          .vcpu_count = vcpu_count,
          .vcpus = {},
          .cpu = all.cpu};
}

std::vector<HistoryPoint> Join(const std::vector<HistoryPoint>& points, size_t max) {
  std::vector<HistoryPoint> joined = points;
  if (points.size() <= max) return joined;
  const uint64_t parts = points.back().number - points.front().number + 1;
  for (HistoryPoint& point : joined) point.number -= points.front().number;
  Join((parts + max - 1) / max, joined);
  return joined;
}

}  // namespace kvm_exits
