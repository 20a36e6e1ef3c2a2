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

std::string CheckReason(const std::string& text) {
  if (ParseReason(text)) return "";
  return "'" + text + "' is neither a number of 32 bits nor a name";
}

// Writes the exits of each interval until there were enough reports or the
// user ends it; the last interval is then reported with the length it had.
void Watch(const GuestOptions& options, Renderer& renderer, Environment& environment) {
  const auto interval = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      Seconds(*options.interval_seconds));
  Snapshot before = ReadGuestSnapshot(environment.cpuid, environment.clock, options.reason);
  auto deadline = before.vm.taken.steady + interval;
  bool stopped = false;
  for (uint64_t reports = 0; !stopped && reports != options.max_reports;) {
    stopped = !environment.clock.WaitUntil(deadline);
    Snapshot after = ReadGuestSnapshot(environment.cpuid, environment.clock, options.reason);
    if (const auto difference = Difference(before, after)) {
      environment.out.Write(renderer.Render(BuildReport(*difference, options.report)));
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

void RunGuest(const GuestOptions& options, Environment& environment) {
  const std::unique_ptr<Renderer> renderer = MakeRenderer(options.format);
  if (options.interval_seconds) {
    Watch(options, *renderer, environment);
    return;
  }
  const Snapshot snapshot = ReadGuestSnapshot(environment.cpuid, environment.clock, options.reason);
  environment.out.Write(renderer->Render(BuildReport(snapshot, options.report)));
}

}  // namespace

CLI::App& AddGuestCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand(
      "guest", "Inside a guest: show the exits of this virtual machine, by exit reason");
  const auto options = std::make_shared<GuestOptions>();

  CLI::Option* const reason =
      command
          .add_option_function<std::string>(
              "--reason",
              [options](const std::string& text) { options->reason = ParseReason(text); },
              "Show only this exit reason: its number (12, 0x72, -1) or its name (HLT)")
          ->type_name("REASON")
          ->check(CLI::Validator(CheckReason, "", "reason"));
  AddChoice<SortKey>(
      command, "-s,--sort", options->report.sort,
      {{"exits", SortKey::kExits}, {"reason", SortKey::kReason}, {"name", SortKey::kName}},
      "Sort by exits (most first; the default), reason or name")
      ->type_name("KEY")
      ->excludes(reason);
  command.add_option("-n,--rows", options->report.max_rows, "Show only the first N reasons")
      ->type_name("N")
      ->check(CLI::Validator(CheckPositive, "", "positive"))
      ->excludes(reason);
  command.add_flag("--all", options->report.with_zeros, "Show also the reasons without an exit")
      ->excludes(reason);
  AddChoice<Format>(command, "-o,--format", options->format,
                    {{"table", Format::kTable},
                     {"json", Format::kJson},
                     {"csv", Format::kCsv},
                     {"openmetrics", Format::kOpenMetrics}},
                    "Write a table (the default), json, csv or openmetrics")
      ->type_name("FORMAT");
  CLI::Option* const interval =
      command
          .add_option("-i,--interval", options->interval_seconds,
                      "Show the exits of every interval of this length, until interrupted")
          ->type_name("SECONDS")
          ->check(CLI::Validator(CheckInterval, "", "interval"));
  command.add_option("-c,--count", options->max_reports, "End after N intervals")
      ->type_name("N")
      ->check(CLI::Validator(CheckPositive, "", "positive"))
      ->needs(interval);

  command.callback([options, &environment] {
    const bool is_openmetrics = options->format == Format::kOpenMetrics;
    if (is_openmetrics && options->interval_seconds) {
      throw CLI::ValidationError(
          "--format openmetrics excludes --interval: its counters are those since the VM was "
          "created");
    }
    // A reason asked for is an answer even when it is zero, and a counter that
    // appears only with its first exit hides that exit from a rate.
    options->report.with_zeros |= options->reason.has_value() || is_openmetrics;
    RunGuest(*options, environment);
  });
  return command;
}

}  // namespace kvm_exits
