// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_REGEX_H_
#define KVM_EXITS_BASE_REGEX_H_

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace kvm_exits {

// An extended regular expression of POSIX, in any case, for short texts.
//
// Those of the C and C++ libraries run out of stack, of memory or of time on some
// patterns: std::regex on 20000 parentheses and on "(.*)*(.*)*Q", glibc's regcomp()
// on "((((a+)+)+)+)+" and on "(^|$)*(^|$)*".  What this one takes is bounded by the
// length of the pattern: it computes, once for each part of the pattern and from the
// inside out, from where to where in the text that part matches.
class Regex {
 public:
  static constexpr size_t kMaxPattern = 256;
  static constexpr size_t kMaxText = 127;
  static constexpr unsigned kMaxRepeats = 255;

  // Returns nothing where `pattern` is none, or longer than kMaxPattern.  A backslash
  // stands before a punctuation mark only: there are no back references and classes
  // but those of POSIX, "[[:alpha:]]".
  static std::optional<Regex> Parse(std::string_view pattern);

  // Says whether some part of `text`, of its first kMaxText characters, matches.
  bool Search(std::string_view text) const;

 private:
  friend class RegexParser;

  enum class Kind { kEmpty, kStart, kEnd, kCharacter, kSequence, kAlternative, kRepeat };
  struct Node {
    Kind kind;
    size_t left = 0;  // nodes, which come before this one
    size_t right = 0;
    unsigned min = 0;
    std::optional<unsigned> max = std::nullopt;
    std::bitset<256> characters = {};
  };

  std::vector<Node> nodes_;  // the last is the whole
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_REGEX_H_
