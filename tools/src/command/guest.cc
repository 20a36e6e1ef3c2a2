// SPDX-License-Identifier: GPL-2.0-only
#include "command/guest.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/process.h"
#include "command/measured_command.h"
#include "command/options.h"
#include "command/to_output.h"
#include "model/exit_reason_names.h"
#include "source/guest_reader.h"
#include "view/format.h"
#include "view/report.h"

namespace kvm_exits {
namespace {

struct GuestOptions {
  std::optional<WantedReason> reason;
  ReportOptions report;
  Format format = Format::kTable;
  IntervalOptions interval;
  std::string file;
};

// Returns the report of `snapshot`, in which the wanted reason is.
Report ReportOf(const Snapshot& snapshot, const GuestOptions& options) {
  ReportOptions report = options.report;
  if (options.reason) {
    report.only = ResolveReason(*FindReasonTable(snapshot.vm.isa), *options.reason)->number;
  }
  return BuildReport(snapshot, report);
}

// Writes the exits of each interval until there were enough reports or the
// user ends it; the last interval is then reported with the length it had.
void Watch(const GuestOptions& options, Renderer& renderer, Output& out, Environment& environment) {
  const auto interval = options.interval.Length();
  GuestReader reader(environment.cpuid, environment.clock);
  Snapshot before = reader.Read(options.reason);
  auto deadline = before.vm.taken.steady + interval;
  bool stopped = false;
  for (uint64_t reports = 0; !stopped && reports != options.interval.count;) {
    stopped = !environment.clock.WaitUntil(deadline);
    Snapshot after = reader.Read(options.reason);
    if (const auto difference = Difference(before, after)) {
      out.Write(renderer.Render(ReportOf(WithoutReader(*difference), options)));
      ++reports;
    } else {
      environment.err.Write(
          "kvm-exits: the counts started again (the VM was moved or restored); an interval is "
          "left out\n");
    }
    deadline = NextDeadline(deadline, interval, after.vm.taken.steady);
    before = std::move(after);
  }
}

void Show(const GuestOptions& options, Output& out, Environment& environment) {
  const std::unique_ptr<Renderer> renderer = MakeRenderer(options.format);
  if (options.interval.IsGiven()) {
    Watch(options, *renderer, out, environment);
    return;
  }
  GuestReader reader(environment.cpuid, environment.clock);
  out.Write(renderer->Render(ReportOf(WithoutReader(reader.Read(options.reason)), options)));
}

// What a command costs that does nothing: the least of a few.  Nothing where there is no
// such command.
std::optional<Snapshot> MeasureStart(GuestReader& reader) {
  constexpr int kTimes = 3;
  std::optional<Snapshot> least;
  for (int i = 0; i < kTimes; ++i) {
    std::string error;
    const Snapshot before = reader.Read(std::nullopt);
    if (RunCommand({"true"}, error) != 0) return std::nullopt;
    const auto cost = Difference(before, reader.Read(std::nullopt));
    if (!cost) return std::nullopt;
    const Snapshot start = WithoutReader(*cost);
    least = least ? Least(*least, start) : start;
  }
  return least;
}

// Writes what the guest's exits were while the command ran.  Returns its exit status.
int Measure(const GuestOptions& options, Output& out, Environment& environment) {
  GuestReader reader(environment.cpuid, environment.clock);
  const std::optional<Snapshot> start = MeasureStart(reader);
  const Snapshot before = reader.Read(options.reason);
  std::string error;
  const int status = RunCommand(environment.command, error);
  if (!error.empty()) throw CommandFailed(error, status);
  auto cost = Difference(before, reader.Read(options.reason));
  if (!cost) {
    throw Error("the counts started again (the VM was moved or restored) while the command ran");
  }
  *cost = WithoutReader(*cost);
  if (start) TakeOffStart(*start, *cost);
  out.Write(MakeRenderer(options.format)->Render(ReportOf(*cost, options)));
  return status;
}

}  // namespace

CLI::App& AddGuestCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("guest", "Inside a guest: show its own exits, by reason");
  const auto options = std::make_shared<GuestOptions>();

  AddReasonOptions(command, options->reason, options->report);
  AddIntervalOptions(command, options->interval,
                     "Show the exits of each interval, until interrupted");
  AddOutputOption(command, options->file);
  AddFormatOptions(command, options->format, true);
  TakesCommand(command);

  command.callback([options, &environment] {
    const bool has_counters =
        options->format == Format::kOpenMetrics || options->format == Format::kPrometheus;
    const bool is_command = !environment.command.empty();
    if (has_counters && (options->interval.IsGiven() || is_command)) {
      throw CLI::ValidationError(
          "the formats openmetrics and prometheus exclude --interval, --count and a command: "
          "their counters are those since the VM was created");
    }
    if (is_command && options->interval.IsGiven()) {
      throw CLI::ValidationError("a command excludes --interval and --count");
    }
    // A counter that appears only with its first exit hides that exit from a rate.
    options->report.with_zeros |= has_counters;
    if (is_command) {
      // What the command writes to its output is its own.
      MeasureCommand(environment, [&] {
        int status = 0;
        WriteTo(options->file, environment.err,
                [&](Output& out) { status = Measure(*options, out, environment); });
        return status;
      });
      return;
    }
    // What ends by itself at once needs no other end than any program's.
    if (options->interval.IsGiven()) environment.clock.CatchStop();
    WriteTo(options->file, environment.out, [&](Output& out) { Show(*options, out, environment); });
  });
  return command;
}

}  // namespace kvm_exits
