// SPDX-License-Identifier: GPL-2.0-only
#include "base/regex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/error.h"

namespace kvm_exits {
namespace {

std::string Times(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

bool Matches(const std::string& pattern, const std::string& text) {
  const auto regex = Regex::Parse(pattern);
  EXPECT_TRUE(regex) << pattern;
  return regex && regex->Search(text);
}

TEST(Regex, FindsAPartOfTheTextInAnyCase) {
  for (const char* const pattern :
       {"HLT",     "hlt",      "l",    "",    "^H",    "T$",     "^HLT$",  "x|l",
        "(x|H)L",  "h.t",      "hx*l", "hl+", "hx?lt", "[g-i]l", "[^a]l",  "[[:alpha:]]{3}",
        "^.{2,}$", "^.{1,3}$", "h{1}", "()",  "(|x)",  "^^h",    "[]h]lt", "[x-]|t",
        "(h*)*lt", "\\bHLT\\b"}) {
    EXPECT_TRUE(Matches(pattern, "HLT")) << pattern;
  }
  for (const char* const pattern : {"^L", "L$", "x", "^.{2}$", "^.{4,}$", "[^hlt]", "[[:digit:]]",
                                    "HT", "\\.", "hl{2}", "(hl)+lt", "$h", "l^"}) {
    EXPECT_FALSE(Matches(pattern, "HLT")) << pattern;
  }
  EXPECT_TRUE(Matches("\\(.*\\)", "(unnamed)"));
  EXPECT_TRUE(Matches("^$", ""));
}

TEST(Regex, WhatIsNone) {
  for (const char* const pattern : {"(", ")", "a)", "*", "+a", "a|?", "[", "[a", "[z-a]", "\\"}) {
    EXPECT_FALSE(Regex::Parse(pattern)) << pattern;
  }
}

TEST(Regex, PatternsHaveAnEnd) {
  EXPECT_TRUE(Regex::Parse(std::string(256, 'a')));
  EXPECT_FALSE(Regex::Parse(std::string(257, 'a')));
  EXPECT_FALSE(Regex::Parse(Times("(", 20000) + Times(")", 20000)));
}

TEST(Regex, NoPatternTakesLong) {
  using Clock = std::chrono::steady_clock;
  const std::string text = "VMEXIT_AVIC_INCOMPLETE_IPI_AND_MORE_OF_IT";
  int refused = 0;
  for (const std::string& pattern :
       {std::string("([A-Z_]+)*[0-9]"), Times("(", 128) + Times(")", 128), Times("(.*)*", 50) + "Q",
        Times("(", 80) + "a" + Times(")+", 80), Times("(^|$)*", 42),
        Times("(", 40) + "." + Times("){255}", 35) + Times(")", 5),
        Times("(.*.?|", 32) + Times(")+", 32)}) {
    const auto start = Clock::now();
    try {
      if (const auto regex = Regex::Parse(pattern)) regex->Search(text);
    } catch (const Error&) {
      ++refused;
    }
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(2)) << pattern;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace kvm_exits
