// SPDX-License-Identifier: GPL-2.0-only
//
// What the kernel's code on the way of an exit takes on this processor, against other
// ways to do the same.  Each benchmark proves afterwards that it has done it.

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "exit_loops.h"

namespace {

constexpr int64_t kBatch = 1024;  // exits a call

class Vcpu {
 public:
  kvm_vcpu* Get() const { return vcpu_.get(); }

 private:
  std::unique_ptr<kvm_vcpu, void (*)(kvm_vcpu*)> vcpu_{create_vcpu(), free_vcpu};
};

std::atomic<bool> failed = false;

void Require(benchmark::State& state, bool fulfilled, const char* otherwise) {
  if (fulfilled) return;
  failed = true;
  state.SkipWithError(otherwise);
}

uint64_t Iterations(const benchmark::State& state) {
  return static_cast<uint64_t>(state.iterations());
}

// Each thread runs a vCPU of its own, as KVM has it.
void CountOnVcpu(benchmark::State& state, void (*take_exits)(kvm_vcpu*, uint64_t)) {
  const Vcpu vcpu;
  while (state.KeepRunningBatch(kBatch)) take_exits(vcpu.Get(), kBatch);
  Require(state, counted_exits(vcpu.Get()) == Iterations(state), "not every exit was counted");
  Require(state, ledger_balances(vcpu.Get()), "the ledger does not balance");
}

void count_vmx(benchmark::State& state) { CountOnVcpu(state, count_vmx_exits); }
void count_svm(benchmark::State& state) { CountOnVcpu(state, count_svm_exits); }
void ledger(benchmark::State& state) { CountOnVcpu(state, count_and_book_exits); }

void histogram(benchmark::State& state) {
  const Vcpu vcpu;
  while (state.KeepRunningBatch(kBatch)) count_book_and_sort_exits(vcpu.Get(), kBatch);
  Require(state, counted_exits(vcpu.Get()) == Iterations(state), "not every exit was counted");
  Require(state, ledger_balances(vcpu.Get()), "the ledger does not balance");
  Require(state, sorted_exits(vcpu.Get()) == Iterations(state), "not every exit is in a histogram");
}

// All threads wait for each other before the loop, and after it.  They are in each other's
// way only while they have a CPU at the same time, which is up to the machine.
void naive(benchmark::State& state) {
  if (state.thread_index() == 0) forget_naive_counts();
  while (state.KeepRunningBatch(kBatch)) count_exits_naively(kBatch);
  if (state.thread_index() == 0) {
    const uint64_t exits = Iterations(state) * static_cast<uint64_t>(state.threads());
    Require(state, naively_counted_exits() == exits, "not every exit was counted");
  }
}

void loop(benchmark::State& state) {
  while (state.KeepRunningBatch(kBatch)) load_reasons(kBatch);
}

void rdtsc(benchmark::State& state) {
  while (state.KeepRunningBatch(kBatch)) read_tsc(kBatch);
}

BENCHMARK(loop);
BENCHMARK(count_vmx)->ThreadRange(1, 2);
BENCHMARK(count_svm)->ThreadRange(1, 2);
BENCHMARK(naive)->ThreadRange(1, 2);
BENCHMARK(rdtsc);
BENCHMARK(ledger)->ThreadRange(1, 2);
BENCHMARK(histogram);

std::string ProcessorName() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::AddCustomContext("cpu", ProcessorName());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return failed ? 1 : 0;
}
