// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "render_csv.h"
#include "render_json.h"
#include "render_openmetrics.h"
#include "render_table.h"

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
      return std::make_unique<OpenMetricsRenderer>();
  }
  return nullptr;
}

std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

}  // namespace kvm_exits
