// SPDX-License-Identifier: GPL-2.0-only
#include "view/screen.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kvm_exits {

std::string Bar(double part, double whole, size_t columns, bool has_utf8) {
  // U+258F to U+2588: an eighth to the whole of a column.
  constexpr std::array<std::string_view, 9> kEighths = {
      "", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589", "\u2588"};
  const double share = whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0;
  auto eighths = static_cast<size_t>(std::lround(share * static_cast<double>(columns) * 8));
  if (part > 0) eighths = std::max(eighths, size_t{1});
  std::string bar;
  if (!has_utf8) {
    const size_t full = std::max(eighths / 8, size_t{part > 0});
    return std::string(full, '#') + std::string(columns - full, ' ');
  }
  for (size_t i = 0; i < eighths / 8; ++i) bar += kEighths[8];
  size_t used = eighths / 8;
  if (eighths % 8 != 0) {
    bar += kEighths[eighths % 8];
    ++used;
  }
  return bar + std::string(columns - used, ' ');
}

std::string PlainText(const ScreenLine& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

}  // namespace kvm_exits
