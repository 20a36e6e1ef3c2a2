// SPDX-License-Identifier: GPL-2.0-only
#include "command/stat.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/process.h"
#include "command/host_meter.h"
#include "command/measured_command.h"
#include "command/options.h"
#include "command/recorded_host.h"
#include "command/to_output.h"
#include "view/host_renderer.h"
#include "view/host_text.h"

namespace kvm_exits {
namespace {

struct StatOptions {
  HostOptions host;
  IntervalOptions interval;
  Format format = Format::kTable;
  std::string file;
};

// Writes what happens in each interval until there were enough, or the user ends it; the
// last interval then has the length it had.  Returns the VM that has ended before that.
std::optional<VmIdentity> Watch(const StatOptions& options, Output& out, Environment& environment) {
  const auto renderer = MakeHostRenderer(options.format, HostTable::kReasons, environment.columns);
  HostMeter meter(options.host, environment);
  const uint64_t count =
      options.interval.count.value_or(options.interval.seconds ? 0 : 1);  // 0: no end
  const auto length = options.interval.Length();
  auto deadline = meter.Last().steady + length;
  // Without an interval the only one lasts until the user ends it.
  if (!options.interval.IsGiven()) {
    deadline += kForever;
    if (options.host.record.empty() && isatty(STDERR_FILENO) != 0) {
      environment.err.Write("kvm-exits: counting until you interrupt it (Ctrl-C)\n");
    }
  }
  for (uint64_t reports = 0; count == 0 || reports != count; ++reports) {
    const bool is_over = !environment.clock.WaitUntil(deadline);
    const HostDifference difference = meter.Next();
    if (meter.HasEnded(difference)) {
      if (reports == 0) ThrowEnded(*meter.Vm());  // nothing is to be kept
      return meter.Vm();
    }
    if (reports == 0) RequireTime(difference);
    if (is_over && IsEmpty(difference)) break;
    out.Write(renderer->Render(meter.Report(difference)));
    if (is_over) break;
    deadline = NextDeadline(deadline, length, meter.Last().steady);
  }
  return std::nullopt;
}

// Writes what happens while the command runs.  Returns its exit status.
int Measure(const StatOptions& options, Output& out, Environment& environment) {
  const auto renderer = MakeHostRenderer(options.format, HostTable::kReasons, environment.columns);
  HostMeter meter(options.host, environment);
  std::string error;
  const int status = RunCommand(environment.command, error);
  if (!error.empty()) throw CommandFailed(error, status);
  const HostDifference difference = meter.Next();
  if (meter.HasEnded(difference)) {
    throw CommandFailed("VM " + DisplayName(*meter.Vm()) + " has ended before the command", status);
  }
  out.Write(renderer->Render(meter.Report(difference)));
  return status;
}

}  // namespace

void WatchHost(const HostOptions& host, const IntervalOptions& interval, Environment& environment) {
  StatOptions options{.host = host, .interval = interval, .file = {}};
  if (!options.interval.seconds) options.interval.seconds = 1;
  environment.clock.CatchStop();
  std::optional<VmIdentity> ended;
  InWorldOf(options.host, environment,
            [&](Environment& world) { ended = Watch(options, world.out, world); });
  if (ended) ThrowEnded(*ended);
}

CLI::App& AddStatCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("stat", "On a host: exits meanwhile, or of a command");
  const auto options = std::make_shared<StatOptions>();
  AddVmOptions(command, options->host, true);
  AddRecordOptions(command, options->host);
  AddVcpuOption(command, options->host);
  AddReasonOptions(command, options->host.reason, options->host.view.reasons);
  AddIntervalOptions(command, options->interval, "Show each interval; else all until interrupted");
  AddSourceOptions(command, options->host, true);
  AddOutputOption(command, options->file);
  AddFormatOptions(command, options->format, false);
  TakesCommand(command);
  command.callback([options, &environment] {
    SettleRecord(options->host);
    RequireOtherFile(options->file, options->host.record);
    if (environment.command.empty()) {
      environment.clock.CatchStop();
      std::optional<VmIdentity> ended;
      InWorldOf(options->host, environment, [&](Environment& world) {
        WriteTo(options->file, world.out,
                [&](Output& out) { ended = Watch(*options, out, world); });
      });
      if (ended) ThrowEnded(*ended);
      return;
    }
    if (!options->host.record.empty()) {
      throw CLI::ValidationError("a command excludes FILE: a record is of what has been");
    }
    if (options->interval.IsGiven()) {
      throw CLI::ValidationError("a command excludes --interval and --count");
    }
    // What the command writes to its output is its own.
    MeasureCommand(environment, [&] {
      int status = 0;
      WriteTo(options->file, environment.err,
              [&](Output& out) { status = Measure(*options, out, environment); });
      return status;
    });
  });
  return command;
}

}  // namespace kvm_exits
