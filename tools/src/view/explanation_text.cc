// SPDX-License-Identifier: GPL-2.0-only
#include "view/explanation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/wrap.h"
#include "view/json_parts.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kBullet = "  - ";
constexpr std::string_view kBulletIndent = "    ";
constexpr std::string_view kCommandIndent = "      ";

// "CR0_READ..CR3_READ, CR8_WRITE" of reasons that follow one another in their table;
// `format` makes the text of one.
template <typename Format>
std::string JoinReasons(std::vector<ExitReason> reasons, Isa isa, Format format) {
  std::ranges::sort(reasons, {}, &ExitReason::number);
  const ReasonTable& table = *FindReasonTable(isa);
  std::string text;
  for (size_t first = 0; first < reasons.size();) {
    const ExitReason* const in_table = table.Find(reasons[first].number);
    size_t last = first;
    while (last + 1 < reasons.size() &&
           reasons[last + 1] == in_table[static_cast<std::ptrdiff_t>(last + 1 - first)]) {
      ++last;
    }
    // Two are no shorter as a range.
    if (last == first + 1) last = first;
    if (!text.empty()) text += ", ";
    text += format(reasons[first]);
    if (last != first) text += ".." + format(reasons[last]);
    first = last + 1;
  }
  return text;
}

std::string JoinNames(const std::vector<ExitReason>& reasons, Isa isa) {
  return JoinReasons(reasons, isa,
                     [](const ExitReason& reason) { return std::string(reason.name); });
}

std::string JoinNumbers(const std::vector<ExitReason>& reasons, Isa isa) {
  return JoinReasons(reasons, isa, [isa](const ExitReason& reason) {
    return FormatReasonNumber(isa, reason.number);
  });
}

// All but the head: what is said of `reason`.
std::string RenderBody(const Explanation& explanation, Isa isa, std::string_view reason,
                       size_t width) {
  std::string out = "\nWHAT\n";
  AppendWrapped(out, explanation.what, kIndent, kIndent, width);
  if (!explanation.causes.empty()) out += "\nUSUAL CAUSES\n";
  for (const std::string& cause : explanation.causes) {
    AppendWrapped(out, cause, kBullet, kBulletIndent, width);
  }
  if (!explanation.look.empty()) out += "\nLOOK NEXT\n";
  for (const Look& look : explanation.look) {
    out += fmt::format("{}{}\n", kIndent, look.CommandLine(reason));
    AppendWrapped(out, look.shows, kCommandIndent, kCommandIndent, width);
  }
  if (!explanation.help.empty()) out += "\nWHAT HELPS, AND ITS PRICE\n";
  for (const Help& help : explanation.help) {
    AppendWrapped(out, help.what, kBullet, kBulletIndent, width);
    AppendWrapped(out, "Price: " + help.price, kBulletIndent, kBulletIndent, width);
  }
  out += "\nSOURCES\n";
  for (const std::string_view source : explanation.Sources(isa)) {
    AppendWrapped(out, source, kBullet, kBulletIndent, width);
  }
  return out;
}

}  // namespace

std::string RenderExplanation(const Explanation& explanation, Isa isa, const ExitReason& reason,
                              size_t width) {
  std::string out;
  AppendWrapped(out, fmt::format("{}: {}", reason.name, explanation.title), "", kIndent, width);
  std::vector<ExitReason> others = explanation.Reasons(isa);
  std::erase(others, reason);
  std::string number =
      fmt::format("{} exit reason {}", IsaName(isa), FormatReasonNumber(isa, reason.number));
  if (!others.empty()) number += "; the same is said of " + JoinNames(others, isa);
  AppendWrapped(out, number, "", kIndent, width);
  return out + RenderBody(explanation, isa, reason.name, width);
}

std::string RenderExplanation(const Explanation& explanation, Isa isa, size_t width) {
  const std::vector<ExitReason>& reasons = explanation.Reasons(isa);
  if (reasons.size() == 1) return RenderExplanation(explanation, isa, reasons.front(), width);
  std::string out;
  AppendWrapped(out, fmt::format("{}: {}", JoinNames(reasons, isa), explanation.title), "", kIndent,
                width);
  AppendWrapped(out, fmt::format("{} exit reasons {}", IsaName(isa), JoinNumbers(reasons, isa)), "",
                kIndent, width);
  return out + RenderBody(explanation, isa, reasons.front().name, width);
}

std::string RenderExplanationIndex(std::span<const Isa> isas) {
  std::string out;
  for (const Isa isa : isas) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{} exit reasons\n{:>6} {:<20} {}\n", IsaName(isa), "REASON", "NAME",
                       "WHAT IT IS");
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      const Explanation* const explanation = FindExplanation(isa, reason.number);
      if (explanation == nullptr) continue;
      out +=
          fmt::format("{:>6} {:<20} {}\n", FormatReasonNumber(isa, reason.number), reason.name,
                      explanation->is_never ? "never: " + explanation->title : explanation->title);
    }
  }
  return out;
}

std::string RenderExplanationJson(const Explanation& explanation, Isa isa,
                                  const ExitReason& reason) {
  nlohmann::ordered_json object = {
      {"isa", IsaName(isa)}, {"reason", reason.number}, {"name", reason.name}};
  object.update(JsonExplanation(explanation, isa, reason.name));
  return JsonLine(object);
}

}  // namespace kvm_exits
