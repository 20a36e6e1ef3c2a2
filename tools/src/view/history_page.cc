// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/included_file.h"
#include "view/history_report.h"

INCLUDE_FILE(kvm_exits_page_html, KVM_EXITS_PAGE_DIR "/report.html");
INCLUDE_FILE(kvm_exits_page_css, KVM_EXITS_PAGE_DIR "/report.css");
INCLUDE_FILE(kvm_exits_page_js, KVM_EXITS_PAGE_DIR "/report.js");
INCLUDE_FILE(kvm_exits_chart_js, KVM_EXITS_CHART_JS_DIR "/chart.min.js");

namespace kvm_exits {
namespace {

std::string_view Text(const std::byte* begin, const std::byte* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

// JSON in which nothing ends, or begins, a part of HTML.
std::string ForHtml(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string FormatHistoryPage(const HistoryReport& report) {
  const std::string data = ForHtml(FormatHistoryJson(report, kPageVms));
  struct Part {
    std::string_view name;
    std::string_view text;
  };
  const std::array parts = {
      Part{"{{style}}", Text(kvm_exits_page_css_begin, kvm_exits_page_css_end)},
      Part{"{{data}}", data},
      Part{"{{chart.js}}", Text(kvm_exits_chart_js_begin, kvm_exits_chart_js_end)},
      Part{"{{program}}", Text(kvm_exits_page_js_begin, kvm_exits_page_js_end)}};
  std::string_view rest = Text(kvm_exits_page_html_begin, kvm_exits_page_html_end);
  std::string page;
  for (const Part& part : parts) {
    const size_t at = rest.find(part.name);
    page += rest.substr(0, at);
    page += part.text;
    rest.remove_prefix(std::min(rest.size(), at + part.name.size()));
  }
  return page.append(rest);
}

}  // namespace kvm_exits
