// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_JSON_H_
#define KVM_EXITS_VIEW_JSON_H_

#include <string>

#include "view/renderer.h"

namespace kvm_exits {

// One JSON object (RFC 8259) on a line of its own for each report.  Integers are
// up to 64 bits wide, and an exit reason is one, for JSON has no other notation;
// a share that does not exist is null.
class JsonRenderer : public Renderer {
 public:
  std::string Render(const Report& report) override;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_JSON_H_
