// SPDX-License-Identifier: GPL-2.0-only
//
// What a second of a host costs in a record: time, and bytes of the file.

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "base/zstd_stream.h"
#include "source/record_fixture.h"
#include "source/record_format.h"

namespace kvm_exits {
namespace {

struct Load {
  ExitReason reason;
  double per_second;  // exits of a busy VM
  double cycles;      // of one exit
};

constexpr Load kLoads[] = {
    {{.number = 1, .name = "EXTERNAL_INTERRUPT"}, 600, 3000},
    {{.number = 7, .name = "INTERRUPT_WINDOW"}, 60, 2000},
    {{.number = 12, .name = "HLT"}, 1200, 3e6},
    {{.number = 30, .name = "IO_INSTRUCTION"}, 40, 30000},
    {{.number = 32, .name = "MSR_WRITE"}, 900, 2500},
    {{.number = 48, .name = "EPT_VIOLATION"}, 80, 8000},
    {{.number = 52, .name = "PREEMPTION_TIMER"}, 700, 2500},
};

// Of 20 VMs a quarter is busy, a half has a twentieth of that to do, and the others next to
// nothing.
class BusyHost {
 public:
  BusyHost() {
    host_.snapshot.vms.clear();
    for (pid_t pid = 1000; pid < 1020; ++pid) {
      VmSnapshot vm{.identity = {.id = std::to_string(pid) + "-11",
                                 .pid = pid,
                                 .name = "web-" + std::to_string(pid),
                                 .vmm = "qemu"},
                    .exits = Nothing(),
                    .vcpu_count = 4,
                    .vcpus = {}};
      host_.snapshot.vms.push_back(std::move(vm));
    }
    host_.snapshot.total = Nothing();
    host_.snapshot.total_before = Nothing();
    host_.Settle();
  }

  const HostSnapshot& NextSecond() {
    host_.snapshot.total_before = host_.snapshot.total;
    for (size_t i = 0; i < host_.snapshot.vms.size(); ++i) {
      const double scale = i % 4 == 0 ? 1 : i % 4 == 3 ? 0.002 : 0.05;
      for (size_t reason = 0; reason < std::size(kLoads); ++reason) {
        Add(kLoads[reason], scale, host_.Vm(i), reason);
      }
    }
    host_.Pass(std::chrono::milliseconds(1000));
    host_.snapshot.taken.steady += std::chrono::microseconds(Draw(30));
    host_.Settle();
    return host_.snapshot;
  }

 private:
  static Snapshot Nothing() {
    Snapshot exits{.vm = {.isa = Isa::kVmx,
                          .clock_khz = 2100000,
                          .taken = {},
                          .period = std::nullopt,
                          .exits = 0,
                          .time = VmTime{.in_exits = 0, .of_state = {0, 0, 0, 0, 0, 0, 0}}},
                   .reasons = {}};
    for (const Load& load : kLoads) {
      exits.reasons.push_back({.reason = load.reason,
                               .exits = 0,
                               .cycles = 0,
                               .longest = 0,
                               .of_state = {0, 0, 0, 0, 0, 0, 0},
                               .durations = Durations{}});
    }
    return exits;
  }

  uint64_t Draw(double mean) {
    return static_cast<uint64_t>(std::poisson_distribution<long long>(mean)(random_));
  }
  // About `mean`, as times are
  uint64_t DrawTime(double mean) {
    return static_cast<uint64_t>(mean * std::lognormal_distribution(0.0, 0.3)(random_));
  }

  void Add(const Load& load, double scale, Snapshot& exits, size_t reason) {
    const uint64_t count = Draw(load.per_second * scale);
    if (count == 0) return;
    const auto all = static_cast<double>(count);
    StateCycles cycles;
    cycles.fill(0);
    cycles[0] = DrawTime(all * 500000);
    cycles[1] = DrawTime(all * std::min(load.cycles, 4000.0));
    if (load.reason.number == 30) cycles[2] = DrawTime(all * load.cycles);
    if (load.reason.number == 12) cycles[3] = DrawTime(all * load.cycles);
    if (random_() % 4 == 0) cycles[4] = DrawTime(all * 100);
    for (Snapshot* const snapshot : {&exits, &*host_.snapshot.total}) {
      ReasonCount& each = snapshot->reasons[reason];
      each.exits += count;
      for (size_t state = 0; state < kVcpuStates; ++state) {
        *each.of_state[state] += *cycles[state];
        *snapshot->vm.time->of_state[state] += *cycles[state];
        if (state > 0) *each.cycles += *cycles[state];
      }
    }
    // Two bins for each power of two, as the module has them
    std::lognormal_distribution<double> duration(std::log(load.cycles), 0.5);
    for (uint64_t i = 0; i < count; ++i) {
      const auto power = static_cast<unsigned>(std::log2(duration(random_)));
      const uint64_t from = uint64_t{1} << power;
      const uint64_t middle = from + from / 2;
      const bool is_upper = random_() % 2 == 0;
      kvm_exits::Add(Durations{{.from = is_upper ? middle : from,
                                .below = is_upper ? 2 * from : middle,
                                .exits = 1}},
                     *exits.reasons[reason].durations);
    }
  }

  std::mt19937 random_{1};
  RecordedHost host_;
};

void BM_RecordASecond(benchmark::State& state) {
  BusyHost host;
  RecordEncoder encoder(MakeRecordHeader());
  ZstdCompressor compressor;
  compressor.Add(encoder.Header());
  compressor.Add(encoder.Sample(host.NextSecond(), ""));
  compressor.Flush();
  size_t bytes = 0;
  size_t text = 0;
  size_t samples = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const HostSnapshot& snapshot = host.NextSecond();
    state.ResumeTiming();
    const std::string line = encoder.Sample(snapshot, "");
    bytes += compressor.Add(line).size();
    bytes += compressor.Flush().size();
    text += line.size();
    ++samples;
  }
  const auto a_sample = [&](size_t size) {
    return static_cast<double>(size) / static_cast<double>(samples);
  };
  state.counters["bytes"] = a_sample(bytes);
  state.counters["text_bytes"] = a_sample(text);
  state.counters["MB_a_day"] = a_sample(bytes) * 86400 / 1e6;
}
BENCHMARK(BM_RecordASecond)->Unit(benchmark::kMicrosecond)->MinTime(0.2);

void BM_ReplayASecond(benchmark::State& state) {
  BusyHost host;
  RecordEncoder encoder(MakeRecordHeader());
  std::vector<std::string> lines = LinesOf(encoder.Header());
  for (int i = 0; i < 600; ++i) {
    for (const std::string& line : LinesOf(encoder.Sample(host.NextSecond(), ""))) {
      lines.push_back(line);
    }
  }
  for (auto _ : state) {
    RecordDecoder decoder;
    for (const std::string& line : lines) decoder.Take(line);
    benchmark::DoNotOptimize(decoder.Host());
  }
  state.SetItemsProcessed(state.iterations() * 600);
}
BENCHMARK(BM_ReplayASecond)->Unit(benchmark::kMillisecond)->MinTime(0.2);

}  // namespace
}  // namespace kvm_exits
