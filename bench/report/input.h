// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_INPUT_H_
#define KVM_EXITS_BENCH_INPUT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kvm_exits::bench {

// A file that has been read, by its name in messages.
struct Input {
  std::string path;
  std::string text;
};

// Throws Error where it cannot be read, or has more than anybody has measured.
Input ReadInput(const std::string& path);

// Throws Error, in one line, where it is no JSON.
nlohmann::json ParseJson(const Input& input);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_INPUT_H_
