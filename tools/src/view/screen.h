// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_SCREEN_H_
#define KVM_EXITS_VIEW_SCREEN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kvm_exits {

// How text looks; nothing is told by that alone.
enum class Style : uint8_t { kPlain, kHeading, kSelected, kBar, kGood, kWarm, kHot, kDim };

struct Span {
  std::string text;  // fit for a terminal
  Style style = Style::kPlain;
};

using ScreenLine = std::vector<Span>;

// What is to be on a terminal, from the top.
struct Screen {
  std::vector<ScreenLine> lines;

  void Add(std::string_view text, Style style = Style::kPlain) {
    lines.push_back({{.text = std::string(text), .style = style}});
  }
};

// "████▌   ": `part` of `whole` in `columns` columns; in '#' where the terminal has no
// UTF-8.  More than nothing is seen.
std::string Bar(double part, double whole, size_t columns, bool has_utf8);

// The text of a line, without its looks.
std::string PlainText(const ScreenLine& line);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_SCREEN_H_
