// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_FINDING_H_
#define KVM_EXITS_MODEL_FINDING_H_

#include <string>
#include <string_view>

namespace kvm_exits {

enum class Verdict {
  kOk,
  kNote,     // worth knowing: a choice, or a limit
  kProblem,  // keeps something from being seen that should be
};

// What came of one check.  In the texts, what is to be typed, or set, stands in single
// quotes, and has none in it.
struct Finding {
  std::string_view check;  // its name, which programs may rely on
  Verdict verdict = Verdict::kOk;
  std::string found;
  std::string advice = {};  // what to do; empty: nothing

  bool operator==(const Finding&) const = default;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_FINDING_H_
