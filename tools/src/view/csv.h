// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_CSV_H_
#define KVM_EXITS_VIEW_CSV_H_

#include <string>
#include <string_view>

#include "view/renderer.h"

namespace kvm_exits {

// Comma-separated values (RFC 4180, but with plain line feeds): a head line
// before the first report, then a line for each reason.  A value that does not
// exist is empty.
class CsvRenderer : public Renderer {
 public:
  std::string Render(const Report& report) override;

 private:
  bool first_ = true;
};

// Returns `field` as it must stand in CSV, in quotes where it needs them.
std::string CsvField(std::string_view field);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_CSV_H_
