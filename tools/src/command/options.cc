// SPDX-License-Identifier: GPL-2.0-only
#include "command/options.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <chrono>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/regex.h"

namespace kvm_exits {
namespace {

std::string CheckReason(const std::string& text) {
  if (ParseReason(text)) return "";
  return "'" + text + "' is neither a number of 32 bits nor a name";
}

}  // namespace

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

void ThrowNoReason(const std::string& text, Isa isa) {
  throw Error(text + " is not an exit reason of " + std::string(IsaName(isa)) +
              ": 'kvm-exits explain' lists them");
}

std::chrono::steady_clock::time_point NextDeadline(std::chrono::steady_clock::time_point deadline,
                                                   std::chrono::steady_clock::duration interval,
                                                   std::chrono::steady_clock::time_point now) {
  deadline += interval;
  return deadline <= now ? now + interval : deadline;
}

// Stricter than the library's conversion, to which "-1" and what is beyond 64 bits are
// very large numbers, and "010" is 8.
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

std::string CheckFile(const std::string& text) {
  return text.empty() ? "the name of a file is empty" : "";
}

CLI::Validator CheckNumber(double min, double max) {
  return {[min, max](const std::string& text) -> std::string {
            double number = 0;
            if (CLI::detail::lexical_cast(text, number) && number >= min && number <= max)
              return "";
            return fmt::format("'{}' is not a number from {} to {}", text, min, max);
          },
          "", "number"};
}

std::string CheckFilter(const std::string& text) {
  if (text.size() > Regex::kMaxPattern) {
    return "the regular expression has more than " + std::to_string(Regex::kMaxPattern) +
           " characters";
  }
  if (!text.empty() && Regex::Parse(text)) return "";
  return "'" + text + "' is no regular expression";
}

void AddReasonOptions(CLI::App& command, std::optional<WantedReason>& reason,
                      ReportOptions& report) {
  CLI::Option* const only =
      command
          .add_option_function<std::string>(
              "--reason", [&reason](const std::string& text) { reason = ParseReason(text); },
              "Show only this one: number (12, -1) or name (HLT)")
          ->type_name("REASON")
          ->check(CLI::Validator(CheckReason, "", "reason"));
  command
      .add_option_function<std::string>(
          "-F,--filter", [&report](const std::string& text) { report.filter = Regex::Parse(text); },
          "Show only the reasons whose name has a match")
      ->type_name("REGEX")
      ->check(CLI::Validator(CheckFilter, "", "filter"))
      ->excludes(only);
  command.add_flag("--zeros", report.with_zeros, "Show also the reasons without an exit")
      ->excludes(only);
  AddChoice<SortKey>(command, "-s,--sort", report.sort,
                     {{"exits", SortKey::kExits},
                      {"time", SortKey::kTime},
                      {"reason", SortKey::kReason},
                      {"name", SortKey::kName}},
                     "Sort by exits (the default), time, reason or name")
      ->type_name("KEY")
      ->excludes(only);
  command.add_option("-l,--limit", report.limit, "Show only the first ROWS reasons")
      ->type_name("ROWS")
      ->check(CLI::Validator(CheckPositive, "", "positive"))
      ->excludes(only);
}

std::chrono::steady_clock::duration IntervalOptions::Length() const {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      Seconds(seconds.value_or(1)));
}

void AddIntervalOptions(CLI::App& command, IntervalOptions& interval, const std::string& help) {
  command.add_option("-i,--interval", interval.seconds, help)
      ->type_name("SEC")
      ->check(CLI::Validator(CheckInterval, "", "interval"));
  command
      .add_option("-n,--count", interval.count, "End after N intervals; without -i, of 1 second")
      ->type_name("N")
      ->check(CLI::Validator(CheckPositive, "", "positive"));
}

void AddOutputOption(CLI::App& command, std::string& file) {
  command.add_option("-o,--output", file, "Write to FILE, which is replaced as a whole")
      ->type_name("FILE")
      ->check(CLI::Validator(CheckFile, "", "file"));
}

void AddFormatOptions(CLI::App& command, Format& format, bool with_metrics) {
  std::map<std::string, Format> choices = {
      {"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}};
  std::string help = "table, json or csv";
  if (with_metrics) {
    choices.insert({{"openmetrics", Format::kOpenMetrics}, {"prometheus", Format::kPrometheus}});
    help = "table, json, csv, openmetrics or prometheus";
  }
  CLI::Option* const any =
      AddChoice<Format>(command, "--format", format, choices, help)->type_name("FORMAT");
  CLI::Option* const json =
      command
          .add_flag_callback(
              "--json", [&format] { format = Format::kJson; }, "Short for --format json")
          ->excludes(any);
  command
      .add_flag_callback(
          "--csv", [&format] { format = Format::kCsv; }, "Short for --format csv")
      ->excludes(any)
      ->excludes(json);
}

}  // namespace kvm_exits
