// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_RENDERER_H_
#define KVM_EXITS_VIEW_HOST_RENDERER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "view/format.h"
#include "view/host_report.h"

namespace kvm_exits {

// What has a line: VMs, as `list` shows them, or exit reasons, as `stat` does.
enum class HostTable { kVms, kReasons };

// Turns the reports of one run about a host into text.
class HostRenderer {
 public:
  HostRenderer() = default;
  HostRenderer(const HostRenderer&) = delete;
  HostRenderer& operator=(const HostRenderer&) = delete;
  virtual ~HostRenderer() = default;

  // Returns the text of the next report, in whole lines.
  virtual std::string Render(const HostReport& report) = 0;
};

// `columns` is the width of the terminal, for tables.  `format` is one that hosts have:
// table, JSON or CSV.
std::unique_ptr<HostRenderer> MakeHostRenderer(Format format, HostTable table, size_t columns);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_RENDERER_H_
