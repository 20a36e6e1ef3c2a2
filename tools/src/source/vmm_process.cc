// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_process.h"

#include <utility>

#include "source/host_file.h"
#include "source/vmm_name.h"

namespace kvm_exits {
namespace {

// The longest command lines of QEMU have some ten thousand bytes; what is beyond is not
// looked at.
constexpr size_t kMaxCmdline = size_t{1} << 20U;
constexpr size_t kMaxCgroup = size_t{64} << 10U;
constexpr size_t kMaxComm = 64;

}  // namespace

std::optional<VmmProcess> ReadVmmProcess(const std::string& root, pid_t pid) {
  const std::string directory = root + "/proc/" + std::to_string(pid);
  std::optional<std::string> comm = ReadHostFile(directory + "/comm", kMaxComm);
  if (!comm) return std::nullopt;
  if (comm->ends_with('\n')) comm->pop_back();
  const std::string cmdline = ReadHostFile(directory + "/cmdline", kMaxCmdline).value_or("");

  auto [vmm, name, uuid] = NameOfVmm(cmdline, *comm);
  if (name.empty())
    name = NameInCgroup(ReadHostFile(directory + "/cgroup", kMaxCgroup).value_or(""));
  if (name.empty()) name = *comm;
  if (vmm.empty()) vmm = *comm;
  return VmmProcess{
      .pid = pid, .name = std::move(name), .vmm = std::move(vmm), .uuid = std::move(uuid)};
}

}  // namespace kvm_exits
