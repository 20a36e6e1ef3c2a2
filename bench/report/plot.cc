// SPDX-License-Identifier: GPL-2.0-only
#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "report/grid.h"

namespace kvm_exits::bench {
namespace {

constexpr std::string_view kExit = "CPUID";

// In pixels.  The bars are between where the labels end and where the numbers beside the
// longest bar have room.
constexpr int kWidth = 760;
constexpr int kMargin = 24;
constexpr int kBarsLeft = 170;
constexpr int kBarsRight = 660;
constexpr int kHeadHeight = 84;
constexpr int kPanelHeadHeight = 56;
constexpr int kBarPitch = 24;
constexpr int kBarHeight = 16;
constexpr int kAxisHeight = 62;
// Characters of the small ones that fit into a line beside each other.
constexpr size_t kMaxCpu = 62;
constexpr size_t kMaxKernel = 32;

constexpr std::string_view kStyle = R"(<style>
text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
text { font-size: 13px; fill: #1f2328; }
.head { font-size: 18px; font-weight: 600; }
.lab { font-size: 15px; font-weight: 600; }
.small { font-size: 12px; fill: #59636e; }
.right { text-anchor: end; }
.middle { text-anchor: middle; }
.ours { fill: #0072b2; }
.other { fill: #d98032; }
.value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.axis { stroke: #59636e; stroke-width: 1; }
</style>
)";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Text(std::string_view classes, double x, double y, std::string_view text) {
  return fmt::format("<text{} x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                     classes.empty() ? "" : fmt::format(" class=\"{}\"", classes), x, y,
                     Escaped(text));
}

std::string Line(std::string_view classes, double x1, double y1, double x2, double y2) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", classes, x1,
      y1, x2, y2);
}

std::string Rectangle(std::string_view classes, double x, double y, double width, double height) {
  return fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      classes, x, y, width, height);
}

struct Bar {
  std::string_view label;
  Way way;
  Value added;
};

struct Panel {
  const Measurements* lab;
  std::vector<Bar> bars;

  int Height() const {
    return kPanelHeadHeight + static_cast<int>(bars.size()) * kBarPitch + kAxisHeight;
  }
};

Panel MakePanel(const Measurements& lab) {
  Panel panel{.lab = &lab, .bars = {}};
  if (const Table* const table = lab.Find("exit")) {
    for (const Row& row : table->rows) {
      if (row.name != kExit) continue;
      for (const ColumnKind* const column : table->columns) {
        if (!column->plotted) continue;
        panel.bars.push_back({.label = column->title,
                              .way = column->way,
                              .added = table->Added(row, column->name, column->base)});
      }
    }
  }
  const auto known = [](const Bar& bar) { return bar.added.has_value(); };
  if (std::none_of(panel.bars.begin(), panel.bars.end(), known)) {
    throw Error(fmt::format("the lab '{}' has not measured what is added to an exit for {}",
                            lab.lab, kExit));
  }
  return panel;
}

// A logarithmic axis from 1 to a power of ten.
class Axis {
 public:
  explicit Axis(const std::vector<Panel>& panels) {
    for (const Panel& panel : panels) {
      for (const Bar& bar : panel.bars) {
        while (bar.added.value_or(0) > Power(decades_)) ++decades_;
      }
    }
  }

  int Decades() const { return decades_; }
  static int64_t Power(int decade) {
    return static_cast<int64_t>(std::llround(std::pow(10.0, decade)));
  }
  double Position(int64_t value) const {
    const double log = std::log10(static_cast<double>(std::max<int64_t>(value, 1)));
    return kBarsLeft + log / decades_ * (kBarsRight - kBarsLeft);
  }

 private:
  int decades_ = 1;
};

std::string DrawBar(const Bar& bar, const Axis& axis, double top) {
  const double baseline = top + kBarPitch / 2.0 + 4.5;
  std::string svg = Text("right", kBarsLeft - 10, baseline, bar.label);
  if (!bar.added) return svg + Text("small", kBarsLeft + 8, baseline, "not measured");
  double end = kBarsLeft;
  if (*bar.added > 0) {
    // What adds one instruction is not nothing.
    end = std::max(axis.Position(*bar.added), kBarsLeft + 2.0);
    svg += Rectangle(bar.way == Way::kOurs ? "ours" : "other", kBarsLeft,
                     top + (kBarPitch - kBarHeight) / 2.0, end - kBarsLeft, kBarHeight);
  }
  return svg + Text("value", end + 8, baseline, FormatNumber(*bar.added));
}

std::string Shortened(const std::string& text, size_t max) {
  return text.size() <= max ? text : text.substr(0, max - 3) + "...";
}

std::string DrawPanel(const Panel& panel, const Axis& axis, double top) {
  const double bars_top = top + kPanelHeadHeight;
  const double bars_bottom = bars_top + static_cast<double>(panel.bars.size()) * kBarPitch;
  std::string svg = Text("lab", kMargin, top + 18, "Lab " + panel.lab->lab);
  svg += Text("small", kMargin, top + 38, Shortened(panel.lab->cpu, kMaxCpu));
  svg += Text("small right", kWidth - kMargin, top + 38,
              Shortened("kernel " + panel.lab->kernel, kMaxKernel));
  for (int decade = 0; decade <= axis.Decades(); ++decade) {
    const double x = axis.Position(Axis::Power(decade));
    svg += Line(decade == 0 ? "axis" : "grid", x, bars_top - 2, x, bars_bottom + 6);
    svg += Text("small middle", x, bars_bottom + 20, FormatNumber(Axis::Power(decade)));
  }
  for (size_t i = 0; i < panel.bars.size(); ++i) {
    svg += DrawBar(panel.bars[i], axis, bars_top + static_cast<double>(i) * kBarPitch);
  }
  return svg + Text("small middle", (kBarsLeft + kBarsRight) / 2.0, bars_bottom + 38,
                    "instructions, logarithmic");
}

std::string DrawLegend() {
  std::string svg = Rectangle("ours", kMargin, 54, 12, 12);
  svg += Text("", kMargin + 18, 64.5, "kvm-exits");
  svg += Rectangle("other", kMargin + 110, 54, 12, 12);
  return svg + Text("", kMargin + 128, 64.5, "other ways to count exits, or their time");
}

// What the picture says, for those who do not see it.
std::string Description(const std::vector<Panel>& panels) {
  std::string text;
  for (const Panel& panel : panels) {
    text += fmt::format("Lab {}:\n", panel.lab->lab);
    for (const Bar& bar : panel.bars) {
      text += fmt::format("{}: {}.\n", bar.label,
                          bar.added ? FormatNumber(*bar.added) : "not measured");
    }
  }
  return Escaped(text);
}

}  // namespace

std::string ToSvg(const std::vector<Measurements>& labs) {
  std::vector<Panel> panels;
  int height = kHeadHeight;
  for (const Measurements& lab : labs) {
    panels.push_back(MakePanel(lab));
    height += panels.back().Height();
  }
  const Axis axis(panels);
  const std::string head = fmt::format("Instructions added to one exit ({})", kExit);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\"\n"
      " width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n",
      kWidth, height, head, Description(panels));
  svg += kStyle;
  // Whatever is behind the picture, black on white can be read.
  svg += fmt::format(
      "<rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"#ffffff\""
      " stroke=\"#d1d9e0\"/>\n",
      kWidth - 1, height - 1);
  svg += Text("head", kMargin, 36, head) + DrawLegend();
  double top = kHeadHeight;
  for (const Panel& panel : panels) {
    svg += DrawPanel(panel, axis, top);
    top += panel.Height();
  }
  return svg + "</svg>\n";
}

}  // namespace kvm_exits::bench
