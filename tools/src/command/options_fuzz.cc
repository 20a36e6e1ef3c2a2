// SPDX-License-Identifier: GPL-2.0-only
#include "base/fuzzer.h"
#include "command/options.h"

namespace kvm_exits {

// What users type, or what types for them.
void Fuzz(std::string_view input) {
  const std::string text(input);
  const auto wanted = ParseReason(text);
  Require(!wanted || wanted->text == text);
  if (wanted) {
    for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
      const auto reason = ResolveReason(*FindReasonTable(isa), *wanted);
      Require(!wanted->number || (reason && reason->number == *wanted->number));
    }
  }
  // What they find fault with they name.
  for (const auto check : {CheckPositive, CheckInterval, CheckFilter}) {
    const std::string wrong = check(text);
    Require(wrong.empty() || wrong.find("'" + text + "'") == 0 || text.size() > Regex::kMaxPattern);
  }
}

std::vector<std::string> FuzzSeeds() {
  return {"12",  "0x72", "-1",   "4294967295", "HLT", "0.01", "1e300",
          "nan", "010",  "0b11", "1_000",      "1'0", "+5",   "99999999999999999999"};
}

}  // namespace kvm_exits
