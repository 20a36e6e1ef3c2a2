// SPDX-License-Identifier: GPL-2.0-only
#include "command/guest.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "base/file_output.h"
#include "base/regex.h"
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
  std::optional<double> interval_seconds;
  std::optional<uint64_t> max_reports;
  std::string file;
};

// Makes an option of a set of words, each of which stands for a value.
template <typename Value>
CLI::Option* AddChoice(CLI::App& command, const std::string& names, Value& value,
                       const std::map<std::string, Value>& choices, const std::string& help) {
  return command
      .add_option_function<std::string>(
          names, [&value, choices](const std::string& word) { value = choices.at(word); }, help)
      ->check(CLI::IsMember(choices).description(""));
}

// A check of the library's kind: returns what is wrong, or nothing.  Stricter
// than its conversion, to which "-1" and what is beyond 64 bits are very large
// numbers, and "010" is 8.
std::string CheckPositive(const std::string& text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end && text.front() != '0') return "";
  return "'" + text + "' is not a whole number from 1";
}

std::string CheckFile(const std::string& text) {
  return text.empty() ? "the name of a file is empty" : "";
}

std::string CheckInterval(const std::string& text) {
  constexpr double kMin = 0.01;
  constexpr double kMax = 86400;
  double seconds = 0;
  // Written so that "nan", which is a number to the parser, fails.
  if (CLI::detail::lexical_cast(text, seconds) && seconds >= kMin && seconds <= kMax) return "";
  return "'" + text + "' is not a number of seconds from 0.01 to 86400";
}

// A number is one of 32 bits, with a sign or without, in C notation.  What
// begins with a letter is a name: which ones there are, the host decides.
std::optional<WantedReason> ParseReason(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (std::isalpha(static_cast<unsigned char>(text.front())) != 0) {
    return WantedReason{.text = text, .number = std::nullopt};
  }
  int64_t number = 0;
  if (!CLI::detail::lexical_cast(text, number) || number < std::numeric_limits<int32_t>::min() ||
      number > std::numeric_limits<uint32_t>::max()) {
    return std::nullopt;
  }
  return WantedReason{.text = text, .number = static_cast<uint32_t>(number)};
}

std::string CheckFilter(const std::string& text) {
  if (text.size() > Regex::kMaxPattern) {
    return "the regular expression has more than " + std::to_string(Regex::kMaxPattern) +
           " characters";
  }
  if (!text.empty() && Regex::Parse(text)) return "";
  return "'" + text + "' is no regular expression";
}

std::string CheckReason(const std::string& text) {
  if (ParseReason(text)) return "";
  return "'" + text + "' is neither a number of 32 bits nor a name";
}

// Returns the report of `snapshot`, in which the wanted reason is.
Report ReportOf(const Snapshot& snapshot, const GuestOptions& options) {
  ReportOptions report = options.report;
  if (options.reason) {
    report.only = ResolveReason(*FindReasonTable(snapshot.vm.isa), *options.reason)->number;
  }
  return BuildReport(WithoutReader(snapshot), report);
}

// Writes the exits of each interval until there were enough reports or the
// user ends it; the last interval is then reported with the length it had.
void Watch(const GuestOptions& options, Renderer& renderer, Output& out, Environment& environment) {
  const auto interval = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      Seconds(*options.interval_seconds));
  GuestReader reader(environment.cpuid, environment.clock);
  Snapshot before = reader.Read(options.reason);
  auto deadline = before.vm.taken.steady + interval;
  bool stopped = false;
  for (uint64_t reports = 0; !stopped && reports != options.max_reports;) {
    stopped = !environment.clock.WaitUntil(deadline);
    Snapshot after = reader.Read(options.reason);
    if (const auto difference = Difference(before, after)) {
      out.Write(renderer.Render(ReportOf(*difference, options)));
      ++reports;
    } else {
      environment.err.Write(
          "kvm-exits: the counts started again (the VM was moved or restored); an interval is "
          "left out\n");
    }
    // Reports stay at multiples of the interval; those that a pause of this
    // program left out are not made up for.
    deadline += interval;
    if (deadline <= after.vm.taken.steady) deadline = after.vm.taken.steady + interval;
    before = std::move(after);
  }
}

void Show(const GuestOptions& options, Output& out, Environment& environment) {
  const std::unique_ptr<Renderer> renderer = MakeRenderer(options.format);
  if (options.interval_seconds) {
    Watch(options, *renderer, out, environment);
    return;
  }
  GuestReader reader(environment.cpuid, environment.clock);
  out.Write(renderer->Render(ReportOf(reader.Read(options.reason), options)));
}

void RunGuest(const GuestOptions& options, Environment& environment) {
  // What ends by itself at once needs no other end than any program's.
  if (options.interval_seconds) environment.clock.CatchStop();
  if (options.file.empty() || options.file == "-") {
    Show(options, environment.out, environment);
    return;
  }
  FileOutput file(options.file);
  Show(options, file, environment);
  file.Commit();
}

}  // namespace

CLI::App& AddGuestCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("guest", "Inside a guest: show its own exits, by reason");
  const auto options = std::make_shared<GuestOptions>();

  CLI::Option* const reason =
      command
          .add_option_function<std::string>(
              "--reason",
              [options](const std::string& text) { options->reason = ParseReason(text); },
              "Show only this one: number (12, -1) or name (HLT)")
          ->type_name("REASON")
          ->check(CLI::Validator(CheckReason, "", "reason"));
  command
      .add_option_function<std::string>(
          "-F,--filter",
          [options](const std::string& text) { options->report.filter = Regex::Parse(text); },
          "Show only the reasons whose name has a match")
      ->type_name("REGEX")
      ->check(CLI::Validator(CheckFilter, "", "filter"))
      ->excludes(reason);
  command.add_flag("--zeros", options->report.with_zeros, "Show also the reasons without an exit")
      ->excludes(reason);
  AddChoice<SortKey>(command, "-s,--sort", options->report.sort,
                     {{"exits", SortKey::kExits},
                      {"time", SortKey::kTime},
                      {"reason", SortKey::kReason},
                      {"name", SortKey::kName}},
                     "Sort by exits (the default), time, reason or name")
      ->type_name("KEY")
      ->excludes(reason);
  command.add_option("-l,--limit", options->report.limit, "Show only the first ROWS reasons")
      ->type_name("ROWS")
      ->check(CLI::Validator(CheckPositive, "", "positive"))
      ->excludes(reason);
  command
      .add_option("-i,--interval", options->interval_seconds,
                  "Show the exits of each interval, until interrupted")
      ->type_name("SEC")
      ->check(CLI::Validator(CheckInterval, "", "interval"));
  command
      .add_option("-n,--count", options->max_reports,
                  "End after N intervals; without -i, of 1 second")
      ->type_name("N")
      ->check(CLI::Validator(CheckPositive, "", "positive"));
  command.add_option("-o,--output", options->file, "Write to FILE, which is replaced as a whole")
      ->type_name("FILE")
      ->check(CLI::Validator(CheckFile, "", "file"));
  CLI::Option* const format = AddChoice<Format>(command, "--format", options->format,
                                                {{"table", Format::kTable},
                                                 {"json", Format::kJson},
                                                 {"csv", Format::kCsv},
                                                 {"openmetrics", Format::kOpenMetrics},
                                                 {"prometheus", Format::kPrometheus}},
                                                "table, json, csv, openmetrics or prometheus")
                                  ->type_name("FORMAT");
  CLI::Option* const json =
      command
          .add_flag_callback(
              "--json", [options] { options->format = Format::kJson; }, "Short for --format json")
          ->excludes(format);
  command
      .add_flag_callback(
          "--csv", [options] { options->format = Format::kCsv; }, "Short for --format csv")
      ->excludes(format)
      ->excludes(json);

  command.callback([options, &environment] {
    const bool has_counters =
        options->format == Format::kOpenMetrics || options->format == Format::kPrometheus;
    if (options->max_reports && !options->interval_seconds) options->interval_seconds = 1;
    if (has_counters && options->interval_seconds) {
      throw CLI::ValidationError(
          "the formats openmetrics and prometheus exclude --interval and --count: their counters "
          "are those since the VM was created");
    }
    // A counter that appears only with its first exit hides that exit from a rate.
    options->report.with_zeros |= has_counters;
    RunGuest(*options, environment);
  });
  return command;
}

}  // namespace kvm_exits
