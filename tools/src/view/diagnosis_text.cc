// SPDX-License-Identifier: GPL-2.0-only
#include "view/diagnosis_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "view/json_parts.h"

namespace kvm_exits {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kIndent = 15;  // of what stands right of the checks' names

std::string_view Mark(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kNote:
      return "--";
    case Verdict::kProblem:
      return "!!";
  }
  return "";
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kNote:
      return "note";
    case Verdict::kProblem:
      return "problem";
  }
  return "";
}

// Where the first of the pieces of `text` that stay together ends: a word, or what is in
// single quotes, with what clings to it, if that is not longer than `width`.
size_t EndOfPiece(std::string_view text, size_t width) {
  bool quoted = false;
  for (size_t end = 0; end < text.size(); ++end) {
    // An apostrophe in a word, or at its end, opens no quote.
    if (text[end] == '\'') quoted = !quoted && (end == 0 || text[end - 1] == '(');
    if (text[end] == ' ' && !quoted) return end <= width ? end : text.find(' ');
  }
  return text.size() <= width || text.find(' ') == std::string_view::npos ? text.size()
                                                                          : text.find(' ');
}

std::vector<std::string> Wrap(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, EndOfPiece(text, width));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    if (!lines.empty() && lines.back().size() + 1 + piece.size() <= width) {
      lines.back() += ' ';
      lines.back() += piece;
    } else {
      lines.emplace_back(piece);
    }
  }
  return lines;
}

// The text of `finding`, after `start` in its first line, which takes kIndent columns.
void Append(std::string& text, std::string_view start, std::string_view paragraph) {
  for (const std::string& line : Wrap(paragraph, kColumns - kIndent)) {
    text += fmt::format("{:<{}}{}\n", start, kIndent, line);
    start = "";
  }
}

std::string LastLines(const Sources& sources) {
  std::string text;
  if (sources.module) {
    text += "The exits of this host's VMs can be shown, from kvm_exits: kvm-exits top\n";
  } else if (sources.bpf) {
    text += "The exits of this host's VMs can be shown, by BPF: kvm-exits top\n";
  }
  if (sources.cpuid) text += "The exits of this VM can be shown: kvm-exits guest\n";
  return text.empty() ? "Nothing can be shown here; what is marked !! stands in the way.\n" : text;
}

}  // namespace

std::string DiagnosisText(const Diagnosis& diagnosis) {
  std::string text;
  for (const Finding& finding : diagnosis.findings) {
    Append(text, fmt::format("{} {}", Mark(finding.verdict), finding.check), finding.found);
    Append(text, "", finding.advice);
  }
  return text + LastLines(diagnosis.sources);
}

std::string DiagnosisJson(const Diagnosis& diagnosis) {
  using nlohmann::ordered_json;
  auto checks = ordered_json::array();
  for (const Finding& finding : diagnosis.findings) {
    checks.push_back({{"check", finding.check},
                      {"verdict", VerdictName(finding.verdict)},
                      {"found", finding.found},
                      {"advice", finding.advice.empty() ? ordered_json(nullptr)
                                                        : ordered_json(finding.advice)}});
  }
  const Sources& sources = diagnosis.sources;
  const ordered_json object = {
      {"checks", std::move(checks)},
      {"sources", {{"module", sources.module}, {"bpf", sources.bpf}, {"cpuid", sources.cpuid}}}};
  return JsonLine(object);
}

}  // namespace kvm_exits
