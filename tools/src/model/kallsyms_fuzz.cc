// SPDX-License-Identifier: GPL-2.0-only
#include <cstdint>
#include <limits>

#include "base/error.h"
#include "base/fuzzer.h"
#include "model/kallsyms.h"

namespace kvm_exits {

void Fuzz(std::string_view input) {
  try {
    const Kallsyms symbols = Kallsyms::Parse(input);
    size_t found = 0;
    for (uint64_t address = 1; address != 0; address <<= 1U) {
      if (symbols.Find(address)) ++found;
      symbols.Find(~address);
    }
    Require(!symbols.Find(0));
    Require(found <= 64);
    symbols.Find(std::numeric_limits<uint64_t>::max());
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): there are no symbols
  }
}

std::vector<std::string> FuzzSeeds() {
  return {
      "ffffffff81000000 T _text\n"
      "ffffffff81061a60 t native_write_msr\n"
      "ffffffff81061a80 T native_read_msr\n"
      "ffffffffc0a01000 t kvm_exit\t[kvm]\n"
      "ffffffff82400000 D a_variable\n",
      "0000000000000000 T _text\n", "8000 W weak\n4000 w x\n", "1 T \n2 T"};
}

}  // namespace kvm_exits
