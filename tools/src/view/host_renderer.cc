// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_renderer.h"

#include "view/host_csv.h"
#include "view/host_json.h"
#include "view/host_text.h"

namespace kvm_exits {

std::unique_ptr<HostRenderer> MakeHostRenderer(Format format, HostTable table, size_t columns) {
  switch (format) {
    case Format::kJson:
      return std::make_unique<HostJsonRenderer>(table);
    case Format::kCsv:
      return std::make_unique<HostCsvRenderer>(table);
    default:
      return std::make_unique<HostTextRenderer>(table, columns);
  }
}

}  // namespace kvm_exits
