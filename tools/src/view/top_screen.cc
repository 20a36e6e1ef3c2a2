// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "base/wrap.h"
#include "view/host_grids.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

const HostReport& Shown(const TopData& data, const TopState& state) {
  return state.shows_totals ? data.totals : data.rates;
}

std::string Path(const TopState& state) {
  std::string path = "host";
  if (state.vm) path += " > " + FitMiddle(DisplayName(*state.vm), 24);
  if (state.level == TopLevel::kVcpu || state.level == TopLevel::kReason) {
    path += state.vcpu ? fmt::format(" > vCPU {}", *state.vcpu) : " > all vCPUs";
  }
  if (state.reason) path += " > " + std::string(state.reason->name);
  return path;
}

// Left and right on one line.
void AddEnds(const std::string& left, const std::string& right, size_t columns, Style style,
             Screen& screen) {
  const size_t right_width = DisplayWidth(right);
  const std::string fit = FitWidth(left, columns - std::min(columns, right_width + 1));
  const size_t blanks = columns - std::min(columns, DisplayWidth(fit) + right_width);
  screen.Add(fit + std::string(blanks, ' ') + right, style);
}

std::string ClockTime(const HostReport& report) {
  return FormatTime(report.taken.wall).substr(11, 8) + "Z";
}

void AddHead(const TopData& data, const TopSize& size, const TopState& state, Screen& screen) {
  const HostReport& report = Shown(data, state);
  std::string mode =
      state.shows_totals ? "totals" : fmt::format("every {:g} s", state.delay_seconds);
  if (state.is_frozen) mode += "  [frozen]";
  AddEnds("kvm-exits top  " + Path(state), mode + "  " + ClockTime(report), size.columns,
          Style::kHeading, screen);
  std::string source = "source: " + report.source.name;
  if (!report.source.limits.empty()) source += "; " + report.source.limits;
  if (report.lost > 0) source += fmt::format("; {} exits were lost", report.lost);
  screen.Add(FitWidth(source, size.columns), Style::kDim);

  const HostRow* const entered = FindEntered(report, state);
  if (entered == nullptr) {
    screen.Add("");
    return;
  }
  const VmSummary& vm = entered->report.vm;
  std::string sum;
  if (!state.vm)
    sum = fmt::format("{} VM{}, ", report.vms.size(), report.vms.size() == 1 ? "" : "s");
  if (!state.vcpu) {
    sum += fmt::format("{} vCPU{}, ", entered->vcpu_count, entered->vcpu_count == 1 ? "" : "s");
  }
  sum += state.shows_totals
             ? fmt::format("{} exits", vm.exits)
             : fmt::format("{} exits/s", ShortCount(ExitsPerSecond(vm.exits, vm.period)));
  if (vm.time && AllTime(*vm.time) > 0) {
    sum += fmt::format(", {} % of the vCPUs' time in exits, but for halted",
                       ShortPercent(SharePercent(CostCycles(*vm.time), AllTime(*vm.time))));
  }
  screen.Add(FitWidth(sum, size.columns));
}

// "guest 36.1 %  kernel 1.4 % ..." with a bar below it.
void AddStates(const HostRow& row, const TopSize& size, Screen& screen) {
  constexpr std::string_view kLetters = "GKVHP";
  constexpr Style kStyles[] = {Style::kGood, Style::kWarm, Style::kBar, Style::kDim, Style::kHot};
  std::string text;
  ScreenLine bar;
  size_t used = 0;
  for (size_t i = 0; i < kTimeShares; ++i) {
    const auto percent = row.shares.percent[i];
    text += fmt::format("{}{} {} %", i > 0 ? "  " : "", kTimeShareNames[i], ShortPercent(percent));
    auto width = static_cast<size_t>(percent.value_or(0) / 100 * static_cast<double>(size.columns));
    width = std::min(width, size.columns - used);
    bar.push_back({.text = std::string(width, kLetters[i]), .style = kStyles[i]});
    used += width;
  }
  if (used == 0) return;
  screen.Add(FitWidth(text, size.columns));
  screen.lines.push_back(std::move(bar));
}

std::string HintLine(const TopState& state) {
  switch (state.prompt) {
    case TopPrompt::kFilter:
      return "filter (regular expression, empty: none): " + state.typed + "_";
    case TopPrompt::kDelay:
      return "delay in seconds: " + state.typed + "_";
    case TopPrompt::kNone:
      break;
  }
  if (!state.message.empty()) return state.message;
  if (state.page != TopPage::kTable) return "Up Down scroll  any other key: back  q quit";
  if (state.level == TopLevel::kReason) {
    return "Up Down scroll  Esc back  o totals  e explain  ? keys  q quit";
  }
  std::string hint =
      "Enter deeper  Esc back  < > sort  / filter  o totals  e explain  ? keys  q quit";
  if (!state.filter.empty()) hint = "filter: " + Printable(state.filter) + "  (c clears it)";
  return hint;
}

void AddText(const std::vector<std::string>& text, size_t lines, const TopSize& size,
             TopState& state, Screen& screen) {
  const size_t last = text.size() - std::min(text.size(), lines);
  state.scroll = std::min(state.scroll, last);
  for (size_t i = state.scroll; i < text.size() && i < state.scroll + lines; ++i) {
    screen.Add(FitWidth(text[i], size.columns));
  }
}

std::vector<std::string> HelpText() {
  std::vector<std::string> text = {"Keys", ""};
  for (size_t i = 0; i < kTopKeysCount; ++i) {
    text.push_back(fmt::format("  {:<16}{}", kTopKeys[i].keys, kTopKeys[i].what));
  }
  text.insert(text.end(),
              {"", "GST KRN VMM HLT PRE: % of the vCPUs' time in the guest, the kernel, the VMM,",
               "halted, and ready to run without a CPU. TIME%: of the time in exits.",
               "P50, P99: what half, and 99 % of the exits do not exceed."});
  return text;
}

// Adds a line, or as many as it takes.
void AddWrapped(const std::string& line, size_t columns, std::vector<std::string>& text) {
  if (DisplayWidth(line) <= columns) {
    text.push_back(line);
    return;
  }
  std::string wrapped;
  AppendWrapped(wrapped, line, "", "", columns);
  for (size_t end = wrapped.find('\n'); end != std::string::npos; end = wrapped.find('\n')) {
    text.push_back(wrapped.substr(0, end));
    wrapped.erase(0, end + 1);
  }
}

// "0.51us to 0.77us", in 16 columns.
std::string Bounds(const DurationBin& bin, uint32_t khz) {
  const std::string from = ShortTime(Microseconds(std::optional(bin.from), khz));
  if (bin.below == 0) return fmt::format("{:>6} and more ", from);
  const std::string below = ShortTime(Microseconds(std::optional(bin.below), khz));
  return fmt::format("{:>6} to {:>6}", from, below);
}

// One reason: its numbers, how long its exits take, and what they were for.
std::vector<std::string> ReasonText(const TopData& data, const TopSize& size,
                                    const TopState& state) {
  std::vector<std::string> text;
  const HostRow* const entered = FindEntered(Shown(data, state), state);
  if (entered == nullptr || !state.reason) return text;
  const auto found =
      std::ranges::find(entered->report.rows, state.reason->number,
                        [](const ReportRow& row) { return row.count.reason.number; });
  if (found == entered->report.rows.end()) {
    text.push_back("no exits for this reason meanwhile");
  } else {
    Report one = entered->report;
    one.rows = {*found};
    const Grid grid = MakeReasonGrid(one);
    text.push_back(FormatTitles(grid));
    text.push_back(FormatCells(grid, grid.rows.front()));
    if (found->count.durations && !found->count.durations->empty()) {
      text.push_back("");
      text.push_back("HOW LONG             EXITS");
      uint64_t most = 0;
      for (const DurationBin& bin : *found->count.durations) most = std::max(most, bin.exits);
      for (const DurationBin& bin : *found->count.durations) {
        text.push_back(fmt::format("{} {:>9} {}", Bounds(bin, one.vm.clock_khz), bin.exits,
                                   Bar(static_cast<double>(bin.exits), static_cast<double>(most),
                                       size.columns - 28, size.has_utf8)));
      }
    }
  }
  if (!data.accesses.empty()) {
    text.push_back("");
    for (const std::string& line : data.accesses) AddWrapped(line, size.columns, text);
  }
  return text;
}

void AddTable(const TopTable& table, size_t lines, const TopSize& size, TopState& state,
              Screen& screen) {
  screen.Add(FitWidth(FormatTitles(table.grid), size.columns), Style::kHeading);
  const size_t fit = lines - std::min<size_t>(lines, 1);
  state.rows = table.grid.rows.size();
  state.page_rows = std::max<size_t>(fit, 1);
  if (state.selected >= state.rows) state.selected = state.rows - std::min<size_t>(state.rows, 1);
  const size_t first = state.selected < fit ? 0 : state.selected - fit + 1;
  for (size_t i = first; i < state.rows && i < first + fit; ++i) {
    if (i == state.selected) {
      const std::string text = FitWidth(FormatCells(table.grid, table.grid.rows[i]), size.columns);
      const size_t blanks = size.columns - std::min(size.columns, DisplayWidth(text));
      screen.Add(text + std::string(blanks, ' '), Style::kSelected);
      continue;
    }
    // The bar apart, as it has a colour.
    const std::vector<std::string>& cells = table.grid.rows[i];
    const size_t bar = table.bar_column;
    screen.lines.push_back(
        {{.text = FormatCells(table.grid, cells, 0, bar) + " "},
         {.text = FormatCells(table.grid, cells, bar, bar + 1), .style = Style::kBar},
         {.text = " " + FormatCells(table.grid, cells, bar + 1, cells.size())}});
  }
  if (state.rows == 0) {
    screen.Add(state.filter.empty() ? "nothing to show yet" : "nothing matches the filter",
               Style::kDim);
  }
}

}  // namespace

Screen MakeTopScreen(const TopData& data, const TopTable& table, const TopSize& size,
                     TopState& state) {
  Screen screen;
  if (size.columns < kMinTopColumns || size.lines < kMinTopLines) {
    screen.Add(fmt::format("at least {}x{}, please", kMinTopColumns, kMinTopLines));
    return screen;
  }
  AddHead(data, size, state, screen);
  const HostRow* const entered = FindEntered(Shown(data, state), state);
  if (state.page == TopPage::kTable && state.shows_states && entered != nullptr) {
    AddStates(*entered, size, screen);
  }
  screen.Add("");
  const size_t left = size.lines - screen.lines.size() - 1;
  if (state.page == TopPage::kHelp) {
    AddText(HelpText(), left, size, state, screen);
  } else if (state.page == TopPage::kExplain) {
    AddText(data.explanation, left, size, state, screen);
  } else if (state.level == TopLevel::kReason) {
    state.rows = 0;
    state.page_rows = left;
    AddText(ReasonText(data, size, state), left, size, state, screen);
  } else {
    AddTable(table, left, size, state, screen);
  }
  screen.lines.resize(size.lines - 1);
  screen.Add(FitWidth(HintLine(state), size.columns), Style::kHeading);
  return screen;
}

}  // namespace kvm_exits
