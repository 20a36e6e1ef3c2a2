// SPDX-License-Identifier: GPL-2.0-only
#include "view/top_state.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/regex.h"

namespace kvm_exits {

const KeyHelp kTopKeys[] = {
    {"Up Down j k", "select a row; also PgUp PgDn Home End"},
    {"Enter Right", "go deeper: host, VM, vCPU, exit reason"},
    {"Esc Left Bksp", "go back"},
    {"< >", "sort by the next column to the left, to the right"},
    {"I", "invert the order"},
    {"f /", "show only names with a match of a regular expression"},
    {"c", "clear that filter"},
    {"o", "totals, or rates"},
    {"r", "reset: totals are from now on"},
    {"s", "set the delay between two readings, in seconds"},
    {"t", "show the split of time, or not"},
    {"Z", "freeze what is shown, and go on"},
    {"e", "explain the selected exit reason"},
    {"? h", "this page"},
    {"q", "quit"},
};
const size_t kTopKeysCount = std::size(kTopKeys);

namespace {

constexpr int kBackspaceByte = 0x7F;
constexpr int kControlH = 0x08;
constexpr size_t kMaxTyped = 64;

void Move(ptrdiff_t by, TopState& state) {
  const bool is_text = state.page != TopPage::kTable || state.level == TopLevel::kReason;
  size_t& at = is_text ? state.scroll : state.selected;
  // The screen knows where a text ends.
  const size_t last = is_text ? size_t{10000} : state.rows - std::min<size_t>(state.rows, 1);
  if (by < 0) {
    at -= std::min(at, static_cast<size_t>(-by));
  } else {
    at = std::min(last, at + static_cast<size_t>(by));
  }
}

void SortBy(int step, TopState& state) {
  constexpr int kSorts = 3;
  // From left to right: name, rate, time.
  const auto column = [](TopSort sort) {
    return sort == TopSort::kName ? 0 : (sort == TopSort::kRate ? 1 : 2);
  };
  constexpr TopSort kByColumn[] = {TopSort::kName, TopSort::kRate, TopSort::kTime};
  state.sort = kByColumn[(column(state.sort) + step + kSorts) % kSorts];
  constexpr const char* kNames[] = {"name", "exits", "time"};
  state.message = std::string("sorted by ") + kNames[column(state.sort)];
}

void EndPrompt(TopState& state) {
  if (state.prompt == TopPrompt::kFilter) {
    if (state.typed.empty() || Regex::Parse(state.typed)) {
      state.filter = state.typed;
      state.selected = 0;
    } else {
      state.message = "that is no regular expression";
    }
  } else {
    double seconds = 0;
    const char* const end = state.typed.data() + state.typed.size();
    const auto [rest, error] = std::from_chars(state.typed.data(), end, seconds);
    if (error == std::errc() && rest == end && seconds >= 0.1 && seconds <= 86400) {
      state.delay_seconds = seconds;
    } else {
      state.message = "the delay is a number of seconds from 0.1 to 86400";
    }
  }
  state.prompt = TopPrompt::kNone;
  state.typed.clear();
}

void Type(int key, TopState& state) {
  switch (key) {
    case kKeyEnter:
      EndPrompt(state);
      break;
    case kKeyEscape:
      state.prompt = TopPrompt::kNone;
      state.typed.clear();
      break;
    case kKeyBackspace:
    case kBackspaceByte:
    case kControlH:
      if (!state.typed.empty()) state.typed.pop_back();
      break;
    default:
      if (key >= ' ' && key < kBackspaceByte && state.typed.size() < kMaxTyped) {
        state.typed += static_cast<char>(key);
      }
  }
}

// Returns whether the key is one that moves.
bool HandleMove(int key, TopState& state) {
  const auto page = static_cast<ptrdiff_t>(std::max<size_t>(state.page_rows, 1));
  constexpr ptrdiff_t kFar = 1000000;
  switch (key) {
    case kKeyUp:
    case 'k':
      Move(-1, state);
      return true;
    case kKeyDown:
    case 'j':
      Move(1, state);
      return true;
    case kKeyPageUp:
      Move(-page, state);
      return true;
    case kKeyPageDown:
      Move(page, state);
      return true;
    case kKeyHome:
      Move(-kFar, state);
      return true;
    case kKeyEnd:
      Move(kFar, state);
      return true;
    default:
      return false;
  }
}

void OpenPage(TopPage page, TopState& state) {
  state.page = page;
  state.scroll = 0;
}

}  // namespace

void HandleKey(int key, TopState& state) {
  if (key == kKeyResize) return;  // the screen is drawn again, and that is all
  state.message.clear();
  if (state.prompt != TopPrompt::kNone) {
    Type(key, state);
    return;
  }
  if (key == 'q') {
    state.wants_quit = true;
    return;
  }
  if (HandleMove(key, state)) return;
  if (state.page != TopPage::kTable) {
    // Any key that is not for the page closes it.
    state.page = TopPage::kTable;
    return;
  }
  switch (key) {
    case kKeyEnter:
    case kKeyRight:
      state.wants_enter = true;
      break;
    case kKeyEscape:
    case kKeyLeft:
    case kKeyBackspace:
    case kBackspaceByte:
      state.wants_back = true;
      break;
    case '<':
      SortBy(-1, state);
      break;
    case '>':
      SortBy(1, state);
      break;
    case 'I':
      state.is_inverted = !state.is_inverted;
      break;
    case 'f':
    case '/':
      state.prompt = TopPrompt::kFilter;
      break;
    case 'c':
      state.filter.clear();
      break;
    case 'o':
      state.shows_totals = !state.shows_totals;
      break;
    case 'r':
      state.wants_reset = true;
      state.shows_totals = true;
      state.message = "totals are from now on";
      break;
    case 's':
      state.prompt = TopPrompt::kDelay;
      break;
    case 't':
      state.shows_states = !state.shows_states;
      break;
    case 'Z':
      state.is_frozen = !state.is_frozen;
      break;
    case 'e':
      OpenPage(TopPage::kExplain, state);
      break;
    case '?':
    case 'h':
      OpenPage(TopPage::kHelp, state);
      break;
    default:
      break;
  }
}

void PutFilterAside(TopState& state) {
  state.filters_above.push_back(std::move(state.filter));
  state.filter.clear();
}

bool GoBack(TopState& state) {
  state.selected = 0;
  state.scroll = 0;
  if (state.level == TopLevel::kHost) return false;
  state.filter.clear();
  if (!state.filters_above.empty()) {
    state.filter = std::move(state.filters_above.back());
    state.filters_above.pop_back();
  }
  switch (state.level) {
    case TopLevel::kHost:
      break;
    case TopLevel::kVm:
      state.level = TopLevel::kHost;
      state.vm.reset();
      break;
    case TopLevel::kVcpu:
      state.level = TopLevel::kVm;
      state.vcpu.reset();
      break;
    case TopLevel::kReason:
      state.level = TopLevel::kVcpu;
      state.reason.reset();
      break;
  }
  return true;
}

}  // namespace kvm_exits
