// SPDX-License-Identifier: GPL-2.0-only
#include "report/catalogue.h"

#include <algorithm>
#include <array>

namespace kvm_exits::bench {
namespace {

// KVM's own configurations, of which both an exit and memory have a price.
constexpr ColumnKind kUnpatched = {
    .name = "unpatched", .title = "unpatched", .meaning = "KVM as it comes with the kernel"};
constexpr ColumnKind kOff = {.name = "off",
                             .title = "compiled out",
                             .meaning = "patched, CONFIG_KVM_EXIT_COUNTERS=n",
                             .base = "unpatched",
                             .way = Way::kOurs};
constexpr ColumnKind kCounting = {.name = "counting",
                                  .title = "counting",
                                  .meaning = "each exit is counted, per reason and vCPU",
                                  .base = "unpatched",
                                  .way = Way::kOurs,
                                  .plotted = true};
constexpr ColumnKind kLedger = {.name = "ledger",
                                .title = "+ ledger",
                                .meaning = "counting, and the ledger of vCPUs' time",
                                .base = "unpatched",
                                .step = "counting",
                                .way = Way::kOurs,
                                .plotted = true};
constexpr ColumnKind kHistogram = {.name = "histogram",
                                   .title = "+ histogram",
                                   .meaning = "counting, the ledger, and histograms of durations",
                                   .base = "unpatched",
                                   .step = "ledger",
                                   .way = Way::kOurs,
                                   .plotted = true};

constexpr auto kConfigurations = std::to_array<ColumnKind>({
    kUnpatched,
    kOff,
    kCounting,
    kLedger,
    kHistogram,
    {.name = "naive",
     .title = "naive",
     .meaning = "unpatched but for an atomic addition to one array a VM",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "naive_4_vcpus",
     .title = "naive, 4 vCPUs",
     .meaning = "the same, while four vCPUs take exits",
     .base = "unpatched",
     .way = Way::kOther,
     .by_chance = true},
    {.name = "perf_stat",
     .title = "perf stat",
     .meaning = "unpatched, perf stat counts kvm:kvm_exit",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "hist_trigger",
     .title = "hist trigger",
     .meaning = "unpatched, a hist trigger counts kvm:kvm_exit per reason",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "perf_kvm_stat",
     .title = "perf kvm stat",
     .meaning = "unpatched, perf kvm stat records exits and entries",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "bpftrace_count",
     .title = "bpftrace, counts",
     .meaning = "unpatched, bpftrace counts kvm:kvm_exit per reason",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "bpftrace_time",
     .title = "bpftrace, time",
     .meaning = "the same, and sums up the time from exit to entry",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "bpf_count",
     .title = "BPF, counts",
     .meaning = "unpatched, BPF on a raw tracepoint counts per reason",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "bpf_time",
     .title = "BPF, time",
     .meaning = "the same, and sums up the time from exit to entry",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "bpf_ledger",
     .title = "BPF, ledger",
     .meaning = "unpatched, BPF books guest and exits, per thread and reason",
     .base = "unpatched",
     .way = Way::kOther,
     .plotted = true},
    {.name = "kvm_exits_bpf",
     .title = "kvm-exits, BPF",
     .meaning = "unpatched, kvm-exits stat --source bpf, with histograms",
     .base = "unpatched",
     .way = Way::kOurs,
     .plotted = true},
});

constexpr auto kVcpus = std::to_array<ColumnKind>({
    {.name = "unpatched", .title = "unpatched", .meaning = "KVM unpatched, which knows no leaf"},
    {.name = "1", .title = "1 vCPU", .meaning = {}},
    {.name = "8", .title = "8", .meaning = {}},
    {.name = "64", .title = "64", .meaning = {}},
    {.name = "512", .title = "512", .meaning = {}},
    {.name = "4096", .title = "4096", .meaning = {}},
});

constexpr auto kMemory = std::to_array<ColumnKind>({
    kUnpatched,
    kOff,
    kCounting,
    kLedger,
    kHistogram,
    {.name = "kvm_exits",
     .title = "+ kvm_exits",
     .meaning = "counting, and the files of the module kvm_exits",
     .base = "unpatched",
     .step = "counting",
     .way = Way::kOurs},
});

constexpr auto kSwitch = std::to_array<ColumnKind>({
    {.name = "ledger", .title = "ledger", .meaning = {}},
});

constexpr auto kVms = std::to_array<ColumnKind>({
    {.name = "1", .title = "1 VM", .meaning = {}},
    {.name = "100", .title = "100", .meaning = {}},
    {.name = "1000", .title = "1000", .meaning = {}},
});

constexpr auto kSources = std::to_array<ColumnKind>({
    {.name = "bpf", .title = "BPF", .meaning = "unpatched, --source bpf"},
    {.name = "counting", .title = "module", .meaning = "--source module, the ledger off"},
    {.name = "ledger", .title = "module, ledger", .meaning = "the same, the ledger on"},
});

constexpr auto kTables = std::to_array<TableKind>({
    {.name = "exit",
     .title = "an exit, from the guest through KVM and back",
     .unit = "instructions",
     .rows = "exit",
     .columns = "configuration",
     .column_kinds = kConfigurations,
     .row_by_chance = "IPI_AND_BACK"},
    {.name = "leaf",
     .title = "one CPUID of a leaf, by vCPUs of the VM",
     .unit = "instructions",
     .rows = "leaf",
     .columns = "vCPUs",
     .column_kinds = kVcpus},
    {.name = "memory",
     .title = "memory of the kernel",
     .unit = "bytes",
     .rows = "object",
     .columns = "configuration",
     .column_kinds = kMemory,
     .all_by_chance = true},
    {.name = "switch",
     .title = "a vCPU and its share of its VM, as the ledger is switched",
     .unit = "bytes",
     .rows = "change",
     .columns = "of",
     .column_kinds = kSwitch,
     .all_by_chance = true},
    {.name = "debugfs",
     .title = "reading a file of debugfs, by VMs of the host",
     .unit = "instructions",
     .rows = "file",
     .columns = "VMs",
     .column_kinds = kVms,
     .all_by_chance = true},
    {.name = "command",
     .title = "kvm-exits, 100 VMs: top for a second, list once",
     .unit = "instructions",
     .rows = "command",
     .columns = "source",
     .column_kinds = kSources,
     .all_by_chance = true},
    {.name = "command_memory",
     .title = "the same: the most memory",
     .unit = "bytes",
     .rows = "command",
     .columns = "source",
     .column_kinds = kSources,
     .all_by_chance = true},
});

constexpr auto kPrimitives = std::to_array<PrimitiveKind>({
    {.name = "loop", .title = "the loop alone, which reads the exit reason"},
    {.name = kCountingPrimitive, .title = "counting, VMX"},
    {.name = "count_svm", .title = "counting, SVM"},
    {.name = "naive", .title = "naive: one array for all vCPUs, LOCK ADD"},
    {.name = "rdtsc", .title = "RDTSC, once"},
    {.name = "ledger", .title = "counting and the ledger's two bookings, VMX"},
    {.name = "histogram", .title = "the same and a histogram, VMX"},
});

std::string Join(const auto& kinds) {
  std::string names;
  for (const auto& kind : kinds) {
    if (!names.empty()) names += ", ";
    names += kind.name;
  }
  return names;
}

const auto* FindByName(const auto& kinds, std::string_view name) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [name](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace

bool TableKind::MovesByChance(std::string_view row, const ColumnKind& column) const {
  return all_by_chance || column.by_chance || row == row_by_chance;
}

bool TableKind::ShowsAdditions() const {
  return std::any_of(column_kinds.begin(), column_kinds.end(),
                     [](const ColumnKind& column) { return !column.base.empty(); });
}

size_t TableKind::Find(std::string_view column) const {
  const auto found = std::find_if(column_kinds.begin(), column_kinds.end(),
                                  [column](const ColumnKind& kind) { return kind.name == column; });
  return static_cast<size_t>(found - column_kinds.begin());
}

std::string TableKind::ColumnNames() const { return Join(column_kinds); }

std::span<const TableKind> TableKinds() { return kTables; }
const TableKind* FindTableKind(std::string_view name) { return FindByName(kTables, name); }
std::string TableNames() { return Join(kTables); }

const PrimitiveKind* FindPrimitiveKind(std::string_view name) {
  return FindByName(kPrimitives, name);
}

}  // namespace kvm_exits::bench
