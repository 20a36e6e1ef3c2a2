// SPDX-License-Identifier: GPL-2.0-only
#include "base/wrap.h"

#include <algorithm>

namespace kvm_exits {

void AppendWrapped(std::string& out, std::string_view text, std::string_view first,
                   std::string_view indent, size_t width) {
  std::string line(first);
  bool has_word = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (has_word && line.size() + 1 + word.size() > width) {
      out += line + '\n';
      line = indent;
      has_word = false;
    }
    if (has_word) line += ' ';
    line += word;
    has_word = true;
    if (end < text.size() && text[end] == '\n') {
      out += line + "\n\n";
      line = indent;
      has_word = false;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += line + '\n';
}

}  // namespace kvm_exits
