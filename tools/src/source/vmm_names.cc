// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_names.h"

#include <ctime>
#include <utility>
#include <vector>

#include "source/vmm_process.h"

namespace kvm_exits {
namespace {

Seconds SinceBoot() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Seconds(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9);
}

}  // namespace

VmmNames::Process& VmmNames::Find(pid_t pid) {
  const auto found = processes_.find(pid);
  if (found != processes_.end()) {
    found->second.is_used = true;
    return found->second;
  }
  Process process{.identity = {.id = {}, .pid = pid, .name = {}, .vmm = {}},
                  .threads = VcpuThreadReader(root_, pid)};
  if (auto names = ReadVmmProcess(root_, pid)) {
    process.identity.name = std::move(names->name);
    process.identity.vmm = std::move(names->vmm);
    process.identity.uuid = std::move(names->uuid);
  }
  return processes_.emplace(pid, std::move(process)).first->second;
}

VmIdentity VmmNames::Identify(const std::string& id, pid_t pid) {
  VmIdentity identity = Find(pid).identity;
  identity.id = id;
  return identity;
}

VcpuTimes VmmNames::ReadVcpuTimes(pid_t pid) {
  Process& process = Find(pid);
  const std::vector<VcpuThread> threads = process.threads.Read();
  VcpuTimes all{.vcpus = threads.size()};
  if (threads.empty()) return all;
  all.cpu.emplace();
  for (const VcpuThread& thread : threads) {
    Add({.guest = Seconds(thread.times.guest),
         .user = Seconds(thread.times.user),
         .system = Seconds(thread.times.system),
         .run_delay = Seconds(thread.times.run_delay),
         .lifetime = SinceBoot() - Seconds(thread.started)},
        *all.cpu);
  }
  return all;
}

void VmmNames::ForgetOthers() {
  std::erase_if(processes_, [](const auto& entry) { return !entry.second.is_used; });
  for (auto& [pid, process] : processes_) process.is_used = false;
}

}  // namespace kvm_exits
