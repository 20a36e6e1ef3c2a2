// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <tuple>

#include "base/error.h"
#include "base/read_file.h"
#include "source/proc_file.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kDirectory = "/sys/kernel/debug/kvm_exits";

[[noreturn]] void ThrowNotThere(const std::string& root) {
  const auto exists = [&](const char* path) { return access((root + path).c_str(), F_OK) == 0; };
  if (!exists("/sys/module/kvm")) {
    throw Error("KVM is not loaded: modprobe kvm_intel, or kvm_amd");
  }
  if (!exists("/sys/module/kvm/parameters/exit_counters_cpuid")) {
    throw Error("the KVM that is loaded has no exit counters: its kernel is not patched");
  }
  if (!exists("/sys/module/kvm_exits")) {
    throw Error("the module kvm_exits is not loaded: modprobe kvm_exits");
  }
  throw Error(std::string(kDirectory) +
              " does not exist: mount -t debugfs debugfs /sys/kernel/debug");
}

[[noreturn]] void ThrowCannotRead(const std::string& root, const std::string& path, int error) {
  if (error == ENOENT) ThrowNotThere(root);
  std::string message = "cannot read " + path + ": " + std::generic_category().message(error);
  if (error == EACCES) message += "; run this as root";
  throw Error(message);
}

// The vCPUs of a VM have a directory each.
std::vector<std::pair<uint32_t, std::string>> ListVcpus(const std::string& directory) {
  constexpr std::string_view kVcpu = "vcpu";
  std::vector<std::pair<uint32_t, std::string>> vcpus;
  for (const std::string& name : ListDirectory(directory)) {
    if (!name.starts_with(kVcpu)) continue;
    const auto number = ParseNumber(std::string_view(name).substr(kVcpu.size()));
    if (number && *number <= std::numeric_limits<uint32_t>::max()) {
      vcpus.emplace_back(static_cast<uint32_t>(*number), directory + "/" + name);
    }
  }
  std::ranges::sort(vcpus);
  return vcpus;
}

void ReadDurations(const std::string& directory, Snapshot& exits) {
  const FileText file = ReadFile(directory + "/durations");
  if (!file.HasText()) return;
  const auto durations = ParseModuleDurations(file.text);
  if (!durations) return;
  for (ReasonCount& count : exits.reasons) {
    const auto found = durations->find(count.reason.number);
    if (found != durations->end()) count.durations = found->second;
  }
}

}  // namespace

ModuleSource::ModuleSource(const std::string& root, Clock& clock)
    : root_(root), directory_(root + std::string(kDirectory)), clock_(clock), names_(root) {
  const FileText file = ReadFile(directory_ + "/total");
  if (!file.HasText()) ThrowCannotRead(root_, directory_, file.error);
}

// Returns what `reasons` and the file `states` beside it say; nothing where the VM has
// ended.
std::optional<Snapshot> ModuleSource::ReadExits(const std::string& directory,
                                                ModuleReasons& reasons, Instant taken) const {
  const FileText file = ReadFile(directory + "/reasons");
  if (!file.HasText()) return std::nullopt;
  auto parsed = ParseModuleReasons(file.text);
  if (!parsed) return std::nullopt;
  reasons = std::move(*parsed);
  Snapshot snapshot{.vm = {.isa = reasons.isa,
                           .clock_khz = 0,
                           .taken = taken,
                           .period = std::nullopt,
                           .exits = SumOfExits(reasons.reasons)},
                    .reasons = std::move(reasons.reasons)};
  // Where there is no ledger, the reasons have said so.
  if (!reasons.is_timed) return snapshot;
  const FileText states_file = ReadFile(directory + "/states");
  const auto states = ParseModuleStates(states_file.text);
  if (!states) return snapshot;
  snapshot.vm.clock_khz = states->khz;
  snapshot.vm.time.emplace();
  snapshot.vm.time->of_state = states->cycles;
  snapshot.vm.time->in_exits = SumOfCycles(snapshot.reasons);
  return snapshot;
}

void ModuleSource::ReadVcpus(const std::string& directory, const HostRequest& request,
                             Instant taken, VmSnapshot& vm) const {
  const auto vcpus = ListVcpus(directory);
  vm.vcpu_count = vcpus.size();
  if (!request.vcpus && !request.durations) return;
  for (const auto& [number, path] : vcpus) {
    ModuleReasons reasons{};
    auto exits = ReadExits(path, reasons, taken);
    if (!exits) continue;
    if (request.durations) ReadDurations(path, *exits);
    vm.vcpus.push_back({.vcpu = number, .exits = std::move(*exits)});
  }
  if (!request.durations) return;
  // KVM has no histograms of whole VMs.
  for (ReasonCount& count : vm.exits.reasons) {
    for (const VcpuSnapshot& vcpu : vm.vcpus) {
      const auto found =
          std::ranges::find(vcpu.exits.reasons, count.reason.number,
                            [](const ReasonCount& each) { return each.reason.number; });
      if (found == vcpu.exits.reasons.end() || !found->durations) continue;
      if (!count.durations) count.durations.emplace();
      Add(*found->durations, *count.durations);
    }
  }
  if (!request.vcpus) vm.vcpus.clear();
}

std::optional<VmSnapshot> ModuleSource::ReadVm(const std::string& id, const HostRequest& request,
                                               Instant taken) {
  const std::string directory = directory_ + "/vms/" + id;
  ModuleReasons reasons{};
  auto exits = ReadExits(directory, reasons, taken);
  if (!exits || !reasons.process) return std::nullopt;
  VmSnapshot vm{
      .identity = names_.Identify(id, *reasons.process), .exits = std::move(*exits), .vcpus = {}};
  ReadVcpus(directory, request, taken, vm);
  // What the ledger tells to the cycle, the scheduler's tick need not be asked for.
  if (!vm.exits.vm.time) vm.cpu = names_.ReadVcpuTimes(*reasons.process).cpu;
  return vm;
}

HostSnapshot ModuleSource::Read(const HostRequest& request) {
  HostSnapshot snapshot{.taken = clock_.Now(), .vms = {}};
  std::vector<std::string> ids;
  ModuleReasons reasons{};
  if (request.only) {
    ids.push_back(*request.only);
  } else {
    snapshot.total_before = ReadExits(directory_, reasons, snapshot.taken);
    ids = ListDirectory(directory_ + "/vms");
  }
  for (const std::string& id : ids) {
    if (auto vm = ReadVm(id, request, snapshot.taken)) {
      snapshot.isa = vm->exits.vm.isa;
      snapshot.vms.push_back(std::move(*vm));
    }
  }
  std::ranges::sort(snapshot.vms, {}, [](const VmSnapshot& vm) {
    return std::tuple(vm.identity.pid, std::string_view(vm.identity.id));
  });
  // After the VMs, so that it has all that they have.
  snapshot.total = ReadExits(directory_, reasons, snapshot.taken);
  if (!snapshot.total) {
    const FileText file = ReadFile(directory_ + "/reasons");
    if (!file.HasText()) ThrowCannotRead(root_, directory_, file.error);
    throw Error(std::string(kDirectory) + "/reasons is no table of exit reasons");
  }
  snapshot.isa = reasons.isa;
  names_.ForgetOthers();
  return snapshot;
}

std::string ModuleSource::Limits(const HostSnapshot& snapshot) const {
  const bool is_timed = std::ranges::any_of(
      snapshot.vms, [](const VmSnapshot& vm) { return vm.exits.vm.time.has_value(); });
  if (is_timed || (snapshot.total && snapshot.total->vm.time)) return "";
  return "no times: the ledger is off (stat and top have them with --time)";
}

}  // namespace kvm_exits
