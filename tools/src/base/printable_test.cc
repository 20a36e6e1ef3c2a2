// SPDX-License-Identifier: GPL-2.0-only
#include "base/printable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace kvm_exits {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// The encoding as RFC 3629 has it, also of what it forbids.
std::string Utf8(uint32_t code) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  if (code < 0x10000) {
    return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  }
  return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)),
          byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

TEST(Printable, LeavesTextAsItIs) {
  for (const char* const text : {"", "web-1", "a b~!\"#$%", "Prüfung", "e\u0301te\u0301", "база",
                                 "日本語", "😀", "שלום", "नमस्ते", "A\u0301\u0302\u0303\u0304"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(Printable, EscapesWhatATerminalObeys) {
  EXPECT_EQ(Printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(Printable("\x1b[2J\x1b]0;x\x07"), "\\x1b[2J\\x1b]0;x\\x07");
  EXPECT_EQ(Printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(Printable("\u009b31m"), "\\u009b31m");
  EXPECT_EQ(Printable("a\\nb"), "a\\\\nb");
}

TEST(Printable, EscapesWhatCannotBeSeenOrTurnsTheTextAround) {
  EXPECT_EQ(Printable("a\u202eb\u2066c\u200fd"), "a\\u202eb\\u2066c\\u200fd");
  EXPECT_EQ(Printable("a\u200b\u200d\ufeffb"), "a\\u200b\\u200d\\ufeffb");
  EXPECT_EQ(Printable("a\u00adb\u2028c\u00a0d"), "a\\u00adb\\u2028c\\u00a0d");
  EXPECT_EQ(Printable("a\u0600b\ufff9c"), "a\\u0600b\\ufff9c");
  EXPECT_EQ(Printable("\u3164\u115f\ufe0f"), "\\u3164\\u115f\\ufe0f");
  EXPECT_EQ(Printable("\U000e0041"), "\\U000e0041");
  EXPECT_EQ(Printable("\ue000\u0378\U0010ffff"), "\\ue000\\u0378\\U0010ffff");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(Printable("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(Printable("\xc0\x8a"), "\\xc0\\x8a") << "overlong";
  EXPECT_EQ(Printable("\xe2\x80"), "\\xe2\\x80") << "cut";
  EXPECT_EQ(Printable(Utf8(0xD800)), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(Printable(Utf8(0x110000)), "\\xf4\\x90\\x80\\x80");
}

TEST(Printable, MarksNeedALetterAndHaveAnEnd) {
  EXPECT_EQ(Printable("\u0301x"), "\\u0301x");
  EXPECT_EQ(Printable("\n\u0301"), "\\n\\u0301");
  EXPECT_EQ(Printable("x\u0301\u0301\u0301\u0301\u0301\u0301y\u0301"),
            "x\u0301\u0301\u0301\u0301\\u0301\\u0301y\u0301");
}

TEST(Printable, NoControlOfAnyEncodingGetsThrough) {
  for (uint32_t code = 0; code < 0x110000; ++code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool direction = code == 0x61C || code == 0x200E || code == 0x200F ||
                           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    const bool unseen = (code >= 0x200B && code <= 0x200D) || code == 0x2060 || code == 0xFEFF;
    const bool no_letter = (code >= 0xD800 && code < 0xF900) || (code & 0xFFFE) == 0xFFFE;
    if (!control && !direction && !unseen && !no_letter) continue;
    const std::string printed = Printable("a" + Utf8(code) + "b");
    ASSERT_EQ(printed.substr(0, 2), "a\\") << std::hex << code;
    ASSERT_THAT(printed, Not(HasSubstr(Utf8(code)))) << std::hex << code;
  }
}

// Printed text is printable: once more, only its backslashes double.
TEST(Printable, AnyBytes) {
  std::mt19937 random(1);
  const std::vector<std::string> parts = {"\x1b[", "\u202e", "\u0301", "日",        "\xe2",
                                          "\x80",  "a",      "\\",     "\U0001f600"};
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (auto i = random() % 12; i > 0; --i) {
      bytes += random() % 2 == 0 ? parts[random() % parts.size()]
                                 : std::string(1, static_cast<char>(random()));
    }
    const std::string printed = Printable(bytes);
    std::string doubled;
    for (const char c : printed) doubled += c == '\\' ? "\\\\" : std::string(1, c);
    ASSERT_EQ(Printable(printed), doubled);
    for (size_t columns = 0; columns < 15; ++columns) {
      const std::string fitted = FitWidth(printed, columns);
      ASSERT_LE(DisplayWidth(fitted), columns) << printed;
      ASSERT_EQ(fitted == printed, DisplayWidth(printed) <= columns) << printed;
      ASSERT_LE(DisplayWidth(FitWidth(bytes, columns)), columns);
    }
  }
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("web-1"), 5U);
  EXPECT_EQ(DisplayWidth("Prüfung"), 7U);
  EXPECT_EQ(DisplayWidth("e\u0301t"), 2U);
  EXPECT_EQ(DisplayWidth("日本"), 4U);
  EXPECT_EQ(DisplayWidth("😀"), 2U);
  EXPECT_EQ(DisplayWidth("…"), 1U);
  EXPECT_EQ(DisplayWidth("\xff\n\u200b"), 3U);
}

TEST(FitWidth, CutsWhatIsWider) {
  EXPECT_EQ(FitWidth("web-1", 5), "web-1");
  EXPECT_EQ(FitWidth("web-1", 9), "web-1");
  EXPECT_EQ(FitWidth("web-1", 4), "web…");
  EXPECT_EQ(FitWidth("web-1", 1), "…");
  EXPECT_EQ(FitWidth("web-1", 0), "");
  EXPECT_EQ(FitWidth("", 0), "");
  EXPECT_EQ(FitWidth("日本語", 6), "日本語");
  EXPECT_EQ(FitWidth("日本語", 5), "日本…");
  EXPECT_EQ(FitWidth("日本語", 4), "日…") << "half a letter does not go";
  EXPECT_EQ(FitWidth("e\u0301te\u0301", 3), "e\u0301te\u0301");
  EXPECT_EQ(FitWidth("e\u0301te\u0301", 2), "e\u0301…");
}

TEST(FitMiddle, LeavesBothEnds) {
  EXPECT_EQ(FitMiddle("web-1", 5), "web-1");
  EXPECT_EQ(FitMiddle("production-db-1", 9), "prod…db-1");
  EXPECT_EQ(FitMiddle("production-db-2", 8), "prod…b-2");
  EXPECT_EQ(FitMiddle("web-1", 2), "w…");
  EXPECT_EQ(FitMiddle("web-1", 1), "…");
  EXPECT_EQ(FitMiddle("web-1", 0), "");
  EXPECT_EQ(FitMiddle("日本語日本語", 6), "日…語") << "half a letter does not go";
  EXPECT_EQ(FitMiddle("ab\u0301cde\u0301", 4), "ab\u0301…e\u0301") << "marks stay on their letters";
  EXPECT_THAT(FitMiddle(Printable(std::string(2 << 20, '\x1b')), 20), EndsWith("\\x1b"));
  for (size_t columns = 0; columns < 20; ++columns) {
    EXPECT_LE(DisplayWidth(FitMiddle("日本 語a😀bcde\u0301fgh", columns)), columns);
  }
}

TEST(FitWidth, LongTextsTakeNoTime) {
  EXPECT_THAT(FitWidth(Printable(std::string(2 << 20, '\x1b')), 20), EndsWith("…"));
}

}  // namespace
}  // namespace kvm_exits
