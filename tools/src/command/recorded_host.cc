// SPDX-License-Identifier: GPL-2.0-only
#include "command/recorded_host.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/vm_selection.h"

namespace kvm_exits {
namespace {

std::string CheckRecordTime(const std::string& text) {
  if (ParseRecordTime(text)) return "";
  return "'" + text + "' is neither a time as 2026-01-31T23:59:59Z nor +SECONDS";
}

void AddTime(CLI::App& command, const std::string& name, std::optional<RecordTime>& time,
             const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&time](const std::string& text) { time = ParseRecordTime(text); }, help)
      ->type_name("TIME")
      ->check(CLI::Validator(CheckRecordTime, "", "time"));
}

}  // namespace

void AddRecordOptions(CLI::App& command, HostOptions& options) {
  command.add_option("VM-OF-FILE", options.second, "After FILE, a record: one VM in that")
      ->type_name("");
  AddRangeOptions(command, options.range);
}

void AddRangeOptions(CLI::App& command, RecordRange& range) {
  AddTime(command, "--begin", range.begin, "Of a record: from TIME on (+SEC: so far in)");
  AddTime(command, "--end", range.end, "Of a record: up to TIME");
}

void SettleRecord(HostOptions& options) {
  if (IsRecord(options.vm.any)) {
    options.record = std::exchange(options.vm.any, std::exchange(options.second, ""));
  }
  if (!options.vm.any.empty() && (options.all || options.vm.pid || !options.vm.name.empty())) {
    throw CLI::ValidationError("a VM excludes --pid, --guest and --all");
  }
  if (options.record.empty()) {
    if (options.vm.any.ends_with(".zst")) RequireRecord(options.vm.any);
    if (!options.second.empty()) {
      throw CLI::ValidationError("'" + options.second + "' is one too many: '" + options.vm.any +
                                 "' is no record");
    }
    if (options.range.begin || options.range.end) {
      throw CLI::ValidationError("--begin and --end are for a record, and none is given");
    }
    return;
  }
  if (options.source != SourceKind::kAuto || options.with_time) {
    throw CLI::ValidationError("--source and --time are for a host that runs, not for a record");
  }
}

void InWorldOf(HostOptions& options, Environment& environment,
               const std::function<void(Environment& world)>& show) {
  if (options.record.empty()) {
    show(environment);
    return;
  }
  if (!options.vm.IsAll()) {
    // It need not be there all the time.
    std::vector<VmIdentity> vms;
    const std::vector<RecordedVm> recorded = FindRecordedVms(options.record, options.range);
    for (const RecordedVm& vm : recorded) vms.push_back(vm.identity);
    const VmIdentity wanted = SelectVm(vms, options.vm, "'kvm-exits list FILE' shows its VMs");
    const auto found =
        std::ranges::find(recorded, wanted.id, [](const RecordedVm& vm) { return vm.identity.id; });
    options.vm = {.any = wanted.id};
    options.range.begin = RecordTime{.wall = std::nullopt, .since_begin = found->begin};
    options.range.end = RecordTime{.wall = std::nullopt, .since_begin = found->end};
  }
  Replay replay(options.record, options.range);
  if (options.vcpus.each && !replay.Header().has_vcpus) {
    throw Error(options.record + " has no vCPUs on their own: 'record --each-vcpu' has them");
  }
  Environment world{
      .cpuid = environment.cpuid,
      .clock = replay,
      .out = environment.out,
      .err = environment.err,
      .root = environment.root,
      .columns = environment.columns,
      .open_source = [&replay](const SourceOptions&) { return replay.Source(); },
      .recorded_interval = Seconds(replay.Header().interval_seconds),
  };
  show(world);
  TellProblem(replay, options.record, environment.err);
}

void TellProblem(const Replay& replay, const std::string& file, Output& err) {
  const std::string problem = replay.Problem();
  if (problem.empty()) return;
  err.Write("kvm-exits: " + file + " ends at " + FormatTime(replay.Host().taken.wall) + ": " +
            problem + "\n");
}

}  // namespace kvm_exits
