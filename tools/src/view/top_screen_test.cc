// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_screen.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "base/printable.h"
#include "view/top_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr TopSize kSmall = {.columns = 80, .lines = 24, .has_utf8 = true};
constexpr TopSize kSizes[] = {kSmall,
                              {.columns = 200, .lines = 60, .has_utf8 = true},
                              {.columns = 81, .lines = 25, .has_utf8 = false},
                              {.columns = 1000, .lines = 500, .has_utf8 = true}};

std::vector<std::string> Lines(const TopData& data, const TopSize& size, TopState& state) {
  const HostReport& shown = state.shows_totals ? data.totals : data.rates;
  const TopTable table =
      MakeTopTable(shown, state, {.columns = size.columns, .has_utf8 = size.has_utf8});
  std::vector<std::string> lines;
  for (const ScreenLine& line : MakeTopScreen(data, table, size, state).lines) {
    lines.push_back(PlainText(line));
  }
  return lines;
}

// All that there is to show of a host, on each level.
void ExpectFits(const TopData& data) {
  for (const TopSize& size : kSizes) {
    for (const TopLevel level :
         {TopLevel::kHost, TopLevel::kVm, TopLevel::kVcpu, TopLevel::kReason}) {
      for (const TopPage page : {TopPage::kTable, TopPage::kHelp, TopPage::kExplain}) {
        for (const bool totals : {false, true}) {
          TopState state{.page = page, .shows_totals = totals};
          EnterTop(level, data.rates, state);
          state.is_frozen = totals;
          state.typed = std::string(64, 'x');
          state.prompt = totals ? TopPrompt::kFilter : TopPrompt::kNone;
          state.message = totals ? "" : std::string(300, 'm');
          const std::vector<std::string> lines = Lines(data, size, state);
          EXPECT_EQ(lines.size(), size.lines);
          for (const std::string& line : lines) {
            EXPECT_LE(DisplayWidth(line), size.columns) << line;
            EXPECT_EQ(line.find('\n'), std::string::npos) << line;
          }
        }
      }
    }
  }
}

TEST(TopScreen, FitsWhateverThereIs) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  std::vector<std::pair<std::string, uint64_t>> vms;
  ExpectFits(MakeTopData(vms));
  vms.emplace_back(std::string(200, 'W'), 1);
  vms.emplace_back("\x1b[31m\n\xff\u30c6\u30b9\u30c8\u6a5f\u306e\u540d\u524d", kMost / 16);
  vms.emplace_back("", 0);
  for (int i = 0; i < 100; ++i) vms.emplace_back("vm-" + std::to_string(i), 1000);
  TopData data = MakeTopData(vms);
  data.accesses = {std::string(300, 'a'), "some words " + std::string(100, 'b') + " and more", ""};
  data.explanation.assign(700, std::string(120, 'e'));
  for (HostReport* const report : {&data.rates, &data.totals}) {
    report->source = {.name = "bpf", .limits = std::string(200, 'l')};
    report->lost = kMost;
    for (HostRow& row : report->vms) {
      row.identity.pid = 4194304;
      row.vcpu_count = 4096;
    }
  }
  ExpectFits(data);
}

TEST(TopScreen, IsOneLineWhereThereIsNoRoom) {
  const TopData data = MakeTopData({{"web", 5}});
  for (const TopSize& size : {TopSize{.columns = 79, .lines = 24, .has_utf8 = true},
                              TopSize{.columns = 80, .lines = 23, .has_utf8 = true},
                              TopSize{.columns = 0, .lines = 0, .has_utf8 = false}}) {
    TopState state;
    EXPECT_EQ(Lines(data, size, state), std::vector<std::string>{"at least 80x24, please"});
  }
}

TEST(TopScreen, SaysWhereOneIs) {
  const TopData data = MakeTopData({{"web", 5}});
  TopState state;
  EXPECT_THAT(Lines(data, kSmall, state)[0], StartsWith("kvm-exits top  host  "));
  EnterTop(TopLevel::kReason, data.rates, state);
  state.is_frozen = true;
  const std::string head = Lines(data, kSmall, state)[0];
  EXPECT_THAT(head, StartsWith("kvm-exits top  host > web > vCPU 0 > HLT"));
  EXPECT_THAT(head, HasSubstr("every 1 s  [frozen]  14:02:37Z"));
  EXPECT_EQ(DisplayWidth(head), 80U);
  state.vcpu.reset();
  EXPECT_THAT(Lines(data, kSmall, state)[0], StartsWith("kvm-exits top  host > web > all vCPUs >"));
}

TEST(TopScreen, KeepsTheSelectedRowInSight) {
  std::vector<std::pair<std::string, uint64_t>> vms;
  for (uint64_t i = 0; i < 100; ++i) vms.emplace_back("vm-" + std::to_string(i), 1000 - i);
  const TopData data = MakeTopData(vms);
  TopState state;
  for (const size_t selected : {size_t{0}, size_t{14}, size_t{15}, size_t{50}, size_t{99}}) {
    state.selected = selected;
    const std::string name = "vm-" + std::to_string(selected) + " ";
    EXPECT_THAT(Lines(data, kSmall, state), ::testing::Contains(StartsWith(name)));
    EXPECT_EQ(state.selected, selected);
  }
  EXPECT_EQ(state.rows, 100U);
  // The rows became fewer meanwhile.
  state.selected = 1000;
  Lines(data, kSmall, state);
  EXPECT_EQ(state.selected, 99U);
  Lines(MakeTopData({}), kSmall, state);
  EXPECT_EQ(state.selected, 0U);
}

TEST(TopScreen, ScrollsTextToItsEnd) {
  TopData data = MakeTopData({{"web", 5}});
  for (int i = 0; i < 100; ++i) data.explanation.push_back("line " + std::to_string(i));
  TopState state{.page = TopPage::kExplain, .scroll = 10000};
  const std::vector<std::string> lines = Lines(data, kSmall, state);
  EXPECT_EQ(lines[22], "line 99");
  EXPECT_EQ(lines[4], "line 81");
  EXPECT_EQ(state.scroll, 81U);
}

TEST(TopScreen, HasAllKeysInItsHelp) {
  TopState state{.page = TopPage::kHelp};
  std::string text;
  for (const std::string& line :
       Lines(MakeTopData({}), {.columns = 80, .lines = 60, .has_utf8 = true}, state)) {
    text += line + "\n";
  }
  for (size_t i = 0; i < kTopKeysCount; ++i) EXPECT_THAT(text, HasSubstr(kTopKeys[i].what));
}

}  // namespace
}  // namespace kvm_exits
