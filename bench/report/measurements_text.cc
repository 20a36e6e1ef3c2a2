// SPDX-License-Identifier: GPL-2.0-only
#include "report/measurements_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

constexpr std::string_view kBlanks = " \t";

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t begin = 0; (begin = line.find_first_not_of(kBlanks, begin)) != line.npos;) {
    const size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

Value ParseValue(const std::string& where, std::string_view word) {
  if (word == "-") return std::nullopt;
  int64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || rest != end || value < 0 || value > kMaxValue) {
    throw Error(
        fmt::format("{}: the last word is no number from 0 to {}, nor '-'", where, kMaxValue));
  }
  return value;
}

void ParseLine(const std::string& where, std::string_view line, MeasurementsBuilder& builder) {
  const std::vector<std::string_view> words = WordsOf(line);
  if (words.empty()) return;
  if (line.front() == '#') {
    if (words.size() < 2 || (words[1] != "lab" && words[1] != "kernel" && words[1] != "cpu")) {
      return;
    }
    std::string value;
    for (size_t i = 2; i < words.size(); ++i) {
      if (i > 2) value += ' ';
      value += words[i];
    }
    builder.SetHeader(where, std::string(words[1]), value);
    return;
  }
  if (words.size() != 4) {
    throw Error(
        fmt::format("{}: a measurement has four words, TABLE COLUMN ROW VALUE, and this "
                    "line {}",
                    where, words.size()));
  }
  builder.Add(where, words[0], words[1], words[2], ParseValue(where, words[3]));
}

}  // namespace

Measurements ParseMeasurements(const std::vector<Input>& inputs) {
  MeasurementsBuilder builder;
  std::string paths;
  for (const Input& input : inputs) {
    if (!paths.empty()) paths += ", ";
    paths += input.path;
    const std::string_view text = input.text;
    size_t number = 0;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      ParseLine(fmt::format("{}:{}", input.path, ++number), text.substr(begin, end - begin),
                builder);
      begin = end + 1;
    }
  }
  return builder.Finish(paths);
}

}  // namespace kvm_exits::bench
