// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/fuzzer.h"
#include "base/printable.h"

namespace kvm_exits {

void Fuzz(std::string_view input) {
  // A column is among what is tried.
  const size_t columns = input.empty() ? 0 : static_cast<unsigned char>(input.front());
  const std::string text = Printable(input);
  Require(std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }));
  const size_t width = DisplayWidth(text);
  const std::string fit = FitWidth(text, columns);
  Require(DisplayWidth(fit) <= columns);
  Require((fit == text) == (width <= columns));
  DisplayWidth(input);
  FitWidth(input, columns);
}

std::vector<std::string> FuzzSeeds() {
  return {"web-1",
          "\x1b[31mred\x1b]0;title\x07",
          "two\nlines\r\t\\",
          "\u202eright-to-left\u2066",
          "\u30c6\u30b9\u30c8\u6a5f",
          "e\u0301\u0301\u0301\u0301\u0301",
          "\U0001f469\u200d\U0001f4bb\ufe0f",
          "\xff\xfe\xc3\xf0\x9f"};
}

}  // namespace kvm_exits
