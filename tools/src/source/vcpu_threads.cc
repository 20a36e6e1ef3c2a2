// SPDX-License-Identifier: GPL-2.0-only
#include "source/vcpu_threads.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "source/thread_stat.h"

namespace kvm_exits {
namespace {

constexpr uint64_t kCallsUntilOthers = 16;
// Some 50 numbers and a name of 15 bytes.
constexpr size_t kMaxStat = 2048;

double TickSeconds() {
  static const double seconds = 1.0 / static_cast<double>(std::max(sysconf(_SC_CLK_TCK), 1L));
  return seconds;
}

// Half of all descriptors are for whoever else needs them.
bool MayStayOpen(const FileDescriptor& file) {
  static const rlim_t limit = [] {
    struct rlimit files = {};
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 0;
  }();
  return static_cast<rlim_t>(file.Get()) < limit / 2;
}

// Reads `file`, which is opened first where it is not open, and keeps it so if it may.
std::optional<std::string_view> ReadKept(FileDescriptor& file, int tasks, pid_t tid,
                                         std::string_view name, std::span<char> buffer) {
  if (!file.IsOpen()) {
    const std::string path = std::to_string(tid) + "/" + std::string(name);
    FileDescriptor opened = OpenFile(tasks, path.c_str());
    if (!opened.IsOpen()) return std::nullopt;
    if (!MayStayOpen(opened)) return ReadInto(opened.Get(), buffer);
    file = std::move(opened);
  }
  return ReadInto(file.Get(), buffer);
}

}  // namespace

VcpuThreadReader::VcpuThreadReader(const std::string& root, pid_t pid)
    : tasks_(AT_FDCWD, (root + "/proc/" + std::to_string(pid) + "/task").c_str()) {}

std::optional<VcpuThread> VcpuThreadReader::ReadThread(pid_t tid, Thread& thread) const {
  std::array<char, kMaxStat> buffer;
  const auto text = ReadKept(thread.stat, tasks_.Get(), tid, "stat", buffer);
  const auto stat = text ? ParseThreadStat(*text) : std::nullopt;
  const auto vcpu = stat ? VcpuOfThreadName(stat->name) : std::nullopt;
  thread.is_vcpu = stat && (vcpu || stat->guest_time > 0);
  if (!thread.is_vcpu) {
    thread.stat = FileDescriptor();
    thread.schedstat = FileDescriptor();
    return std::nullopt;
  }
  const double tick = TickSeconds();
  VcpuThread result = {
      .tid = tid,
      .vcpu = vcpu,
      .started = tick * static_cast<double>(stat->started),
      .times = {
          .guest = tick * static_cast<double>(stat->guest_time),
          .user = tick * static_cast<double>(stat->utime - std::min(stat->utime, stat->guest_time)),
          .system = tick * static_cast<double>(stat->stime),
          .run_delay = 0}};
  if (const auto delays = ReadKept(thread.schedstat, tasks_.Get(), tid, "schedstat", buffer)) {
    result.times.run_delay = 1e-9 * static_cast<double>(ParseRunDelay(*delays).value_or(0));
  } else if (thread.schedstat.IsOpen()) {
    return std::nullopt;  // it ended just now
  }
  return result;
}

std::vector<VcpuThread> VcpuThreadReader::Read() {
  std::vector<VcpuThread> vcpus;
  if (!tasks_.IsOpen()) return vcpus;
  const bool look_at_others = calls_++ % kCallsUntilOthers == 0;
  tasks_.Rewind();
  while (const dirent* const entry = tasks_.Next()) {
    const std::optional<pid_t> tid = ParsePid(static_cast<const char*>(entry->d_name));
    if (!tid) continue;
    const auto [found, is_new] = threads_.try_emplace(*tid);
    Thread& thread = found->second;
    thread.seen = calls_;
    if (!is_new && !thread.is_vcpu && !look_at_others) continue;
    const bool was_vcpu = thread.is_vcpu;
    if (const auto vcpu = ReadThread(*tid, thread)) {
      vcpus.push_back(*vcpu);
    } else if (was_vcpu) {
      // It ended, and where its number is there still, that is a new thread's.
      threads_.erase(found);
    }
  }
  std::erase_if(threads_, [&](const auto& thread) { return thread.second.seen != calls_; });
  std::ranges::sort(vcpus, {}, [](const VcpuThread& thread) {
    return std::tuple(!thread.vcpu, thread.vcpu.value_or(0), thread.tid);
  });
  return vcpus;
}

std::vector<VcpuThread> ReadVcpuThreads(const std::string& root, pid_t pid) {
  return VcpuThreadReader(root, pid).Read();
}

}  // namespace kvm_exits
