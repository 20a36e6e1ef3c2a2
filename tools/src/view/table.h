// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TABLE_H_
#define KVM_EXITS_VIEW_TABLE_H_

#include <string>

#include "view/renderer.h"

namespace kvm_exits {

// For people: columns of fixed width, so that they keep their place from one
// report to the next, with their units in the head line.
class TableRenderer : public Renderer {
 public:
  std::string Render(const Report& report) override;

 private:
  bool first_ = true;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TABLE_H_
