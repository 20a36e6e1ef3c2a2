// SPDX-License-Identifier: GPL-2.0-only
#include "command/host_meter.h"

#include <algorithm>

#include "base/error.h"
#include "command/options.h"

namespace kvm_exits {

HostMeter::HostMeter(const HostOptions& options, Environment& environment)
    : options_(options),
      source_(OpenHost({.kind = options.source, .only_process = options.vm.pid}, environment)) {
  time_ = SwitchTimeOn(options, *source_, environment);
  if (!options.vm.IsAll()) {
    std::vector<VmIdentity> vms;
    for (const VmSnapshot& vm : source_->Read({}).vms) vms.push_back(vm.identity);
    vm_ = SelectVm(vms, options.vm);
    request_.only = vm_->id;
  }
  request_.vcpus = options.vcpus.each;
  request_.durations = options.with_durations;
  last_ = Read();
  // What is wrong is told of now, not at the end.
  WantedReasonNumber(last_.isa);
  CheckVcpu();
}

// A source that begins now has seen no vCPU yet.
void HostMeter::CheckVcpu() const {
  if (!options_.vcpus.only || source_->BeginsNow()) return;
  for (const VmSnapshot& vm : last_.vms) {
    if (!vm.vcpus.empty()) return;
  }
  const std::string vm = vm_ ? "VM " + DisplayName(*vm_) + " has no" : "no VM has a";
  throw Error(vm + " vCPU " + std::to_string(*options_.vcpus.only) +
              ": 'kvm-exits stat --vcpu all' shows those that are there");
}

HostSnapshot HostMeter::Read() {
  HostSnapshot snapshot = source_->Read(request_);
  // What all VMs did together says nothing of one.
  if (vm_) {
    snapshot.total.reset();
    snapshot.total_before.reset();
  }
  if (const auto only = options_.vcpus.only) {
    for (VmSnapshot& vm : snapshot.vms) {
      std::erase_if(vm.vcpus, [&](const VcpuSnapshot& vcpu) { return vcpu.vcpu != *only; });
    }
  }
  return snapshot;
}

HostDifference HostMeter::Next() {
  HostSnapshot now = Read();
  HostDifference difference = Difference(last_, now);
  last_ = std::move(now);
  return difference;
}

HostDifference HostMeter::SinceCreation() const {
  return {.snapshot = last_, .ended = {}, .ended_exits = std::nullopt, .restarted = {}};
}

bool HostMeter::HasEnded(const HostDifference& difference) const {
  return vm_ &&
         std::ranges::find(difference.ended, vm_->id, &VmIdentity::id) != difference.ended.end();
}

std::optional<uint64_t> HostMeter::WantedReasonNumber(std::optional<Isa> isa) const {
  if (!options_.reason || !isa) return std::nullopt;
  const auto reason = ResolveReason(*FindReasonTable(*isa), *options_.reason);
  // A kernel may have reasons that came after this program.
  const auto has_occurred = [&](const VmSnapshot& vm) {
    return std::ranges::find(vm.exits.reasons, reason->number, [](const ReasonCount& count) {
             return count.reason.number;
           }) != vm.exits.reasons.end();
  };
  if (!reason || (reason->name == kUnnamed && std::ranges::none_of(last_.vms, has_occurred))) {
    ThrowNoReason(options_.reason->text, *isa);
  }
  return reason->number;
}

bool IsEmpty(const HostDifference& difference) {
  return difference.snapshot.period && difference.snapshot.period->count() <= 0;
}

void RequireTime(const HostDifference& difference) {
  if (IsEmpty(difference)) throw Error("there is one sample in that time, and nothing between two");
}

void ThrowEnded(const VmIdentity& vm) { throw Error("VM " + DisplayName(vm) + " has ended"); }

HostReport HostMeter::Report(const HostDifference& difference) const {
  HostReportOptions options = options_.view;
  options.reasons.only = WantedReasonNumber(difference.snapshot.isa);
  const SourceNote note{.name = std::string(source_->Name()),
                        .limits = source_->Limits(difference.snapshot)};
  return BuildHostReport(difference, note, options);
}

}  // namespace kvm_exits
