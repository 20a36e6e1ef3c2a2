// SPDX-License-Identifier: GPL-2.0-only
#include "view/terminal.h"

#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/stop_signals.h"
#include "view/top_state.h"

namespace kvm_exits {
namespace {

// How long the rest of a key's sequence may take, which begins as Escape does.
constexpr int kEscapeMilliseconds = 50;

enum ColorPair : short { kBarPair = 1, kGoodPair, kWarmPair, kHotPair };

bool WantsColor() {
  const char* const no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && has_colors();
}

// terminfo(5): there is none, or no such one.
bool HasCapability(const char* name) {
  const char* const sequence = tigetstr(name);
  return sequence != nullptr && reinterpret_cast<intptr_t>(sequence) != -1;
}

void StartColors() {
  start_color();
  use_default_colors();
  init_pair(kBarPair, COLOR_CYAN, -1);
  init_pair(kGoodPair, COLOR_GREEN, -1);
  init_pair(kWarmPair, COLOR_YELLOW, -1);
  init_pair(kHotPair, COLOR_RED, -1);
}

attr_t Attributes(Style style) {
  const bool has_color = WantsColor();
  const auto color = [&](short pair) { return has_color ? COLOR_PAIR(pair) : A_NORMAL; };
  switch (style) {
    case Style::kHeading:
      return A_BOLD;
    case Style::kSelected:
      return A_REVERSE;
    case Style::kBar:
      return color(kBarPair);
    case Style::kGood:
      return color(kGoodPair);
    case Style::kWarm:
      return color(kWarmPair);
    case Style::kHot:
      return color(kHotPair);
    case Style::kDim:
      return has_color ? A_DIM : A_NORMAL;
    case Style::kPlain:
      break;
  }
  return A_NORMAL;
}

int Translate(int key) {
  switch (key) {
    case KEY_UP:
      return kKeyUp;
    case KEY_DOWN:
      return kKeyDown;
    case KEY_LEFT:
      return kKeyLeft;
    case KEY_RIGHT:
      return kKeyRight;
    case KEY_PPAGE:
      return kKeyPageUp;
    case KEY_NPAGE:
      return kKeyPageDown;
    case KEY_HOME:
      return kKeyHome;
    case KEY_END:
      return kKeyEnd;
    case KEY_ENTER:
    case '\r':
    case '\n':
      return kKeyEnter;
    case KEY_BACKSPACE:
      return kKeyBackspace;
    case KEY_RESIZE:
      return kKeyResize;
    case 27:
      return kKeyEscape;
    default:
      return key;
  }
}

// What gives the terminal back, where a signal's handler can write it.
char farewell[256] = "";
termios modes_before = {};

void GiveBack() {
  // There is nothing to be done where it is gone.
  if (write(STDOUT_FILENO, farewell, std::strlen(farewell)) < 0) return;
  tcsetattr(STDIN_FILENO, TCSANOW, &modes_before);
}

// Should a signal end the program, before endwin().
void PrepareFarewell() {
  std::string text;
  for (const char* const name : {"sgr0", "cnorm", "rmkx", "rmcup"}) {
    if (HasCapability(name)) text += tigetstr(name);
  }
  if (text.size() >= sizeof(farewell)) return;
  text.copy(farewell, text.size());
  RunWhenKilled(GiveBack);
}

// Without what a terminal cannot show that knows ASCII alone.
std::string Ascii(const std::string& text) {
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) ascii += c;
    if (byte >= 0xC0) ascii += '?';
  }
  return ascii;
}

}  // namespace

Terminal::Terminal() {
  std::setlocale(LC_CTYPE, "");
  has_utf8_ = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  winsize size = {};
  // Serial consoles say that they have none, of which curses knows more.
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
      (size.ws_col < kMinTopColumns || size.ws_row < kMinTopLines)) {
    throw Error("the terminal has " + std::to_string(size.ws_col) + "x" +
                std::to_string(size.ws_row) + ", top needs " + std::to_string(kMinTopColumns) +
                "x" + std::to_string(kMinTopLines) +
                ": make it bigger, or use 'kvm-exits stat -i 1'");
  }
  tcgetattr(STDIN_FILENO, &modes_before);
  // initscr() would end the program where it does not know the terminal.
  if (newterm(nullptr, stdout, stdin) == nullptr) {
    throw Error(
        "the terminal is of a type that is not known here: set TERM, or use "
        "'kvm-exits stat -i 1'");
  }
  // curses writes to any that it knows, also where lines can only follow one another.
  if (!HasCapability("cup")) {
    endwin();
    throw Error(
        "the terminal is of a type without a cursor that moves: set TERM, or use "
        "'kvm-exits stat -i 1'");
  }
  PrepareFarewell();
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  keypad(stdscr, TRUE);
  set_escdelay(kEscapeMilliseconds);
  nodelay(stdscr, TRUE);
  if (WantsColor()) StartColors();
}

Terminal::~Terminal() {
  endwin();
  ForgetWhenKilled(GiveBack);
}

TopSize Terminal::Size() const {
  return {.columns = static_cast<size_t>(COLS),
          .lines = static_cast<size_t>(LINES),
          .has_utf8 = has_utf8_};
}

void Terminal::Draw(const Screen& screen) {
  erase();
  for (size_t y = 0; y < screen.lines.size() && y < static_cast<size_t>(LINES); ++y) {
    move(static_cast<int>(y), 0);
    for (const Span& span : screen.lines[y]) {
      attrset(Attributes(span.style));
      addstr(has_utf8_ ? span.text.c_str() : Ascii(span.text).c_str());
    }
  }
  attrset(A_NORMAL);
  refresh();
}

std::optional<int> Terminal::WaitKey(std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    if (StopRequested()) return std::nullopt;
    const int key = getch();
    if (key != ERR) return Translate(key);
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return std::nullopt;
    // A signal between the look for a request and the sleep would be slept over.
    const StopSignalsBlocked blocked;
    if (StopRequested()) return std::nullopt;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec timeout = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    // Where SIGHUP is ignored, this is how one learns that the terminal is gone.
    if (ppoll(&input, 1, &timeout, &blocked.Before()) > 0 &&
        (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
      throw Stopped();
    }
  }
}

}  // namespace kvm_exits
