// SPDX-License-Identifier: GPL-2.0-only
#include "model/explanation.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <set>

#include "base/error.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kToml =
#include "generated/explanations.inc"
    ;

// What `kvm-exits detail --by` takes.
constexpr auto kDetailWords = std::to_array<std::string_view>(
    {"msr", "port", "gpa", "leaf", "hypercall", "vector", "rip", "userspace", "apic"});

[[noreturn]] void Fail(const toml::node& node, const std::string& what) {
  throw Error(fmt::format("explanations, line {}: {}", node.source().begin.line, what));
}

void CheckKeys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) == known.end()) {
      Fail(value, fmt::format("there is no '{}'", key.str()));
    }
  }
}

// Lines become paragraphs: words with one blank between, and '\n' for empty lines.
std::string Unwrap(const toml::node& node, std::string_view text) {
  std::string unwrapped;
  size_t line_ends = 0;
  bool is_blank = false;
  for (const char c : text) {
    if (c == '\n' || c == ' ') {
      line_ends += c == '\n' ? 1 : 0;
      is_blank = true;
      continue;
    }
    if (c < ' ' || c > '~') Fail(node, "a character that is not plain ASCII");
    if (is_blank && !unwrapped.empty()) unwrapped += line_ends > 1 ? '\n' : ' ';
    line_ends = 0;
    is_blank = false;
    unwrapped += c;
  }
  return unwrapped;
}

std::string Text(const toml::node& node) {
  const auto* const text = node.as_string();
  if (text == nullptr) Fail(node, "not a string");
  std::string unwrapped = Unwrap(node, text->get());
  if (unwrapped.empty()) Fail(node, "an empty string");
  return unwrapped;
}

// Empty where there is none.
std::string OptionalText(const toml::table& table, std::string_view key) {
  const toml::node* const node = table.get(key);
  return node != nullptr ? Text(*node) : "";
}

std::string RequiredText(const toml::table& table, std::string_view key) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) Fail(table, fmt::format("'{}' is missing", key));
  return Text(*node);
}

// Calls `add` for each element; there are none where there is no such array.
template <typename Add>
void ForEach(const toml::table& table, std::string_view key, Add add) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return;
  const toml::array* const array = node->as_array();
  if (array == nullptr) Fail(*node, "not an array");
  for (const toml::node& element : *array) add(element);
}

const toml::table& Table(const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) Fail(node, "not a table");
  return *table;
}

std::vector<std::string> Texts(const toml::table& table, std::string_view key) {
  std::vector<std::string> texts;
  ForEach(table, key, [&](const toml::node& node) { texts.push_back(Text(node)); });
  return texts;
}

std::optional<double> Number(const toml::table& table, std::string_view key) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return std::nullopt;
  const auto number = node->value<double>();
  if (!number || !(*number >= 0)) Fail(*node, "not a number from 0");
  return number;
}

// The reasons of "HLT", or of "DR0_READ..DR15_READ".
std::vector<ExitReason> ParseReasons(const toml::table& entry, Isa isa, std::string_view key) {
  const ReasonTable& table = *FindReasonTable(isa);
  std::vector<ExitReason> reasons;
  ForEach(entry, key, [&](const toml::node& node) {
    const std::string text = Text(node);
    const size_t dots = text.find("..");
    const std::string first = text.substr(0, dots);
    const std::string last = dots != std::string::npos ? text.substr(dots + 2) : first;
    const auto begin = std::ranges::find(table.reasons, first, &ExitReason::name);
    const auto end = std::ranges::find(table.reasons, last, &ExitReason::name);
    if (begin == table.reasons.end() || end == table.reasons.end() || begin > end) {
      Fail(node, fmt::format("'{}' is no exit reason of {}", text, IsaName(isa)));
    }
    reasons.insert(reasons.end(), begin, std::next(end));
  });
  return reasons;
}

Look ParseLook(const toml::node& node) {
  const toml::table& table = Table(node);
  CheckKeys(table, {"by", "run", "shows"});
  Look look{.by = OptionalText(table, "by"),
            .run = OptionalText(table, "run"),
            .shows = RequiredText(table, "shows")};
  if (look.by.empty() == look.run.empty()) Fail(node, "needs 'by' or 'run', and not both");
  if (!look.by.empty() && std::ranges::find(kDetailWords, look.by) == kDetailWords.end()) {
    Fail(node, fmt::format("'{}' is no word of detail --by", look.by));
  }
  return look;
}

Help ParseHelp(const toml::node& node) {
  const toml::table& table = Table(node);
  CheckKeys(table, {"do", "price"});
  return {.what = RequiredText(table, "do"), .price = RequiredText(table, "price")};
}

Hint ParseHint(const toml::node& node) {
  const toml::table& table = Table(node);
  CheckKeys(table, {"say", "min_exits", "min_exit_share", "min_time_share", "min_exits_per_second",
                    "min_mean_us", "max_mean_us", "state", "min_state_share"});
  Hint hint;
  hint.text = RequiredText(table, "say");
  hint.min_exits = Number(table, "min_exits");
  hint.min_exit_share = Number(table, "min_exit_share");
  hint.min_time_share = Number(table, "min_time_share");
  hint.min_exits_per_second = Number(table, "min_exits_per_second");
  hint.min_mean_us = Number(table, "min_mean_us");
  hint.max_mean_us = Number(table, "max_mean_us");
  hint.min_state_share = Number(table, "min_state_share");
  // Else it would be said of every VM.
  if (table.size() == 1) Fail(node, "a hint without a condition");
  const std::string state = OptionalText(table, "state");
  if (state.empty() != !hint.min_state_share) Fail(node, "'state' goes with 'min_state_share'");
  if (!state.empty()) {
    const auto* const found = std::ranges::find(kVcpuStateNames, state);
    if (found == kVcpuStateNames.end()) Fail(node, fmt::format("there is no state '{}'", state));
    hint.state = static_cast<VcpuState>(found - kVcpuStateNames.begin());
  }
  return hint;
}

Explanation ParseEntry(const toml::node& node) {
  const toml::table& table = Table(node);
  CheckKeys(table,
            {"vmx", "svm", "title", "what", "never", "causes", "look", "help", "hint", "sources"});
  Explanation explanation;
  explanation.vmx = ParseReasons(table, Isa::kVmx, "vmx");
  explanation.svm = ParseReasons(table, Isa::kSvm, "svm");
  if (explanation.vmx.empty() && explanation.svm.empty()) Fail(node, "of no exit reason");
  explanation.title = RequiredText(table, "title");
  explanation.what = RequiredText(table, "what");
  if (const toml::node* const never = table.get("never")) {
    if (!never->is_boolean()) Fail(*never, "not true or false");
    explanation.is_never = never->as_boolean()->get();
  }
  explanation.causes = Texts(table, "causes");
  explanation.sources = Texts(table, "sources");
  ForEach(table, "look",
          [&](const toml::node& look) { explanation.look.push_back(ParseLook(look)); });
  ForEach(table, "help",
          [&](const toml::node& help) { explanation.help.push_back(ParseHelp(help)); });
  ForEach(table, "hint",
          [&](const toml::node& hint) { explanation.hints.push_back(ParseHint(hint)); });
  return explanation;
}

// No reason has two explanations.
void CheckOnce(const std::vector<Explanation>& explanations) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    std::set<uint64_t> seen;
    for (const Explanation& explanation : explanations) {
      for (const ExitReason& reason : explanation.Reasons(isa)) {
        if (seen.insert(reason.number).second) continue;
        throw Error(fmt::format("explanations: {} {} has two", IsaName(isa), reason.name));
      }
    }
  }
}

}  // namespace

std::string Look::CommandLine(std::string_view reason, std::string_view vm) const {
  if (by.empty()) return run;
  return fmt::format("kvm-exits detail {} {} --by {}", reason, vm, by);
}

const std::vector<ExitReason>& Explanation::Reasons(Isa isa) const {
  return isa == Isa::kVmx ? vmx : svm;
}

std::vector<std::string_view> Explanation::Sources(Isa isa) const {
  const std::string_view others = isa == Isa::kVmx ? "AMD " : "Intel ";
  std::vector<std::string_view> of_isa;
  std::ranges::copy_if(sources, std::back_inserter(of_isa),
                       [others](std::string_view source) { return !source.starts_with(others); });
  return of_isa;
}

std::vector<Explanation> ParseExplanations(std::string_view toml) {
  std::vector<Explanation> explanations;
  try {
    const toml::table root = toml::parse(toml);
    CheckKeys(root, {"entry"});
    ForEach(root, "entry",
            [&](const toml::node& entry) { explanations.push_back(ParseEntry(entry)); });
  } catch (const toml::parse_error& e) {
    throw Error(fmt::format("explanations, line {}: {}", e.source().begin.line, e.description()));
  }
  CheckOnce(explanations);
  return explanations;
}

std::span<const Explanation> Explanations() {
  static const std::vector<Explanation> explanations = ParseExplanations(kToml);
  return explanations;
}

const Explanation* FindExplanation(Isa isa, uint64_t reason) {
  for (const Explanation& explanation : Explanations()) {
    if (std::ranges::find(explanation.Reasons(isa), reason, &ExitReason::number) !=
        explanation.Reasons(isa).end()) {
      return &explanation;
    }
  }
  return nullptr;
}

}  // namespace kvm_exits
