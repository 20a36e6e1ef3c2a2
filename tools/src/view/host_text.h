// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_TEXT_H_
#define KVM_EXITS_VIEW_HOST_TEXT_H_

#include <cstddef>
#include <string>

#include "view/host_renderer.h"

namespace kvm_exits {

// Tables for people, in lines of at most `columns` columns.
class HostTextRenderer : public HostRenderer {
 public:
  HostTextRenderer(HostTable table, size_t columns) : table_(table), columns_(columns) {}

  std::string Render(const HostReport& report) override;

 private:
  HostTable table_;
  size_t columns_;
  bool first_ = true;
};

// "VMX exits of 3 VMs in the 1.000 s to 2026-01-31T23:59:59.999Z", in one line.
std::string HostHeading(const HostReport& report);

// The tables below that: VMs, vCPUs where there are some, and reasons where `table` has them.
std::string HostTables(const HostReport& report, HostTable table, size_t columns);

// What the reader must know of the numbers: a line each.
std::string HostNotes(const HostReport& report);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_TEXT_H_
