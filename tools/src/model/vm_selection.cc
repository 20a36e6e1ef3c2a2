// SPDX-License-Identifier: GPL-2.0-only
#include "model/vm_selection.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/printable.h"

namespace kvm_exits {
namespace {

std::string Describe(const WantedVm& wanted) {
  if (!wanted.any.empty()) return "'" + Printable(wanted.any) + "'";
  if (wanted.pid) return "of process " + std::to_string(*wanted.pid);
  return "named '" + Printable(wanted.name) + "'";
}

// In the order of what can be meant: an id is one VM's, a process can have several, and
// names can be anything, numbers too.
std::vector<VmIdentity> Matches(const std::vector<VmIdentity>& vms, const WantedVm& wanted) {
  std::vector<VmIdentity> matches;
  const auto collect = [&](auto is_meant) {
    std::ranges::copy_if(vms, std::back_inserter(matches), is_meant);
    return !matches.empty();
  };
  if (wanted.pid) {
    collect([&](const VmIdentity& vm) { return vm.pid == *wanted.pid; });
  } else if (!wanted.name.empty()) {
    collect([&](const VmIdentity& vm) { return vm.name == wanted.name; });
  } else {
    collect([&](const VmIdentity& vm) { return vm.id == wanted.any; }) ||
        collect([&](const VmIdentity& vm) { return vm.name == wanted.any; }) ||
        collect([&](const VmIdentity& vm) { return std::to_string(vm.pid) == wanted.any; });
  }
  return matches;
}

}  // namespace

VmIdentity SelectVm(const std::vector<VmIdentity>& vms, const WantedVm& wanted,
                    const std::string& advice) {
  const std::vector<VmIdentity> matches = Matches(vms, wanted);
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    throw Error("there is no VM " + Describe(wanted) + ": " + advice);
  }
  constexpr size_t kMaxNamed = 5;
  std::string ids;
  for (size_t i = 0; i < matches.size() && i < kMaxNamed; ++i) {
    ids += (i > 0 ? ", " : "") + matches[i].id;
  }
  if (matches.size() > kMaxNamed) ids += ", ...";
  throw Error("there are " + std::to_string(matches.size()) + " VMs " + Describe(wanted) +
              ": say which of " + ids);
}

}  // namespace kvm_exits
