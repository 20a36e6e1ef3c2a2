// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_names.h"

#include <unistd.h>

#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include "base/read_file.h"
#include "source/vmm_process.h"

namespace kvm_exits {
namespace {

Seconds SinceBoot() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Seconds(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9);
}

// proc(5), /proc/pid/stat, field 22: when the process began, in ticks since boot.  The
// second field is in parentheses, and may have some.
Seconds ReadStart(const std::string& root, pid_t pid) {
  const FileText file = ReadFile(root + "/proc/" + std::to_string(pid) + "/stat");
  size_t at = file.text.rfind(')');
  if (at == std::string::npos) return SinceBoot();
  for (int field = 2; field < 22 && at != std::string::npos; ++field) {
    at = file.text.find(' ', at + 1);
  }
  if (at == std::string::npos) return SinceBoot();
  uint64_t ticks = 0;
  const char* const end = file.text.data() + file.text.size();
  if (std::from_chars(file.text.data() + at + 1, end, ticks).ec != std::errc()) {
    return SinceBoot();
  }
  return Seconds(static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace

VmmNames::Process& VmmNames::Find(pid_t pid) {
  const auto found = processes_.find(pid);
  if (found != processes_.end()) {
    found->second.is_used = true;
    return found->second;
  }
  Process process{.identity = {.id = {}, .pid = pid, .name = {}, .vmm = {}},
                  .started = ReadStart(root_, pid),
                  .threads = VcpuThreadReader(root_, pid)};
  if (auto names = ReadVmmProcess(root_, pid)) {
    process.identity.name = std::move(names->name);
    process.identity.vmm = std::move(names->vmm);
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
         .lifetime = SinceBoot() - process.started},
        *all.cpu);
  }
  return all;
}

void VmmNames::ForgetOthers() {
  std::erase_if(processes_, [](const auto& entry) { return !entry.second.is_used; });
  for (auto& [pid, process] : processes_) process.is_used = false;
}

}  // namespace kvm_exits
