// SPDX-License-Identifier: GPL-2.0-only
//
// What one report costs the guest apart from the exits of the reading: these
// run without them, since the fake guest's CPUID does not exit.

#include <benchmark/benchmark.h>

#include "base/fakes.h"
#include "source/fakes.h"
#include "source/guest_reader.h"
#include "view/format.h"
#include "view/report.h"

namespace kvm_exits {
namespace {

void BusyGuest(FakeGuest& guest) {
  for (uint32_t reason = 0; reason < 86; ++reason) guest.exits[reason] = uint64_t{1} << reason % 48;
}

void BM_ReadSnapshot(benchmark::State& state) {
  FakeGuest guest;
  FakeClock clock;
  BusyGuest(guest);
  for (auto _ : state) benchmark::DoNotOptimize(GuestReader(guest, clock).Read(std::nullopt));
}
BENCHMARK(BM_ReadSnapshot);

void BM_BuildAndRender(benchmark::State& state) {
  FakeGuest guest;
  FakeClock clock;
  BusyGuest(guest);
  const Snapshot snapshot = GuestReader(guest, clock).Read(std::nullopt);
  const auto renderer = MakeRenderer(Format{static_cast<int>(state.range(0))});
  for (auto _ : state) benchmark::DoNotOptimize(renderer->Render(BuildReport(snapshot, {})));
}
BENCHMARK(BM_BuildAndRender)
    ->ArgName("format")
    ->DenseRange(static_cast<int>(Format::kTable), static_cast<int>(Format::kPrometheus));

}  // namespace
}  // namespace kvm_exits

BENCHMARK_MAIN();
