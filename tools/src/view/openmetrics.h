// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_OPENMETRICS_H_
#define KVM_EXITS_VIEW_OPENMETRICS_H_

#include <string>
#include <string_view>

#include "view/renderer.h"

namespace kvm_exits {

// OpenMetrics 1.0, or the text format of Prometheus (version 0.0.4), which is what
// node_exporter's textfile collector reads.
enum class MetricsDialect { kOpenMetrics, kPrometheus };

// One exposition a report.  Counters only ever grow, so the report must be of exits
// since the VM was created.
class OpenMetricsRenderer : public Renderer {
 public:
  explicit OpenMetricsRenderer(MetricsDialect dialect) : dialect_(dialect) {}

  std::string Render(const Report& report) override;

 private:
  MetricsDialect dialect_;
};

// Returns `value` as it must stand between the quotes of a label.
std::string OpenMetricsLabelValue(std::string_view value);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_OPENMETRICS_H_
