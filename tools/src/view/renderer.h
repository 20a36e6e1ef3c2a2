// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_RENDERER_H_
#define KVM_EXITS_VIEW_RENDERER_H_

#include <string>

#include "view/report.h"

namespace kvm_exits {

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

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_RENDERER_H_
