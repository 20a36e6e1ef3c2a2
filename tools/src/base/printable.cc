// SPDX-License-Identifier: GPL-2.0-only
#include "base/printable.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace kvm_exits {
namespace {

// More than languages need; piled higher they cover the lines above.
constexpr int kMaxMarks = 4;

struct Character {
  int32_t code;  // negative: a byte that is no UTF-8
  size_t bytes;
};

// Returns the character at the front of `text`, which is not empty.
Character Decode(std::string_view text) {
  int32_t code = -1;
  // No character is longer, and the library counts in signed numbers.
  const auto size = static_cast<utf8proc_ssize_t>(std::min(text.size(), size_t{4}));
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const uint8_t*>(text.data()), size, &code);
  if (bytes <= 0) return {.code = -1, .bytes = 1};
  return {.code = code, .bytes = static_cast<size_t>(bytes)};
}

template <typename... Values>
void Append(std::string& text, const char* format, Values... values) {
  std::array<char, 16> buffer = {};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, values...);
  text.append(buffer.data(), static_cast<size_t>(size));
}

void AppendEscape(std::string& text, const Character& character, char first_byte) {
  const auto code = static_cast<unsigned>(character.code);
  if (character.code < 0) {
    Append(text, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(first_byte)));
  } else if (code == '\n') {
    text += "\\n";
  } else if (code == '\t') {
    text += "\\t";
  } else if (code == '\r') {
    text += "\\r";
  } else if (code < 0x80) {
    Append(text, "\\x%02x", code);
  } else if (code < 0x10000) {
    Append(text, "\\u%04x", code);
  } else {
    Append(text, "\\U%08x", code);
  }
}

enum class Kind { kShown, kMark, kEscaped };

Kind KindOf(int32_t code) {
  if (code < 0) return Kind::kEscaped;
  const utf8proc_property_t& property = *utf8proc_get_property(code);
  // Not to be seen by definition, whatever their category: fillers, variation selectors,
  // joiners.
  if (property.ignorable) return Kind::kEscaped;
  switch (property.category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:  // all that override the direction are here
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return Kind::kEscaped;
    case UTF8PROC_CATEGORY_ZS:
      return code == ' ' ? Kind::kShown : Kind::kEscaped;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
      return Kind::kMark;
    default:
      return utf8proc_charwidth(code) == 0 ? Kind::kMark : Kind::kShown;
  }
}

size_t WidthOf(int32_t code) {
  switch (KindOf(code)) {
    case Kind::kMark:
      return 0;
    case Kind::kEscaped:
      return 1;
    case Kind::kShown:
      break;
  }
  return static_cast<size_t>(std::max(utf8proc_charwidth(code), 1));
}

}  // namespace

std::string Printable(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  int room_for_marks = 0;  // none before the first letter: a mark would go onto what precedes
  while (!bytes.empty()) {
    const Character character = Decode(bytes);
    Kind kind = KindOf(character.code);
    if (kind == Kind::kMark && room_for_marks-- <= 0) kind = Kind::kEscaped;
    if (kind == Kind::kShown) room_for_marks = kMaxMarks;
    if (kind == Kind::kEscaped) {
      AppendEscape(text, character, bytes.front());
      room_for_marks = 0;
    } else {
      text += bytes.substr(0, character.bytes);
    }
    if (character.code == '\\') text += '\\';
    bytes.remove_prefix(character.bytes);
  }
  return text;
}

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0;
  while (!utf8.empty()) {
    const Character character = Decode(utf8);
    width += WidthOf(character.code);
    utf8.remove_prefix(character.bytes);
  }
  return width;
}

std::string FitWidth(std::string_view utf8, size_t columns) {
  if (columns == 0) return "";
  size_t width = 0;
  size_t fits = 0;  // bytes beside which there is room for the "…"
  for (size_t at = 0; at < utf8.size();) {
    const Character character = Decode(utf8.substr(at));
    width += WidthOf(character.code);
    at += character.bytes;
    if (width > columns) return std::string(utf8.substr(0, fits)) + "…";
    if (width < columns) fits = at;
  }
  return std::string(utf8);
}

std::string FitMiddle(std::string_view utf8, size_t columns) {
  const size_t width = DisplayWidth(utf8);
  if (columns == 0 || width <= columns) return FitWidth(utf8, columns);
  const size_t after = (columns - 1) / 2;
  const size_t before = columns - 1 - after;
  size_t column = 0;
  size_t begin = 0;  // bytes in front of the "…"
  for (size_t at = 0; at < utf8.size();) {
    const Character character = Decode(utf8.substr(at));
    // A mark belongs to what is in front of it.
    if (column >= width - after && WidthOf(character.code) > 0) {
      return std::string(utf8.substr(0, begin)) + "…" + std::string(utf8.substr(at));
    }
    column += WidthOf(character.code);
    at += character.bytes;
    if (column <= before) begin = at;
  }
  return std::string(utf8.substr(0, begin)) + "…";
}

}  // namespace kvm_exits
