// SPDX-License-Identifier: GPL-2.0-only
#include "base/regex.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace kvm_exits {
namespace {

// For each position in the text where a match may start, those where it may end.
using Ends = std::bitset<Regex::kMaxText + 1>;
using Relation = std::vector<Ends>;

Relation Nowhere(size_t positions) { return Relation(positions); }

Relation Identity(size_t positions) {
  Relation result(positions);
  for (size_t at = 0; at < positions; ++at) result[at].set(at);
  return result;
}

Relation Union(Relation a, const Relation& b) {
  for (size_t start = 0; start < a.size(); ++start) a[start] |= b[start];
  return a;
}

Relation Product(const Relation& a, const Relation& b) {
  Relation result = Nowhere(a.size());
  for (size_t start = 0; start < a.size(); ++start) {
    for (size_t middle = 0; middle < a.size(); ++middle) {
      if (a[start][middle]) result[start] |= b[middle];
    }
  }
  return result;
}

Relation Power(Relation base, unsigned exponent) {
  Relation result = Identity(base.size());
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = Product(result, base);
    if (exponent > 1) base = Product(base, base);
  }
  return result;
}

// Any number of times: Warshall's algorithm.
Relation Closure(const Relation& once) {
  Relation result = Union(once, Identity(once.size()));
  for (size_t middle = 0; middle < result.size(); ++middle) {
    for (Ends& ends : result) {
      if (ends[middle]) ends |= result[middle];
    }
  }
  return result;
}

Relation Repeated(const Relation& once, unsigned min, std::optional<unsigned> max) {
  return Product(Power(once, min),
                 max ? Power(Union(once, Identity(once.size())), *max - min) : Closure(once));
}

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

void AddInAnyCase(std::bitset<256>& characters, unsigned char c) {
  characters.set(static_cast<unsigned char>(std::tolower(c)));
  characters.set(static_cast<unsigned char>(std::toupper(c)));
}

}  // namespace

// By recursive descent.  Each function returns the number of the node that it made, or
// nothing where the pattern is wrong.
class RegexParser {
 public:
  explicit RegexParser(std::string_view pattern) : rest_(pattern) {}

  std::optional<Regex> Parse() {
    if (!ParseAlternatives() || !rest_.empty()) return std::nullopt;
    return std::move(regex_);
  }

 private:
  using Kind = Regex::Kind;
  using Node = Regex::Node;

  bool Take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  size_t Add(const Node& node) {
    regex_.nodes_.push_back(node);
    return regex_.nodes_.size() - 1;
  }

  std::optional<size_t> ParseAlternatives() {
    std::optional<size_t> left = ParseSequence();
    while (left && Take("|")) {
      const std::optional<size_t> right = ParseSequence();
      if (!right) return std::nullopt;
      left = Add({.kind = Kind::kAlternative, .left = *left, .right = *right});
    }
    return left;
  }

  std::optional<size_t> ParseSequence() {
    std::optional<size_t> left = Add({.kind = Kind::kEmpty});
    while (left && !rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::optional<size_t> right = ParseRepeated();
      if (!right) return std::nullopt;
      left = Add({.kind = Kind::kSequence, .left = *left, .right = *right});
    }
    return left;
  }

  std::optional<size_t> ParseRepeated() {
    std::optional<size_t> node = ParseAtom();
    while (node && !rest_.empty()) {
      Node repeat{.kind = Kind::kRepeat, .left = *node};
      if (Take("+")) {
        repeat.min = 1;
      } else if (Take("?")) {
        repeat.max = 1;
      } else if (Take("{")) {
        if (!ParseBounds(repeat)) return std::nullopt;
      } else if (!Take("*")) {
        break;
      }
      node = Add(repeat);
    }
    return node;
  }

  // What follows on "{": "3}", "3,}" or "3,5}".
  bool ParseBounds(Node& repeat) {
    const std::optional<unsigned> min = ParseNumber();
    if (!min) return false;
    repeat.min = *min;
    repeat.max = min;
    if (Take(",")) {
      repeat.max = ParseNumber();
      if (!repeat.max) return Take("}");
    }
    return *repeat.max >= repeat.min && Take("}");
  }

  std::optional<unsigned> ParseNumber() {
    std::optional<unsigned> number;
    while (!rest_.empty() && std::isdigit(Byte(rest_.front())) != 0) {
      number = number.value_or(0) * 10 + static_cast<unsigned>(rest_.front() - '0');
      if (*number > Regex::kMaxRepeats) return std::nullopt;
      rest_.remove_prefix(1);
    }
    return number;
  }

  std::optional<size_t> ParseAtom() {
    if (Take("(")) {
      const std::optional<size_t> node = ParseAlternatives();
      return Take(")") ? node : std::nullopt;
    }
    if (Take("[")) return ParseBrackets();
    if (Take("^")) return Add({.kind = Kind::kStart});
    if (Take("$")) return Add({.kind = Kind::kEnd});
    Node node{.kind = Kind::kCharacter};
    if (Take(".")) {
      node.characters.set();
      return Add(node);
    }
    const bool is_escaped = Take("\\");
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    if (is_escaped ? std::ispunct(Byte(c)) == 0
                   : std::string_view("*+?{").find(c) != std::string_view::npos) {
      return std::nullopt;
    }
    rest_.remove_prefix(1);
    AddInAnyCase(node.characters, Byte(c));
    return Add(node);
  }

  // What follows on "[".  A "]" at the start is one of the characters.
  std::optional<size_t> ParseBrackets() {
    Node node{.kind = Kind::kCharacter};
    const bool is_negated = Take("^");
    for (bool is_first = true; is_first || !Take("]"); is_first = false) {
      if (rest_.empty()) return std::nullopt;
      if (Take("[:")) {
        if (!ParseClass(node)) return std::nullopt;
        continue;
      }
      const unsigned char first = Byte(rest_.front());
      unsigned char last = first;
      rest_.remove_prefix(1);
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        last = Byte(rest_[1]);
        rest_.remove_prefix(2);
      }
      if (first > last) return std::nullopt;
      for (unsigned c = first; c <= last; ++c) {
        AddInAnyCase(node.characters, static_cast<unsigned char>(c));
      }
    }
    if (is_negated) node.characters.flip();
    return Add(node);
  }

  // What follows on "[:".
  bool ParseClass(Node& node) {
    static constexpr std::array<std::pair<std::string_view, int (*)(int)>, 12> kClasses = {
        {{"alnum:]", std::isalnum},
         {"alpha:]", std::isalpha},
         {"blank:]", std::isblank},
         {"cntrl:]", std::iscntrl},
         {"digit:]", std::isdigit},
         {"graph:]", std::isgraph},
         {"lower:]", std::islower},
         {"print:]", std::isprint},
         {"punct:]", std::ispunct},
         {"space:]", std::isspace},
         {"upper:]", std::isupper},
         {"xdigit:]", std::isxdigit}}};
    for (const auto& [name, has] : kClasses) {
      if (!Take(name)) continue;
      for (int c = 0; c < 256; ++c) {
        if (has(c) != 0) AddInAnyCase(node.characters, static_cast<unsigned char>(c));
      }
      return true;
    }
    return false;
  }

  std::string_view rest_;
  Regex regex_;
};

std::optional<Regex> Regex::Parse(std::string_view pattern) {
  // The parser's recursion is as deep as there are parentheses.
  if (pattern.size() > kMaxPattern) return std::nullopt;
  return RegexParser(pattern).Parse();
}

bool Regex::Search(std::string_view text) const {
  text = text.substr(0, kMaxText);
  const size_t positions = text.size() + 1;
  std::vector<Relation> matches;
  for (const Node& node : nodes_) {
    Relation match = Nowhere(positions);
    switch (node.kind) {
      case Kind::kEmpty:
        match = Identity(positions);
        break;
      case Kind::kStart:
        match.front().set(0);
        break;
      case Kind::kEnd:
        match.back().set(text.size());
        break;
      case Kind::kCharacter:
        for (size_t at = 0; at < text.size(); ++at) {
          match[at].set(at + 1, node.characters[Byte(text[at])]);
        }
        break;
      case Kind::kSequence:
        match = Product(matches[node.left], matches[node.right]);
        break;
      case Kind::kAlternative:
        match = Union(matches[node.left], matches[node.right]);
        break;
      case Kind::kRepeat:
        match = Repeated(matches[node.left], node.min, node.max);
        break;
    }
    matches.push_back(std::move(match));
  }
  return std::ranges::any_of(matches.back(), [](const Ends& ends) { return ends.any(); });
}

}  // namespace kvm_exits
