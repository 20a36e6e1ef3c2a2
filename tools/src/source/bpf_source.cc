// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_source.h"

#include <algorithm>
#include <map>

#include "source/host_isa.h"
#include "source/running_vms.h"

namespace kvm_exits {
namespace {

constexpr uint32_t kNanosecondKhz = 1000000;

Durations MakeDurations(const BpfReason& reason) {
  Durations durations;
  for (size_t bin = 0; bin < kBpfBins; ++bin) {
    if (reason.durations[bin] == 0) continue;
    const bool is_last = bin + 1 == kBpfBins;
    durations.push_back({.from = bin == 0 ? 0 : uint64_t{1} << bin,
                         .below = is_last ? 0 : uint64_t{1} << (bin + 1),
                         .exits = reason.durations[bin]});
  }
  return durations;
}

Snapshot MakeSnapshot(const BpfVcpu& vcpu, Isa isa, const HostRequest& request, Instant taken) {
  const ReasonTable& table = *FindReasonTable(isa);
  Snapshot snapshot{.vm = {.isa = isa,
                           .clock_khz = kNanosecondKhz,
                           .taken = taken,
                           .period = std::nullopt,
                           .exits = 0,
                           .time = VmTime{}},
                    .reasons = {}};
  for (const BpfReason& reason : vcpu.reasons) {
    const ExitReason* const known = table.Find(reason.number);
    ReasonCount count{
        .reason = known != nullptr ? *known : ExitReason{.number = reason.number, .name = kUnnamed},
        .exits = reason.exits,
        .cycles = reason.ns,
        .longest = reason.longest_ns};
    if (request.durations) count.durations = MakeDurations(reason);
    snapshot.vm.exits += reason.exits;
    snapshot.vm.time->in_exits += reason.ns;
    snapshot.reasons.push_back(std::move(count));
  }
  snapshot.vm.time->of_state[static_cast<size_t>(VcpuState::kGuest)] = vcpu.guest_ns;
  return snapshot;
}

// Adds a vCPU's exits.  A process with several VMs has vCPUs of the same number.
void AddVcpu(uint32_t number, const Snapshot& exits, std::vector<VcpuSnapshot>& vcpus) {
  const auto found = std::ranges::lower_bound(vcpus, number, {}, &VcpuSnapshot::vcpu);
  if (found != vcpus.end() && found->vcpu == number) {
    Add(exits, found->exits);
  } else {
    vcpus.insert(found, {.vcpu = number, .exits = exits});
  }
}

Snapshot Nothing(Isa isa, Instant taken) {
  return {.vm = {.isa = isa,
                 .clock_khz = kNanosecondKhz,
                 .taken = taken,
                 .period = std::nullopt,
                 .exits = 0,
                 .time = VmTime{.in_exits = 0, .of_state = {0}}},
          .reasons = {}};
}

}  // namespace

HostSnapshot MakeHostSnapshot(const BpfReading& reading, Isa isa,
                              const std::vector<VmIdentity>& vms, const HostRequest& request,
                              Instant taken) {
  HostSnapshot snapshot{.taken = taken, .isa = isa, .vms = {}, .total = Nothing(isa, taken)};
  snapshot.lost = reading.lost;
  Add(MakeSnapshot(reading.forgotten, isa, request, taken), *snapshot.total);
  std::map<pid_t, size_t> of_process;
  for (const VmIdentity& identity : vms) {
    if (request.only && identity.id != *request.only) continue;
    of_process[identity.pid] = snapshot.vms.size();
    snapshot.vms.push_back({.identity = identity, .exits = Nothing(isa, taken), .vcpus = {}});
  }
  for (const BpfVcpu& vcpu : reading.vcpus) {
    const Snapshot exits = MakeSnapshot(vcpu, isa, request, taken);
    Add(exits, *snapshot.total);
    const auto found = of_process.find(vcpu.tgid);
    if (found == of_process.end()) continue;
    VmSnapshot& vm = snapshot.vms[found->second];
    Add(exits, vm.exits);
    AddVcpu(vcpu.vcpu, exits, vm.vcpus);
  }
  for (VmSnapshot& vm : snapshot.vms) {
    vm.vcpu_count = vm.vcpus.size();
    if (!request.vcpus) vm.vcpus.clear();
  }
  return snapshot;
}

BpfSource::BpfSource(const std::string& root, Clock& clock, std::optional<pid_t> only_process)
    : root_(root),
      clock_(clock),
      exits_(root, only_process),
      // Whoever has exits has one.
      isa_(HostIsa(root).value_or(Isa::kVmx)),
      names_(root) {}

HostSnapshot BpfSource::Read(const HostRequest& request) {
  const Instant taken = clock_.Now();
  const BpfReading reading = exits_.Read();
  HostSnapshot snapshot =
      MakeHostSnapshot(reading, isa_, RunningVms(root_, names_), request, taken);
  for (VmSnapshot& vm : snapshot.vms) {
    const VcpuTimes times = names_.ReadVcpuTimes(vm.identity.pid);
    vm.cpu = times.cpu;
    // A vCPU that has had no exit yet is one, too.
    vm.vcpu_count = std::max(vm.vcpu_count, times.vcpus);
  }
  names_.ForgetOthers();
  exits_.ForgetEnded();
  return snapshot;
}

std::string BpfSource::Limits(const HostSnapshot& snapshot) const {
  std::string limits = "counts and times since this began; no ledger of states";
  const bool has_unknown = std::ranges::any_of(snapshot.vms, [](const VmSnapshot& vm) {
    return vm.identity.id.find('-') == std::string::npos;
  });
  if (has_unknown) limits += "; VMs of one process are shown as one";
  return limits;
}

}  // namespace kvm_exits
