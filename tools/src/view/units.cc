// SPDX-License-Identifier: GPL-2.0-only
#include "view/units.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace kvm_exits {
namespace {

struct Unit {
  double size;
  std::string_view name;
};

// Three digits of `value`, of which a point may be a fourth column.
std::string ThreeDigits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string ShortCount(std::optional<double> count) {
  constexpr std::array kUnits = {Unit{1e6, "M"}, Unit{1e9, "G"}, Unit{1e12, "T"}, Unit{1e15, "P"},
                                 Unit{1e18, "E"}};
  if (!count) return "-";
  if (*count < 999999.5) {
    // A rate below ten is more than its whole part.
    const bool is_whole = *count >= 9.95 || *count == static_cast<double>(static_cast<int>(*count));
    return fmt::format("{:.{}f}", *count, is_whole ? 0 : 1);
  }
  size_t unit = 0;
  while (unit + 1 < kUnits.size() && *count >= kUnits[unit + 1].size * 0.9995) ++unit;
  return ThreeDigits(*count / kUnits[unit].size) + std::string(kUnits[unit].name);
}

std::string ShortTime(std::optional<double> microseconds) {
  constexpr std::array kUnits = {Unit{1, "us"}, Unit{1e3, "ms"}, Unit{1e6, "s"}};
  if (!microseconds) return "-";
  size_t unit = 0;
  while (unit + 1 < kUnits.size() && *microseconds >= kUnits[unit + 1].size * 0.9995) ++unit;
  const double value = *microseconds / kUnits[unit].size;
  if (value >= 99999.5) {
    const double days = value / 86400;
    return days < 9999.5 ? ThreeDigits(days) + "d" : ">9999d";
  }
  return ThreeDigits(value) + std::string(kUnits[unit].name);
}

std::string ShortPercent(std::optional<double> percent) {
  if (!percent) return "-";
  if (*percent > 0 && *percent < 0.1) return "<0.1";
  return fmt::format("{:.1f}", *percent);
}

std::string WholePercent(std::optional<double> percent) {
  if (!percent) return "-";
  if (*percent > 0 && *percent < 1) return "<1";
  return fmt::format("{:.0f}", *percent);
}

}  // namespace kvm_exits
