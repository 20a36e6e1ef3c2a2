// SPDX-License-Identifier: GPL-2.0-only
#include "source/vm_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>

#include "source/proc_file.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kVmLink = "anon_inode:kvm-vm";
constexpr std::string_view kKvmLink = "anon_inode:kvm-";  // a VM, a vCPU, a device of a VM

constexpr uint64_t kMaxFd = std::numeric_limits<int>::max();

// The numbers of an id.
struct VmNumbers {
  pid_t maker;  // debugfs: the thread that made the VM; else its process
  uint64_t fd;
};

struct FoundVm {
  VmNumbers numbers;
  VmOnHost vm;
};

std::optional<VmNumbers> ParseId(std::string_view id) {
  const size_t dash = id.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<pid_t> maker = ParsePid(id.substr(0, dash));
  const std::optional<uint64_t> fd = ParseNumber(id.substr(dash + 1));
  if (!maker || !fd || *fd > kMaxFd) return std::nullopt;
  return VmNumbers{.maker = *maker, .fd = *fd};
}

// Calls `visit` with the number of each file that process `pid` has open, and what it
// leads to, until it returns false.  Returns whether the files could be read.
template <typename Visit>
bool VisitFiles(int proc, std::string_view pid, Visit visit) {
  Directory files(proc, (std::string(pid) + "/fd").c_str());
  if (!files.IsOpen()) return false;
  // Longer links are cut, and none of KVM's.
  std::array<char, 64> link;
  bool is_readable = true;
  while (const dirent* const entry = files.Next()) {
    const std::optional<uint64_t> fd = ParseNumber(static_cast<const char*>(entry->d_name));
    if (!fd) continue;
    const ssize_t size =
        readlinkat(files.Get(), static_cast<const char*>(entry->d_name), link.data(), link.size());
    if (size < 0) {
      // CAP_DAC_READ_SEARCH lists the files of others, but CAP_SYS_PTRACE tells what they are.
      is_readable = is_readable && errno != EACCES;
      continue;
    }
    if (!visit(*fd, std::string_view(link.data(), static_cast<size_t>(size)))) break;
  }
  return is_readable;
}

std::vector<FoundVm> FindOpenVms(const std::string& root) {
  std::vector<FoundVm> vms;
  Directory proc(AT_FDCWD, (root + "/proc").c_str());
  while (const dirent* const entry = proc.IsOpen() ? proc.Next() : nullptr) {
    const std::string_view name = static_cast<const char*>(entry->d_name);
    const std::optional<pid_t> pid = ParsePid(name);
    if (!pid) continue;
    VisitFiles(proc.Get(), name, [&](uint64_t fd, std::string_view link) {
      if (link == kVmLink) {
        vms.push_back({.numbers = {.maker = *pid, .fd = fd},
                       .vm = {.id = std::to_string(*pid) + "-" + std::to_string(fd),
                              .pid = *pid,
                              .created = std::nullopt}});
      }
      return true;
    });
  }
  return vms;
}

// Returns the process of a thread, or 0 where the thread is gone.
pid_t ProcessOfThread(int proc, pid_t tid) {
  // The field is the fourth; those before it are short.
  std::array<char, 512> buffer;
  const FileDescriptor file = OpenFile(proc, (std::to_string(tid) + "/status").c_str());
  if (!file.IsOpen()) return 0;
  const std::string_view status = ReadInto(file.Get(), buffer).value_or("");
  // A newline in the thread's name is escaped here.
  constexpr std::string_view kField = "\nTgid:\t";
  const size_t field = status.find(kField);
  if (field == std::string_view::npos) return 0;
  const std::string_view rest = status.substr(field + kField.size());
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return 0;
  return ParsePid(rest.substr(0, end)).value_or(0);
}

// Says whether a process has something of KVM's open, or that cannot be seen.
bool MayHaveVms(int proc, const std::string& pid) {
  bool has_kvm = false;
  const bool readable = VisitFiles(proc, pid, [&](uint64_t, std::string_view target) {
    has_kvm = target.starts_with(kKvmLink);
    return !has_kvm;
  });
  return has_kvm || !readable;
}

// Returns the process that has the VM, or 0 where the thread that made it is gone.  Its
// number may be another one's by now, so the process must be one that may have VMs;
// `known` remembers which are, as one may have many VMs and many files.
pid_t OwnerOf(int proc, const VmNumbers& numbers, std::map<pid_t, bool>& known) {
  const pid_t process = ProcessOfThread(proc, numbers.maker);
  if (process == 0) return 0;
  const std::string pid = std::to_string(process);
  std::array<char, 64> link;
  const ssize_t size = readlinkat(proc, (pid + "/fd/" + std::to_string(numbers.fd)).c_str(),
                                  link.data(), link.size());
  if (size >= 0 && std::string_view(link.data(), static_cast<size_t>(size)) == kVmLink) {
    return process;
  }
  const auto [found, is_new] = known.try_emplace(process);
  if (is_new) found->second = MayHaveVms(proc, pid);
  return found->second ? process : 0;
}

// Gives VMs whose maker is gone to the one process that has a VM open under that number,
// and no other VM under it.
void FindLostOwners(const std::string& root, std::vector<FoundVm>& vms) {
  const auto lost = [](const FoundVm& found) { return found.vm.pid == 0; };
  if (std::ranges::none_of(vms, lost)) return;
  std::vector<std::tuple<uint64_t, pid_t>> open;
  for (const FoundVm& found : FindOpenVms(root)) open.emplace_back(found.numbers.fd, found.vm.pid);
  std::vector<std::tuple<uint64_t, pid_t>> owned;
  owned.reserve(vms.size());
  for (const FoundVm& found : vms) owned.emplace_back(found.numbers.fd, found.vm.pid);
  std::ranges::sort(open);
  std::ranges::sort(owned);
  std::erase_if(open, [&](const auto& vm) { return std::ranges::binary_search(owned, vm); });
  for (FoundVm& found : vms) {
    if (!lost(found)) continue;
    const uint64_t fd = found.numbers.fd;
    const auto first = std::ranges::lower_bound(open, std::tuple(fd, 0));
    const auto end = std::ranges::lower_bound(open, std::tuple(fd + 1, 0));
    if (end - first == 1) found.vm.pid = std::get<1>(*first);
  }
}

// Returns when a directory of debugfs was made; nothing if it is none.  KVM puts all that is
// in it there at once or with a vCPU, and neither changes its time.
std::optional<std::chrono::system_clock::time_point> Created(int debugfs, const char* name) {
  struct stat status = {};
  if (fstatat(debugfs, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (!S_ISDIR(status.st_mode)) return std::nullopt;
  // Beyond what the clock can hold there is only garbage.
  constexpr int64_t kMaxSeconds = int64_t{1} << 33U;
  const int64_t seconds = std::clamp(int64_t{status.st_mtim.tv_sec}, int64_t{0}, kMaxSeconds);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(seconds) + std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

std::vector<FoundVm> FindVmsOfDebugfs(const std::string& root, Directory& debugfs) {
  std::vector<FoundVm> vms;
  const Directory proc(AT_FDCWD, (root + "/proc").c_str());
  std::map<pid_t, bool> known;
  while (const dirent* const entry = debugfs.Next()) {
    const char* const name = static_cast<const char*>(entry->d_name);
    const std::optional<VmNumbers> numbers = ParseId(name);
    if (!numbers) continue;
    const auto created = Created(debugfs.Get(), name);
    if (!created) continue;
    const pid_t pid = proc.IsOpen() ? OwnerOf(proc.Get(), *numbers, known) : 0;
    vms.push_back({.numbers = *numbers, .vm = {.id = name, .pid = pid, .created = created}});
  }
  FindLostOwners(root, vms);
  return vms;
}

}  // namespace

std::vector<VmOnHost> FindVms(const std::string& root) {
  Directory debugfs(AT_FDCWD, (root + "/sys/kernel/debug/kvm").c_str());
  std::vector<FoundVm> found =
      debugfs.IsOpen() ? FindVmsOfDebugfs(root, debugfs) : FindOpenVms(root);
  std::ranges::sort(found, {},
                    [](const FoundVm& vm) { return std::tuple(vm.numbers.maker, vm.numbers.fd); });
  std::vector<VmOnHost> vms;
  vms.reserve(found.size());
  for (FoundVm& vm : found) vms.push_back(std::move(vm.vm));
  return vms;
}

}  // namespace kvm_exits
