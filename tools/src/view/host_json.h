// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_JSON_H_
#define KVM_EXITS_VIEW_HOST_JSON_H_

#include <string>

#include "view/host_renderer.h"

namespace kvm_exits {

// One JSON object (RFC 8259) on a line of its own for each report, as
// docs/host.schema.json describes it.  Names are foreign text: what is no UTF-8 in them
// is replaced.
class HostJsonRenderer : public HostRenderer {
 public:
  explicit HostJsonRenderer(HostTable table) : table_(table) {}

  std::string Render(const HostReport& report) override;

 private:
  HostTable table_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_JSON_H_
