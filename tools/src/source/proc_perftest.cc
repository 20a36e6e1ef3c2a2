// SPDX-License-Identifier: GPL-2.0-only
//
// What a busy host costs: a thousand VMs to find, and four hundred vCPUs to read once a
// second.  Its /proc is a tree of files, which is cheaper than the kernel's own but for
// BM_ReadVcpuThreads, whose threads are real.

#include <benchmark/benchmark.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "source/fake_proc.h"
#include "source/vcpu_threads.h"
#include "source/vm_directory.h"

namespace kvm_exits {
namespace {

// VMs that each have a process with twelve files; real ones have some sixty.
void AddVms(const FakeProc& host, int vms, bool debugfs) {
  for (int pid = 1000; pid < 1000 + vms; ++pid) {
    host.AddThread(pid, pid);
    for (int fd = 0; fd < 12; ++fd) host.AddFile(pid, fd, fd == 11 ? "anon_inode:kvm-vm" : "x");
    if (debugfs) host.AddVm(std::to_string(pid) + "-11");
  }
}

void BM_FindVms(benchmark::State& state) {
  const FakeProc host;
  AddVms(host, static_cast<int>(state.range(0)), state.range(1) != 0);
  for (auto _ : state) benchmark::DoNotOptimize(FindVms(host.Root()));
}
BENCHMARK(BM_FindVms)
    ->ArgNames({"vms", "debugfs"})
    ->Args({1000, 1})
    ->Args({1000, 0})
    ->Unit(benchmark::kMillisecond);

// This process's own threads, as many as the argument.
class Vcpus {
 public:
  explicit Vcpus(int64_t count) {
    for (int64_t vcpu = 0; vcpu < count; ++vcpu) {
      threads_.emplace_back([this, vcpu] {
        prctl(PR_SET_NAME, ("CPU " + std::to_string(vcpu) + "/KVM").c_str());
        ++ready_;
        stop_.wait(false);
      });
    }
    while (ready_ < count) std::this_thread::yield();
  }
  Vcpus(const Vcpus&) = delete;
  Vcpus& operator=(const Vcpus&) = delete;
  ~Vcpus() {
    stop_ = true;
    stop_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<int64_t> ready_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

void BM_ReadVcpuThreads(benchmark::State& state) {
  const Vcpus vcpus(state.range(0));
  VcpuThreadReader reader("", getpid());
  for (auto _ : state) benchmark::DoNotOptimize(reader.Read());
}
BENCHMARK(BM_ReadVcpuThreads)->ArgName("vcpus")->Arg(4)->Arg(400)->Unit(benchmark::kMillisecond);

void BM_ReadVcpuThreadsOnce(benchmark::State& state) {
  const Vcpus vcpus(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(ReadVcpuThreads("", getpid()));
}
BENCHMARK(BM_ReadVcpuThreadsOnce)->ArgName("vcpus")->Arg(400)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kvm_exits
