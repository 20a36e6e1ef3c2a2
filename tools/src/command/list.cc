// SPDX-License-Identifier: GPL-2.0-only
#include "command/list.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "command/host_meter.h"
#include "command/options.h"
#include "command/recorded_host.h"
#include "command/to_output.h"
#include "view/host_renderer.h"

namespace kvm_exits {
namespace {

struct ListOptions {
  HostOptions host;
  IntervalOptions interval;
  Format format = Format::kTable;
  std::string file;
};

void Show(const ListOptions& options, Output& out, Environment& environment) {
  const auto renderer = MakeHostRenderer(options.format, HostTable::kVms, environment.columns);
  HostMeter meter(options.host, environment);
  const bool is_record = !options.host.record.empty();
  if (!options.interval.IsGiven() && !is_record && !meter.Source().BeginsNow()) {
    out.Write(renderer->Render(meter.Report(meter.SinceCreation())));
    return;
  }
  // A source that knows nothing of before is looked at for a while.
  const uint64_t count = options.interval.count.value_or(options.interval.seconds ? 0 : 1);
  const auto length =
      is_record && !options.interval.IsGiven() ? kForever : options.interval.Length();
  auto deadline = meter.Last().steady + length;
  for (uint64_t reports = 0; count == 0 || reports != count; ++reports) {
    const bool is_over = !environment.clock.WaitUntil(deadline);
    const HostDifference difference = meter.Next();
    if (reports == 0) RequireTime(difference);
    if (is_over && IsEmpty(difference)) return;
    out.Write(renderer->Render(meter.Report(difference)));
    if (is_over) return;
    deadline = NextDeadline(deadline, length, meter.Last().steady);
  }
}

}  // namespace

CLI::App& AddListCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("list", "On a host: its VMs, and what they cost");
  const auto options = std::make_shared<ListOptions>();
  HostReportOptions& view = options->host.view;
  view.sort = VmSortKey::kPid;
  options->host.with_durations = false;
  AddVmOptions(command, options->host, true);
  AddRecordOptions(command, options->host);
  AddIntervalOptions(command, options->interval,
                     "Show the exits of each interval, until interrupted");
  AddChoice<VmSortKey>(command, "-s,--sort", view.sort,
                       {{"exits", VmSortKey::kExits},
                        {"time", VmSortKey::kTime},
                        {"name", VmSortKey::kName},
                        {"pid", VmSortKey::kPid}},
                       "Sort by pid (the default), name, exits or time")
      ->type_name("KEY");
  command
      .add_option_function<std::string>(
          "-F,--filter", [&view](const std::string& text) { view.vm_filter = Regex::Parse(text); },
          "Show only the VMs whose name has a match")
      ->type_name("REGEX")
      ->check(CLI::Validator(CheckFilter, "", "filter"));
  command.add_option("-l,--limit", view.vm_limit, "Show only the first ROWS VMs")
      ->type_name("ROWS")
      ->check(CLI::Validator(CheckPositive, "", "positive"));
  AddSourceOptions(command, options->host, false);
  AddOutputOption(command, options->file);
  AddFormatOptions(command, options->format, false);
  command.callback([options, &environment] {
    SettleRecord(options->host);
    RequireOtherFile(options->file, options->host.record);
    if (options->interval.IsGiven()) environment.clock.CatchStop();
    InWorldOf(options->host, environment, [&](Environment& world) {
      WriteTo(options->file, world.out, [&](Output& out) { Show(*options, out, world); });
    });
  });
  return command;
}

}  // namespace kvm_exits
