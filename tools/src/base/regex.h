// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_REGEX_H_
#define KVM_EXITS_BASE_REGEX_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

struct pcre2_real_code_8;

namespace kvm_exits {

// A regular expression of PCRE2, in any case, for short texts.
//
// The standard library's runs out of stack on 20000 parentheses, and out of time on
// "(.*)*(.*)*Q"; PCRE2 has limits for both.
class Regex {
 public:
  static constexpr size_t kMaxPattern = 256;

  // Returns nothing where `pattern` is none, or longer than kMaxPattern.
  static std::optional<Regex> Parse(std::string_view pattern);

  // Says whether some part of `text` matches.  Throws Error if that takes too long to
  // find out.
  bool Search(std::string_view text) const;

 private:
  explicit Regex(std::shared_ptr<pcre2_real_code_8> code) : code_(std::move(code)) {}

  // Shared, as the options that have one are copied.
  std::shared_ptr<pcre2_real_code_8> code_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_REGEX_H_
