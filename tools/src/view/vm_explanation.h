// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_VM_EXPLANATION_H_
#define KVM_EXITS_VIEW_VM_EXPLANATION_H_

#include <cstddef>
#include <string>

#include "view/host_report.h"

namespace kvm_exits {

// What cost a VM most, by reason, with what was measured, and what of that calls for
// something: in lines of up to `width` columns.  `report` is of one VM.
std::string RenderVmExplanation(const HostReport& report, size_t width);

// The same as one JSON object on a line.
std::string RenderVmExplanationJson(const HostReport& report);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_VM_EXPLANATION_H_
