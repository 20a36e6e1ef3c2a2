// SPDX-License-Identifier: GPL-2.0-only
#include "command/report.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/printable.h"
#include "command/options.h"
#include "command/recorded_host.h"
#include "command/to_output.h"
#include "model/intervals.h"
#include "model/vm_selection.h"
#include "source/record_file.h"
#include "source/replay.h"
#include "view/history_report.h"

namespace kvm_exits {
namespace {

// Intervals that are so many times as long as they should be are told; the longest ones, where
// there are many.
constexpr double kGap = 10;
constexpr size_t kMaxGaps = 1000;

struct ReportCommandOptions {
  std::string record;
  WantedVm vm;
  RecordRange range;
  bool html = false;
  bool json = false;
  std::string file;
};

// A line on a terminal that says how far a long record is read, and goes with this.
class Progress {
 public:
  explicit Progress(Output& err) : err_(err) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (is_shown_) err_.Write("\r\x1b[K");
  }

  void Tell(std::chrono::system_clock::time_point at) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(500);
    is_shown_ = true;
    err_.Write("\rkvm-exits: reading the record, at " + FormatTime(at));
  }

 private:
  Output& err_;
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

HistoryReport ReadHistory(const ReportCommandOptions& options, Output& err) {
  RequireRecord(options.record);
  Replay replay(options.record, options.range);
  const RecordHeader& header = replay.Header();
  HistoryReport report{
      // Who gets a page need not know where the file was.
      .file =
          options.html ? std::filesystem::path(options.record).filename().string() : options.record,
      .host = header.host,
      .kernel = header.kernel,
      .source = {.name = header.source, .limits = {}},
      .vm = options.vm.any,
      .begin = replay.Now(),
      .end = {},
      .samples = 1,
      .problem = {},
      .clock_set = {},
      .gaps = {},
      .history = History(Seconds(header.interval_seconds), kHistoryPoints, kHistoryVmPoints)};
  // Nothing of a report is of one vCPU.
  const auto host = [&replay] { return Select(replay.Host(), {.durations = true}); };
  Intervals intervals(host(), options.vm);
  Seconds gap = kGap * Seconds(header.interval_seconds);
  Instant last = report.begin;
  {
    Progress progress(err);
    while (replay.Next()) {
      const Seconds begin = last.steady - report.begin.steady;
      const Seconds length = replay.Now().steady - last.steady;
      last = replay.Now();
      ++report.samples;
      // Where the VM is not there, no time of it passes.
      const auto difference = intervals.Next(host());
      if (difference) report.history.Add(begin, *difference);
      if (length > gap) report.gaps.push_back({.begin = begin, .length = length});
      while (report.gaps.size() > kMaxGaps) {
        gap *= 2;
        std::erase_if(report.gaps, [&](const auto& each) { return each.length <= gap; });
      }
      progress.Tell(last.wall);
    }
  }
  if (!intervals.HasMeant()) {
    throw Error("there is no VM '" + Printable(options.vm.any) + "' in " + options.record +
                " at that time: 'kvm-exits report FILE' shows its VMs");
  }
  if (report.samples < 2) {
    throw Error(options.record + " has one sample from there to there, of " +
                FormatTime(report.begin.wall) + ", and nothing between two");
  }
  // As all points are by the clock that nobody sets
  constexpr std::chrono::steady_clock::duration kLongest = std::chrono::hours(24 * 365 * 100);
  report.end = {
      .steady = last.steady,
      .wall = report.begin.wall + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                      std::min(last.steady - report.begin.steady, kLongest))};
  report.clock_set = last.wall - report.end.wall;
  report.source.limits = replay.Limits();
  report.problem = replay.Problem();
  TellProblem(replay, options.record, err);
  return report;
}

}  // namespace

CLI::App& AddReportCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("report", "What happened over the time of a record");
  const auto options = std::make_shared<ReportCommandOptions>();
  command.add_option("FILE", options->record, "A record")->type_name("")->required();
  CLI::Option* const vm =
      command.add_option("VM", options->vm.any, "Only the VM of this name, id or process")
          ->type_name("");
  AddRangeOptions(command, options->range);
  AddOutputOption(command, options->file);
  CLI::Option* const html =
      command.add_flag("--html", options->html, "Write a page for a browser, whole in one file");
  command.add_flag("--json", options->json, "Write JSON")->excludes(html);
  command.callback([options, vm, &environment] {
    if (vm->count() > 0 && options->vm.any.empty()) {
      throw CLI::ValidationError("VM: '' is the name of none");
    }
    const bool is_standard = options->file.empty() || options->file == "-";
    if (options->html && is_standard && isatty(STDOUT_FILENO) != 0) {
      throw CLI::ValidationError("--html is not for a terminal: -o FILE says where to write it");
    }
    RequireOtherFile(options->file, options->record);
    WriteTo(options->file, environment.out, [&](Output& out) {
      const HistoryReport report = ReadHistory(*options, environment.err);
      out.Write(options->html   ? FormatHistoryPage(report)
                : options->json ? FormatHistoryJson(report)
                                : FormatHistory(report, environment.columns));
    });
  });
  return command;
}

}  // namespace kvm_exits
