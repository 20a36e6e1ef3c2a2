// SPDX-License-Identifier: GPL-2.0-only
#include "model/intervals.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace kvm_exits {
namespace {

// Beyond that nobody waits for them.
constexpr size_t kMaxAbsent = 1000;

bool IsSame(const VmIdentity& a, const VmIdentity& b) { return a.id == b.id && a.pid == b.pid; }

// The ids of VMs that are meant.
std::unordered_set<std::string> Meant(const std::vector<VmSnapshot>& vms, const WantedVm& wanted) {
  std::unordered_set<std::string> ids;
  const auto add = [&](auto is_meant) {
    if (!ids.empty()) return;
    for (const VmSnapshot& vm : vms) {
      if (is_meant(vm.identity)) ids.insert(vm.identity.id);
    }
  };
  add([&](const VmIdentity& vm) { return vm.id == wanted.any; });
  add([&](const VmIdentity& vm) { return vm.name == wanted.any; });
  add([&](const VmIdentity& vm) { return std::to_string(vm.pid) == wanted.any; });
  return ids;
}

}  // namespace

Intervals::Intervals(HostSnapshot first, WantedVm wanted)
    : last_(std::move(first)),
      wanted_(std::move(wanted)),
      has_meant_(wanted_.IsAll() || !Meant(last_.vms, wanted_).empty()) {}

std::optional<HostDifference> Intervals::Next(HostSnapshot now) {
  std::unordered_set<std::string> ids;
  for (const VmSnapshot& vm : now.vms) ids.insert(vm.identity.id);
  AddAbsent(now);
  HostDifference difference = Difference(last_, now);
  for (VmSnapshot& vm : last_.vms) {
    if (!ids.contains(vm.identity.id)) absent_.push_back(std::move(vm));
  }
  while (absent_.size() > kMaxAbsent) absent_.pop_front();
  last_ = std::move(now);
  if (wanted_.IsAll()) return difference;

  const std::unordered_set<std::string> meant = Meant(last_.vms, wanted_);
  if (meant.empty()) return std::nullopt;
  has_meant_ = true;
  const auto is_other = [&](const VmIdentity& vm) { return !meant.contains(vm.id); };
  std::erase_if(difference.snapshot.vms,
                [&](const VmSnapshot& vm) { return is_other(vm.identity); });
  std::erase_if(difference.ended, is_other);
  std::erase_if(difference.restarted, is_other);
  difference.snapshot.total.reset();
  difference.ended_exits.reset();
  difference.snapshot.lost = 0;
  return difference;
}

void Intervals::AddAbsent(const HostSnapshot& now) {
  if (absent_.empty()) return;
  std::unordered_set<std::string> there;
  for (const VmSnapshot& vm : last_.vms) there.insert(vm.identity.id);
  for (const VmSnapshot& vm : now.vms) {
    if (there.contains(vm.identity.id)) continue;
    const auto absent = std::ranges::find_if(
        absent_, [&](const VmSnapshot& other) { return IsSame(other.identity, vm.identity); });
    if (absent == absent_.end()) continue;
    // Else it is another one, whose counters are its own.
    if (Difference(absent->exits, vm.exits)) {
      last_.vms.push_back(now.total ? vm : std::move(*absent));
    }
    absent_.erase(absent);
  }
}

}  // namespace kvm_exits
