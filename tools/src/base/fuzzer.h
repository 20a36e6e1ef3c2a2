// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_FUZZER_H_
#define KVM_EXITS_BASE_FUZZER_H_

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What a fuzzer of `make fuzz` consists of, beside src/fuzz_main.cc: each <name>_fuzz.cc
// defines these two for the parser beside it, and is a program of its own.
namespace kvm_exits {

// Parses somebody's bytes.  What is wrong with the parser ends the program: the
// sanitizers do that, and Require().
void Fuzz(std::string_view input);

// Texts as they are, for the fuzzer to begin with.
std::vector<std::string> FuzzSeeds();

// What holds for all that a parser returns.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_FUZZER_H_
