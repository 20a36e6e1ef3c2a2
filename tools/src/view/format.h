// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_FORMAT_H_
#define KVM_EXITS_VIEW_FORMAT_H_

#include <memory>

#include "view/renderer.h"

namespace kvm_exits {

enum class Format { kTable, kJson, kCsv, kOpenMetrics, kPrometheus };

std::unique_ptr<Renderer> MakeRenderer(Format format);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_FORMAT_H_
