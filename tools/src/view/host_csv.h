// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_CSV_H_
#define KVM_EXITS_VIEW_HOST_CSV_H_

#include <string>

#include "view/host_renderer.h"

namespace kvm_exits {

// Comma-separated values, as those of a guest: a line for each VM, or for each reason
// of each VM, or of each vCPU where these were asked for.
class HostCsvRenderer : public HostRenderer {
 public:
  explicit HostCsvRenderer(HostTable table) : table_(table) {}

  std::string Render(const HostReport& report) override;

 private:
  HostTable table_;
  bool first_ = true;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_CSV_H_
