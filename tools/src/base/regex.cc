// SPDX-License-Identifier: GPL-2.0-only
#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <new>

#include "base/error.h"

namespace kvm_exits {
namespace {

// A name of 30 characters takes some hundred steps, the hardest patterns any number.
constexpr uint32_t kMaxSteps = 1'000'000;
constexpr uint32_t kMaxHeapKib = 16 * 1024;

template <typename T>
T* NotNull(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

}  // namespace

std::optional<Regex> Regex::Parse(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) return std::nullopt;

  int error = 0;
  size_t where = 0;
  std::shared_ptr<pcre2_code> code(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_CASELESS,
                    &error, &where, nullptr),
      pcre2_code_free);
  if (!code) return std::nullopt;
  return Regex(std::move(code));
}

bool Regex::Search(std::string_view text) const {
  const std::shared_ptr<pcre2_match_context> limits(NotNull(pcre2_match_context_create(nullptr)),
                                                    pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), kMaxSteps);
  pcre2_set_heap_limit(limits.get(), kMaxHeapKib);
  const std::shared_ptr<pcre2_match_data> match(
      NotNull(pcre2_match_data_create_from_pattern(code_.get(), nullptr)), pcre2_match_data_free);

  const int result = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                 text.size(), 0, 0, match.get(), limits.get());
  if (result >= 0) return true;
  if (result == PCRE2_ERROR_NOMATCH) return false;
  throw Error("the regular expression takes too long to match: a simpler one, please");
}

}  // namespace kvm_exits
