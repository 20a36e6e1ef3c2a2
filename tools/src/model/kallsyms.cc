// SPDX-License-Identifier: GPL-2.0-only
#include "model/kallsyms.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace kvm_exits {

Kallsyms Kallsyms::Parse(std::string_view text) {
  constexpr std::string_view kCode = "tTwW";
  Kallsyms kallsyms;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    uint64_t address = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const auto at = static_cast<size_t>(rest - line.data());
    // " T name", and "\t[module]" behind that of a module.
    if (error != std::errc() || address == 0 || line.size() < at + 4 || line[at] != ' ' ||
        line[at + 2] != ' ' || kCode.find(line[at + 1]) == std::string_view::npos) {
      continue;
    }
    const std::string_view name = line.substr(at + 3);
    kallsyms.symbols_.push_back(
        {.address = address, .name = std::string(name.substr(0, name.find('\t')))});
  }
  if (kallsyms.symbols_.empty()) {
    throw Error(
        "there are no addresses of functions: copy /proc/kallsyms in the guest, as its root");
  }
  std::ranges::stable_sort(kallsyms.symbols_, {}, &Symbol::address);
  return kallsyms;
}

std::optional<std::string> Kallsyms::Find(uint64_t address) const {
  constexpr uint64_t kFar = uint64_t{1} << 20U;
  const auto next = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  if (next == symbols_.begin()) return std::nullopt;
  const Symbol& symbol = *std::prev(next);
  const uint64_t offset = address - symbol.address;
  if (offset >= kFar) return std::nullopt;
  return offset == 0 ? symbol.name : fmt::format("{}+{:#x}", symbol.name, offset);
}

}  // namespace kvm_exits
