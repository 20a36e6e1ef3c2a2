// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_EXPLANATION_TEXT_H_
#define KVM_EXITS_VIEW_EXPLANATION_TEXT_H_

#include <cstddef>
#include <span>
#include <string>

#include "model/explanation.h"

namespace kvm_exits {

// An explanation for people to read, in lines of up to `width` columns.  What cannot
// be broken, as a command to type, may be longer.
//
// As that of one reason:
std::string RenderExplanation(const Explanation& explanation, Isa isa, const ExitReason& reason,
                              size_t width);
// and of all the reasons that it is of:
std::string RenderExplanation(const Explanation& explanation, Isa isa, size_t width);

// What there is an explanation for: a line for each reason of the extensions.
std::string RenderExplanationIndex(std::span<const Isa> isas);

// One JSON object on a line of its own.
std::string RenderExplanationJson(const Explanation& explanation, Isa isa,
                                  const ExitReason& reason);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_EXPLANATION_TEXT_H_
