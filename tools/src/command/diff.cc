// SPDX-License-Identifier: GPL-2.0-only
#include "command/diff.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/printable.h"
#include "command/options.h"
#include "command/recorded_host.h"
#include "command/to_output.h"
#include "model/intervals.h"
#include "model/vm_selection.h"
#include "source/record_file.h"
#include "source/replay.h"
#include "view/comparison_report.h"
#include "view/host_report.h"

namespace kvm_exits {
namespace {

constexpr int kHasFailed = 3;

struct DiffOptions {
  std::string a;
  std::string b;
  WantedVm vm;
  std::optional<double> fail_above;
  double min_share = 1;
  std::optional<size_t> limit;
  bool json = false;
  std::string file;
};

// A file, and which part of it
struct WantedTime {
  std::string file;
  RecordRange range;
};

// "FILE" or "FILE@BEGIN..END", either of which may be missing.  Nothing where it is neither.
std::optional<WantedTime> ParseWantedTime(const std::string& text) {
  const size_t at = text.rfind('@');
  std::error_code error;
  const std::string range = at != std::string::npos ? text.substr(at + 1) : "";
  const size_t dots = range.find("..");
  if (dots == std::string::npos || std::filesystem::exists(text, error)) {
    return WantedTime{.file = text, .range = {}};
  }
  WantedTime wanted{.file = text.substr(0, at), .range = {}};
  const auto parse = [](const std::string& word, std::optional<RecordTime>& time) {
    if (!word.empty()) time = ParseRecordTime(word);
    return word.empty() || time;
  };
  if (!parse(range.substr(0, dots), wanted.range.begin) ||
      !parse(range.substr(dots + 2), wanted.range.end)) {
    return std::nullopt;
  }
  return wanted;
}

std::string CheckTime(const std::string& text) {
  if (ParseWantedTime(text)) return "";
  return "'" + text + "' is neither FILE nor FILE@BEGIN..END, as FILE@+0..+60";
}

// "2x" or "2"
std::optional<double> ParseFactor(std::string text) {
  if (text.ends_with('x')) text.pop_back();
  double factor = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, factor);
  constexpr double kMax = 1e6;
  if (error != std::errc() || rest != end || !(factor > 1 && factor <= kMax)) return std::nullopt;
  return factor;
}

std::string CheckFactor(const std::string& text) {
  if (ParseFactor(text)) return "";
  return "'" + text + "' is no factor above 1, as 2x";
}

struct Course {
  ComparedTime time;
  std::optional<Isa> isa;
  ExitCourse exits;
};

Course ReadCourse(const std::string& text, const WantedVm& vm, Output& err) {
  const WantedTime wanted = ParseWantedTime(text).value_or(WantedTime{});
  RequireRecord(wanted.file);
  Replay replay(wanted.file, wanted.range);
  Course course{
      .time = {.file = text, .source = replay.Header().source, .begin = replay.Now(), .end = {}},
      .isa = {},
      .exits = {}};
  Intervals intervals(replay.Host(), vm);
  while (replay.Next()) {
    // Where the VM is not there, no time of it passes.
    const auto difference = intervals.Next(replay.Host());
    if (difference) course.exits.Add(AllExits(*difference), difference->snapshot.period->count());
  }
  if (!intervals.HasMeant()) {
    throw Error("there is no VM '" + Printable(vm.any) + "' in " + text);
  }
  course.time.end = replay.Now();
  course.time.seconds = course.exits.Length();
  course.isa = intervals.Last().isa;
  TellProblem(replay, wanted.file, err);
  if (course.exits.Length() <= 0) {
    throw Error(text + " has one sample in that time, and nothing between two");
  }
  return course;
}

void Diff(const DiffOptions& options, Output& out, Environment& environment) {
  const Course a = ReadCourse(options.a, options.vm, environment.err);
  const Course b = ReadCourse(options.b, options.vm, environment.err);
  if (a.isa && b.isa && a.isa != b.isa) {
    throw Error("the exit reasons of " + std::string(IsaName(*a.isa)) + " are not those of " +
                std::string(IsaName(*b.isa)) + ": these are records of unlike hosts");
  }
  ComparisonReport report{.a = a.time,
                          .b = b.time,
                          .isa = a.isa ? a.isa : b.isa,
                          .vm = options.vm.any,
                          .all = Compare(a.exits.All(), b.exits.All()),
                          .reasons = Compare(a.exits, b.exits),
                          .fail_above = options.fail_above,
                          .min_share_percent = options.min_share,
                          .limit = options.limit};
  if (a.time.source != b.time.source) {
    // BPF does not know what is halted.
    ForgetCost(report.all);
    std::ranges::for_each(report.reasons, ForgetCost);
  }
  out.Write(options.json ? FormatComparisonJson(report)
                         : FormatComparison(report, environment.columns));
  if (report.HasFailed()) environment.status = kHasFailed;
}

}  // namespace

CLI::App& AddDiffCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("diff", "What changed between two records");
  const auto options = std::make_shared<DiffOptions>();
  const auto add_time = [&](const char* name, std::string& text, const char* help) {
    command.add_option(name, text, help)
        ->type_name("")
        ->required()
        ->check(CLI::Validator(CheckTime, "", "record"));
  };
  add_time("A", options->a, "A record, or a time of one: FILE@BEGIN..END");
  add_time("B", options->b, "Another one");
  command.add_option("VM", options->vm.any, "Only the VM of this name, id or process")
      ->type_name("");
  command
      .add_option_function<std::string>(
          "--fail-above",
          [options](const std::string& text) { options->fail_above = ParseFactor(text); },
          "Exit with 3 where something grew to FACTOR times")
      ->type_name("FACTOR")
      ->check(CLI::Validator(CheckFactor, "", "factor"));
  command
      .add_option("--min-share", options->min_share, "... of a reason that has PERCENT of all (1)")
      ->type_name("PERCENT")
      ->check(CheckNumber(0, 100));
  command.add_option("-l,--limit", options->limit, "Show only the first ROWS reasons")
      ->type_name("ROWS")
      ->check(CLI::Validator(CheckPositive, "", "positive"));
  AddOutputOption(command, options->file);
  command.add_flag("--json", options->json, "Write JSON");
  command.callback([options, &environment] {
    for (const std::string& text : {options->a, options->b}) {
      RequireOtherFile(options->file, ParseWantedTime(text).value_or(WantedTime{}).file);
    }
    WriteTo(options->file, environment.out, [&](Output& out) { Diff(*options, out, environment); });
  });
  return command;
}

}  // namespace kvm_exits
