// SPDX-License-Identifier: GPL-2.0-only
#include "base/regex.h"

#include <gtest/gtest.h>
#include <regex.h>

#include <chrono>
#include <random>
#include <string>

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
        "(h*)*lt"}) {
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
  for (const char* const pattern :
       {"(",  ")",    "a)",  "*",      "+a",     "a|?",   "[",  "[a",      "[z-a]", "[[:nothing:]]",
        "a{", "a{x}", "a{2", "a{3,2}", "a{256}", "a{,2}", "\\", "(.*)\\1", "\\w",   "\\b"}) {
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
  for (const std::string& pattern :
       {Times("(", 128) + Times(")", 128), Times("(.*)*", 50) + "Q",
        Times("(", 80) + "a" + Times(")+", 80), "a" + Times("+", 255), Times("(^|$)*", 42),
        Times("(", 40) + "." + Times("){255}", 35) + Times(")", 5),
        Times("(.*.?|", 32) + Times(")+", 32)}) {
    const auto start = Clock::now();
    Matches(pattern, text);
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(1)) << pattern;
  }
}

// Of short patterns glibc's is no trouble.
TEST(Regex, AgreesWithTheCLibrary) {
  std::mt19937 random(1);
  int matches = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string pattern;
    for (auto left = random() % 9; left > 0; --left) pattern += "abB.()|*+?[]^$"[random() % 14];
    std::string text;
    for (auto left = random() % 6; left > 0; --left) text += "abAB"[random() % 4];
    regex_t regex;
    const auto ours = Regex::Parse(pattern);
    // Where POSIX leaves the meaning open, as for "a|*b", ours is the stricter.
    if (!ours || regcomp(&regex, pattern.c_str(), REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0) {
      continue;
    }
    const bool expected = regexec(&regex, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&regex);
    EXPECT_EQ(ours->Search(text), expected) << pattern << " in " << text;
    matches += expected ? 1 : 0;
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace kvm_exits
