// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_state.h"

#include <gtest/gtest.h>

#include <string_view>

namespace kvm_exits {
namespace {

void Press(std::string_view keys, TopState& state) {
  for (const char key : keys) HandleKey(static_cast<unsigned char>(key), state);
}

TEST(TopState, MovesWithinTheRows) {
  TopState state{.rows = 5, .page_rows = 3};
  const auto after = [&](int key) {
    HandleKey(key, state);
    return state.selected;
  };
  EXPECT_EQ(after(kKeyUp), 0U);
  EXPECT_EQ(after('j'), 1U);
  EXPECT_EQ(after(kKeyDown), 2U);
  EXPECT_EQ(after('k'), 1U);
  EXPECT_EQ(after(kKeyPageDown), 4U);
  EXPECT_EQ(after(kKeyDown), 4U);
  EXPECT_EQ(after(kKeyPageUp), 1U);
  EXPECT_EQ(after(kKeyEnd), 4U);
  EXPECT_EQ(after(kKeyHome), 0U);
  state.rows = 0;
  EXPECT_EQ(after(kKeyEnd), 0U);
  EXPECT_EQ(after(kKeyDown), 0U);
}

TEST(TopState, ScrollsWhereThereIsText) {
  TopState state{.page = TopPage::kHelp, .selected = 2, .rows = 5};
  HandleKey(kKeyDown, state);
  EXPECT_EQ(state.scroll, 1U);
  EXPECT_EQ(state.selected, 2U);
  state = {.level = TopLevel::kReason};
  HandleKey('j', state);
  EXPECT_EQ(state.scroll, 1U);
}

TEST(TopState, SortsByTheNextColumn) {
  TopState state;
  const auto after = [&](std::string_view keys) {
    Press(keys, state);
    return state.sort;
  };
  EXPECT_EQ(after(">"), TopSort::kTime);
  EXPECT_EQ(state.message, "sorted by time");
  EXPECT_EQ(after(">"), TopSort::kName);
  EXPECT_EQ(after(">"), TopSort::kRate);
  EXPECT_EQ(after("<"), TopSort::kName);
  EXPECT_EQ(after("<"), TopSort::kTime);
  Press("I", state);
  EXPECT_TRUE(state.is_inverted);
}

TEST(TopState, TakesAFilter) {
  TopState state{.selected = 3};
  Press("/", state);
  EXPECT_EQ(state.prompt, TopPrompt::kFilter);
  Press("qZ[", state);  // which have no meaning here
  EXPECT_FALSE(state.wants_quit);
  EXPECT_EQ(state.typed, "qZ[");
  HandleKey(kKeyEnter, state);
  EXPECT_EQ(state.filter, "");
  EXPECT_EQ(state.message, "that is no regular expression");
  EXPECT_EQ(state.typed, "");
  Press("fweb-1x\x7f", state);
  HandleKey(kKeyResize, state);
  HandleKey(0xC3, state);  // no ASCII
  HandleKey(kKeyEnter, state);
  EXPECT_EQ(state.filter, "web-1");
  EXPECT_EQ(state.selected, 0U);
  Press("/abc", state);
  HandleKey(kKeyEscape, state);
  EXPECT_EQ(state.filter, "web-1");
  EXPECT_EQ(state.prompt, TopPrompt::kNone);
  Press("/", state);
  HandleKey(kKeyBackspace, state);
  HandleKey(kKeyEnter, state);
  EXPECT_EQ(state.filter, "");
  Press("/", state);
  Press(std::string(1000, 'a'), state);
  EXPECT_EQ(state.typed.size(), 64U);
  HandleKey(kKeyEnter, state);
  Press("c", state);
  EXPECT_EQ(state.filter, "");
}

TEST(TopState, EachLevelHasAFilterOfItsOwn) {
  TopState state{.filter = "web"};
  PutFilterAside(state);
  state.level = TopLevel::kVm;
  EXPECT_EQ(state.filter, "");
  state.filter = "vCPU 1";
  PutFilterAside(state);
  state.level = TopLevel::kVcpu;
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.filter, "vCPU 1");
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.filter, "web");
  EXPECT_FALSE(GoBack(state));
  EXPECT_EQ(state.filter, "web");
  // Who began further down has no level above.
  state = {.level = TopLevel::kVm, .filter = "x"};
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.filter, "");
}

TEST(TopState, TakesADelay) {
  TopState state;
  const auto after = [&](std::string_view typed) {
    Press("s", state);
    Press(typed, state);
    HandleKey(kKeyEnter, state);
    return state.delay_seconds;
  };
  EXPECT_EQ(after("0.1"), 0.1);
  EXPECT_EQ(state.message, "");
  for (const char* const wrong : {"", "0.09", "86401", "-1", "nan", "inf", "1s", "1e9", " 1"}) {
    EXPECT_EQ(after(wrong), 0.1) << wrong;
    EXPECT_EQ(state.message, "the delay is a number of seconds from 0.1 to 86400") << wrong;
  }
  EXPECT_EQ(after("86400"), 86400);
}

TEST(TopState, SaysWhatThereIsToDo) {
  TopState state;
  HandleKey(kKeyEnter, state);
  EXPECT_TRUE(state.wants_enter);
  HandleKey(kKeyLeft, state);
  EXPECT_TRUE(state.wants_back);
  Press("r", state);
  EXPECT_TRUE(state.wants_reset && state.shows_totals);
  Press("otZ", state);
  EXPECT_FALSE(state.shows_totals || state.shows_states);
  EXPECT_TRUE(state.is_frozen);
  Press("q", state);
  EXPECT_TRUE(state.wants_quit);
}

TEST(TopState, ClosesAPageWithAnyKeyButThoseForIt) {
  for (const std::string_view open : {"?", "h", "e"}) {
    TopState state{.scroll = 7};
    Press(open, state);
    EXPECT_NE(state.page, TopPage::kTable);
    EXPECT_EQ(state.scroll, 0U);
    HandleKey(kKeyResize, state);  // is not the user's
    HandleKey(kKeyDown, state);
    EXPECT_NE(state.page, TopPage::kTable);
    HandleKey(kKeyEnter, state);
    EXPECT_EQ(state.page, TopPage::kTable);
    EXPECT_FALSE(state.wants_enter);
  }
}

TEST(TopState, IgnoresWhatHasNoMeaning) {
  TopState state;
  for (int key = 0; key < 0x500; ++key) {
    if (key >= ' ' && key <= 0x7f) continue;
    HandleKey(key, state);
  }
  EXPECT_EQ(state.page, TopPage::kTable);
  EXPECT_FALSE(state.wants_quit || state.wants_enter || state.wants_back || state.wants_reset);
}

TEST(TopState, GoesBackLevelByLevel) {
  TopState state{.level = TopLevel::kReason,
                 .vm = VmIdentity{.id = "1-2", .pid = 1, .name = {}, .vmm = {}},
                 .vcpu = 3,
                 .reason = ExitReason{.number = 12, .name = "HLT"},
                 .selected = 9};
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.level, TopLevel::kVcpu);
  EXPECT_FALSE(state.reason);
  EXPECT_EQ(state.selected, 0U);
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.level, TopLevel::kVm);
  EXPECT_FALSE(state.vcpu);
  EXPECT_TRUE(state.vm);
  EXPECT_TRUE(GoBack(state));
  EXPECT_EQ(state.level, TopLevel::kHost);
  EXPECT_FALSE(state.vm);
  EXPECT_FALSE(GoBack(state));
}

}  // namespace
}  // namespace kvm_exits
