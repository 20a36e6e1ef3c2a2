// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace kvm_exits {
namespace {

constexpr size_t kMaxColumns = 32;     // columns that come later are at the end
constexpr size_t kReasonColumns = 12;  // number, name, exits, cycles, longest, states
constexpr size_t kDurationColumns = 5;
constexpr size_t kStateColumns = 4;

// What stands between blanks in a line.
struct Columns {
  std::array<std::string_view, kMaxColumns> text;
  size_t count = 0;

  explicit Columns(std::string_view line) {
    while (count < kMaxColumns) {
      const size_t begin = line.find_first_not_of(' ');
      if (begin == std::string_view::npos) break;
      line.remove_prefix(begin);
      const size_t end = std::min(line.find(' '), line.size());
      text[count++] = line.substr(0, end);
      line.remove_prefix(end);
    }
  }
};

// Calls `each` with every line.  Returns false where that does, or the last line is not
// whole.
template <typename Each>
bool ForEachLine(std::string_view text, Each each) {
  if (text.empty() || text.back() != '\n') return false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (!each(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

template <typename Number>
bool Parse(std::string_view text, Number& number, int base = 10) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && rest == end;
}

// A value that is not kept is "-".
bool ParseKept(std::string_view text, std::optional<uint64_t>& value) {
  if (text == "-") return true;
  uint64_t number = 0;
  if (!Parse(text, number)) return false;
  value = number;
  return true;
}

// The number of a reason as the manuals write it; hexadecimal is SVM's way.
struct ReasonNumber {
  uint64_t number;
  bool is_svm;
};
std::optional<ReasonNumber> ParseReasonNumber(std::string_view text) {
  uint32_t number = 0;
  if (text.starts_with("0x")) {
    if (!Parse(text.substr(2), number, 16)) return std::nullopt;
    return ReasonNumber{.number = number, .is_svm = true};
  }
  if (text.starts_with("-")) {
    int32_t negative = 0;
    if (!Parse(text, negative)) return std::nullopt;
    return ReasonNumber{.number = static_cast<uint32_t>(negative), .is_svm = true};
  }
  if (!Parse(text, number)) return std::nullopt;
  return ReasonNumber{.number = number, .is_svm = false};
}

// "# VM 167-11 of process 166, vCPU 0"
std::optional<pid_t> ParseProcess(std::string_view line) {
  constexpr std::string_view kBefore = " of process ";
  const size_t found = line.find(kBefore);
  if (!line.starts_with("# VM ") || found == std::string_view::npos) return std::nullopt;
  line.remove_prefix(found + kBefore.size());
  pid_t process = 0;
  if (!Parse(line.substr(0, line.find(',')), process) || process <= 0) return std::nullopt;
  return process;
}

bool ParseCounts(std::span<const std::string_view> columns, ReasonCount& count) {
  if (!Parse(columns[2], count.exits) || !ParseKept(columns[3], count.cycles) ||
      !ParseKept(columns[4], count.longest)) {
    return false;
  }
  for (size_t state = 0; state < kVcpuStates; ++state) {
    if (!ParseKept(columns[5 + state], count.of_state[state])) return false;
  }
  return true;
}

// Gives each reason the name that this program has for it.
bool GiveNames(ModuleReasons& parsed) {
  const ReasonTable& table = *FindReasonTable(parsed.isa);
  std::ranges::stable_sort(parsed.reasons, {},
                           [](const ReasonCount& count) { return count.reason.number; });
  uint64_t last = std::numeric_limits<uint64_t>::max();
  for (ReasonCount& count : parsed.reasons) {
    const uint64_t number = count.reason.number;
    if (number == last) return false;
    last = number;
    const ExitReason* const known = table.Find(number);
    if (known != nullptr) count.reason = *known;
  }
  return true;
}

}  // namespace

std::optional<ModuleReasons> ParseModuleReasons(std::string_view text) {
  ModuleReasons parsed{.isa = Isa::kVmx, .process = std::nullopt, .reasons = {}, .is_timed = false};
  bool is_complete = false;
  // What stands behind the name of a reason that never occurred, as of most.
  std::string_view nothing;
  const bool is_table = ForEachLine(text, [&](std::string_view line) {
    if (line.starts_with('#')) {
      if (const auto process = ParseProcess(line)) parsed.process = process;
      return true;
    }
    if (!nothing.empty() && !is_complete && line.ends_with(nothing)) return true;
    const Columns columns(line);
    if (is_complete || columns.count < kReasonColumns) return false;
    // The last line; the time that no exit has caused is in the states alone.
    if (columns.text[0] == "-" && columns.text[1] == "NO_EXIT") {
      is_complete = true;
      return true;
    }
    ReasonCount count{.reason = kUnknownReason, .exits = 0};
    if (columns.text[0] != "-") {
      const auto number = ParseReasonNumber(columns.text[0]);
      if (!number) return false;
      count.reason = {.number = number->number, .name = kUnnamed};
      if (number->is_svm) parsed.isa = Isa::kSvm;
    }
    if (!ParseCounts(columns.text, count)) return false;
    parsed.is_timed |= count.cycles.has_value();
    if (count.exits > 0 || count.cycles.value_or(0) > 0) {
      parsed.reasons.push_back(count);
    } else {
      const char* const name_end = columns.text[1].data() + columns.text[1].size();
      nothing = line.substr(static_cast<size_t>(name_end - line.data()));
    }
    return true;
  });
  if (!is_table || !is_complete || !GiveNames(parsed)) return std::nullopt;
  return parsed;
}

std::optional<ModuleStates> ParseModuleStates(std::string_view text) {
  ModuleStates parsed{.cycles = {}, .lost = 0, .khz = 0};
  const bool is_table = ForEachLine(text, [&](std::string_view line) {
    constexpr std::string_view kRate = "# cycles of ";
    constexpr std::string_view kLost = ", lost ";
    if (line.starts_with(kRate)) {
      line.remove_prefix(kRate.size());
      return line.ends_with(" kHz") && Parse(line.substr(0, line.find(' ')), parsed.khz);
    }
    if (line.starts_with("# sum ")) {
      const size_t lost = line.find(kLost);
      return lost != std::string_view::npos && Parse(line.substr(lost + kLost.size()), parsed.lost);
    }
    if (line.starts_with('#')) return true;
    const Columns columns(line);
    size_t state = 0;
    std::optional<uint64_t> open;
    if (columns.count < kStateColumns || !Parse(columns.text[0], state)) return false;
    if (state >= kVcpuStates) return true;  // one that came after this version
    if (parsed.cycles[state] || !ParseKept(columns.text[2], parsed.cycles[state]) ||
        !ParseKept(columns.text[3], open)) {
      return false;
    }
    if (open && parsed.cycles[state]) *parsed.cycles[state] += *open;
    return true;
  });
  const bool is_kept =
      std::ranges::all_of(parsed.cycles, [](const auto& cycles) { return cycles.has_value(); });
  if (!is_table || parsed.khz == 0 || !is_kept) return std::nullopt;
  return parsed;
}

std::optional<ModuleDurations> ParseModuleDurations(std::string_view text) {
  ModuleDurations parsed;
  bool is_complete = false;
  const bool is_table = ForEachLine(text, [&](std::string_view line) {
    if (line.starts_with('#')) {
      if (line.starts_with("# missed ")) is_complete = true;
      return true;
    }
    const Columns columns(line);
    if (is_complete || columns.count < kDurationColumns) return false;
    DurationBin bin{};
    auto number = std::optional(ReasonNumber{.number = kUnknownReason.number, .is_svm = false});
    if (columns.text[0] != "-") number = ParseReasonNumber(columns.text[0]);
    if (!number || !Parse(columns.text[2], bin.from) || !Parse(columns.text[3], bin.below) ||
        !Parse(columns.text[4], bin.exits) || bin.below <= bin.from) {
      return false;
    }
    if (bin.below == std::numeric_limits<uint64_t>::max()) bin.below = 0;
    Durations& durations = parsed[number->number];
    if (!durations.empty() && durations.back().from >= bin.from) return false;
    durations.push_back(bin);
    return true;
  });
  if (!is_table || !is_complete) return std::nullopt;
  return parsed;
}

}  // namespace kvm_exits
