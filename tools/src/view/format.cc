// SPDX-License-Identifier: GPL-2.0-only
#include "view/format.h"

#include "view/csv.h"
#include "view/json.h"
#include "view/openmetrics.h"
#include "view/table.h"

namespace kvm_exits {

std::unique_ptr<Renderer> MakeRenderer(Format format) {
  switch (format) {
    case Format::kTable:
      return std::make_unique<TableRenderer>();
    case Format::kJson:
      return std::make_unique<JsonRenderer>();
    case Format::kCsv:
      return std::make_unique<CsvRenderer>();
    case Format::kOpenMetrics:
      return std::make_unique<OpenMetricsRenderer>(MetricsDialect::kOpenMetrics);
    case Format::kPrometheus:
      return std::make_unique<OpenMetricsRenderer>(MetricsDialect::kPrometheus);
  }
  return nullptr;
}

}  // namespace kvm_exits
