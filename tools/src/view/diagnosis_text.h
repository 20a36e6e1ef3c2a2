// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_DIAGNOSIS_TEXT_H_
#define KVM_EXITS_VIEW_DIAGNOSIS_TEXT_H_

#include <string>

#include "model/diagnosis.h"

namespace kvm_exits {

// For people: a mark, a check and what was found, the advice below, in 80 columns; last,
// what can be shown, by which command.  What is in single quotes is broken only where it
// is longer than a line, and that not at all where it has no blank.
std::string DiagnosisText(const Diagnosis& diagnosis);

// The same as a JSON object (RFC 8259), on a line of its own.
std::string DiagnosisJson(const Diagnosis& diagnosis);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_DIAGNOSIS_TEXT_H_
