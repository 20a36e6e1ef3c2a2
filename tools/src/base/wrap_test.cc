// SPDX-License-Identifier: GPL-2.0-only
#include "base/wrap.h"

#include <gtest/gtest.h>

namespace kvm_exits {
namespace {

std::string Wrapped(std::string_view text, size_t width, std::string_view first = "",
                    std::string_view indent = "") {
  std::string out = "before\n";
  AppendWrapped(out, text, first, indent, width);
  EXPECT_TRUE(out.starts_with("before\n"));
  return out.substr(7);
}

TEST(Wrap, FillsLines) {
  EXPECT_EQ(Wrapped("one two three", 80), "one two three\n");
  EXPECT_EQ(Wrapped("one two three", 7), "one two\nthree\n");
  EXPECT_EQ(Wrapped("one two three", 6), "one\ntwo\nthree\n");
  EXPECT_EQ(Wrapped("", 10), "\n");
}

TEST(Wrap, Indents) {
  EXPECT_EQ(Wrapped("one two three", 9, "- ", "  "), "- one two\n  three\n");
  EXPECT_EQ(Wrapped("one two", 8, "- ", "  "), "- one\n  two\n");
}

TEST(Wrap, EndsParagraphs) {
  EXPECT_EQ(Wrapped("one\ntwo three", 80, "- ", "  "), "- one\n\n  two three\n");
}

TEST(Wrap, BreaksNoWord) {
  EXPECT_EQ(Wrapped("a unbreakable b", 4), "a\nunbreakable\nb\n");
  EXPECT_EQ(Wrapped("unbreakable", 0, ">> ", ""), ">> unbreakable\n");
}

}  // namespace
}  // namespace kvm_exits
