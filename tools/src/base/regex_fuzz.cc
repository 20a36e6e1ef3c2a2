// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/error.h"
#include "base/fuzzer.h"
#include "base/regex.h"

namespace kvm_exits {

// A pattern, and behind a line feed the text.
void Fuzz(std::string_view input) {
  const size_t end = std::min(input.find('\n'), input.size());
  const auto regex = Regex::Parse(input.substr(0, end));
  Require(!regex || end <= Regex::kMaxPattern);
  if (!regex) return;
  try {
    regex->Search(input.substr(end));
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): it takes too long
  }
}

std::vector<std::string> FuzzSeeds() {
  return {"^MSR_(READ|WRITE)$\nMSR_READ",
          "cpuid\nCPUID",
          "(.*)*(.*)*Q\nEPT_MISCONFIG",
          "(?<n>[a-z]+)\\k<n>(?=x)(?!y)\nabab",
          "((((((((((a?){9}){9}){9}))))))\naaaa",
          "\\p{Lu}\\X\\R\\K(?R)?\nA",
          "(*LIMIT_MATCH=4294967295)(*UTF)(*UCP)\\w\nx"};
}

}  // namespace kvm_exits
