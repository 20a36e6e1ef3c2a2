// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_OPTIONS_H_
#define KVM_EXITS_COMMAND_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/exit_reason_names.h"
#include "view/format.h"
#include "view/report.h"

// The options that several commands have, with the same letters and the same meaning.
namespace kvm_exits {

// Makes an option of a set of words, each of which stands for a value.
template <typename Value>
CLI::Option* AddChoice(CLI::App& command, const std::string& names, Value& value,
                       const std::map<std::string, Value>& choices, const std::string& help) {
  return command
      .add_option_function<std::string>(
          names, [&value, choices](const std::string& word) { value = choices.at(word); }, help)
      ->check(CLI::Validator(
          [choices](const std::string& word) {
            std::string words;
            for (const auto& [name, choice] : choices) words += (words.empty() ? "" : ", ") + name;
            return choices.contains(word) ? "" : "'" + word + "' is none of " + words;
          },
          "", "choice"));
}

// Which reasons to show, and in which order.  What these options are stored in must
// live as long as `command`, here and below.
void AddReasonOptions(CLI::App& command, std::optional<WantedReason>& reason,
                      ReportOptions& report);

// What a user types for an exit reason: nothing where it can be none.
std::optional<WantedReason> ParseReason(const std::string& text);

// Says that `text` names no exit reason of the extension.
[[noreturn]] void ThrowNoReason(const std::string& text, Isa isa);

// The end of the next interval after `deadline`: reports stay at multiples of it.  Those that are
// over at `now`, as a pause of this program left them out, are not made up for.
std::chrono::steady_clock::time_point NextDeadline(std::chrono::steady_clock::time_point deadline,
                                                   std::chrono::steady_clock::duration interval,
                                                   std::chrono::steady_clock::time_point now);

struct IntervalOptions {
  std::optional<double> seconds;
  std::optional<uint64_t> count;

  bool IsGiven() const { return seconds || count; }
  // That of -i, or 1 second.
  std::chrono::steady_clock::duration Length() const;
};
void AddIntervalOptions(CLI::App& command, IntervalOptions& interval, const std::string& help);

void AddOutputOption(CLI::App& command, std::string& file);

// --format, --json and --csv.  `with_metrics`: those of Prometheus too.
void AddFormatOptions(CLI::App& command, Format& format, bool with_metrics);

// Checks of the library's kind: return what is wrong, or nothing.
std::string CheckPositive(const std::string& text);
std::string CheckInterval(const std::string& text);
std::string CheckFilter(const std::string& text);
std::string CheckFile(const std::string& text);
// A number from `min` to `max`; "nan" is none.
CLI::Validator CheckNumber(double min, double max);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_OPTIONS_H_
