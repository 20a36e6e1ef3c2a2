// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_RENDER_H_
#define KVM_EXITS_RENDER_H_

#include <chrono>
#include <memory>
#include <string>

#include "report.h"

namespace kvm_exits {

enum class Format { kTable, kJson, kCsv, kOpenMetrics };

// Turns the reports of one run into text.
class Renderer {
 public:
  Renderer() = default;
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;
  virtual ~Renderer() = default;

  // Returns the text of the next report, in whole lines.
  virtual std::string Render(const Report& report) = 0;
};

std::unique_ptr<Renderer> MakeRenderer(Format format);

// UTC in the form of RFC 3339, to the millisecond: "2026-01-31T23:59:59.999Z".
std::string FormatTime(std::chrono::system_clock::time_point time);

}  // namespace kvm_exits

#endif  // KVM_EXITS_RENDER_H_
