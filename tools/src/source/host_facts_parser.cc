// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_facts_parser.h"

#include <charconv>
#include <string>
#include <system_error>

#include "source/host_file.h"

namespace kvm_exits {
namespace {

std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Takes the next of the words that blanks part off the front of `text`; empty: the last
// one has been.
std::string_view TakeWord(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t\n";
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

// All of `word` as a number.
std::optional<uint64_t> ToNumber(std::string_view word, int base) {
  uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number, base);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace

bool HasWord(std::string_view text, std::string_view word) {
  for (std::string_view next = TakeWord(text); !next.empty(); next = TakeWord(text)) {
    if (next == word) return true;
  }
  return false;
}

CpuFacts ParseCpuinfo(std::string_view text) {
  CpuFacts cpu;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key = PrintableLine(line.substr(0, colon));
    const std::string_view value = line.substr(colon + 1);
    if (key == "vendor_id") cpu.vendor = PrintableLine(value, 12);
    if (key == "flags") {
      cpu.vmx = HasWord(value, "vmx");
      cpu.svm = HasWord(value, "svm");
      cpu.hypervisor = HasWord(value, "hypervisor");
      cpu.constant_tsc = HasWord(value, "constant_tsc");
      cpu.nonstop_tsc = HasWord(value, "nonstop_tsc");
    }
  }
  return cpu;
}

RightsFacts ParseRights(std::string_view status, std::string_view uid_map) {
  RightsFacts rights;
  while (!status.empty()) {
    std::string_view line = TakeLine(status);
    const std::string_view key = TakeWord(line);
    if (key == "Uid:") {
      TakeWord(line);  // the real one
      const auto uid = ToNumber(TakeWord(line), 10);
      if (uid && *uid <= UINT32_MAX) rights.uid = static_cast<uint32_t>(*uid);
    }
    if (key == "CapEff:") rights.capabilities = ToNumber(TakeWord(line), 16).value_or(0);
  }
  // Only the first user namespace has all IDs, each as itself.
  std::string_view line = TakeLine(uid_map);
  rights.of_host = ToNumber(TakeWord(line), 10) == 0 && ToNumber(TakeWord(line), 10) == 0 &&
                   ToNumber(TakeWord(line), 10) == UINT32_MAX;
  return rights;
}

std::optional<Lockdown> ParseLockdown(std::string_view text) {
  if (HasWord(text, "[none]")) return Lockdown::kNone;
  if (HasWord(text, "[integrity]")) return Lockdown::kIntegrity;
  if (HasWord(text, "[confidentiality]")) return Lockdown::kConfidentiality;
  return std::nullopt;
}

bool IsMounted(std::string_view mounts, std::string_view type, std::string_view directory) {
  while (!mounts.empty()) {
    std::string_view line = TakeLine(mounts);
    TakeWord(line);  // the device
    if (TakeWord(line) == directory && TakeWord(line) == type) return true;
  }
  return false;
}

std::optional<bool> ParseConfig(std::string_view config, std::string_view option) {
  while (!config.empty()) {
    std::string_view line = TakeLine(config);
    if (line.starts_with("# ")) {
      line.remove_prefix(2);
      if (TakeWord(line) == option && TakeWord(line) == "is") return false;
    } else if (line.starts_with(option) && line.substr(option.size()).starts_with('=')) {
      const std::string_view value = line.substr(option.size() + 1);
      return value == "y" || value == "m";
    }
  }
  return std::nullopt;
}

std::optional<uint64_t> ParseLoneNumber(std::string_view text) {
  const std::string_view word = TakeWord(text);
  if (!TakeWord(text).empty()) return std::nullopt;
  return ToNumber(word, 10);
}

std::optional<bool> ParseSwitch(std::string_view text) {
  const std::string_view word = TakeWord(text);
  if (word == "Y" || word == "1") return true;
  if (word == "N" || word == "0") return false;
  return std::nullopt;
}

}  // namespace kvm_exits
