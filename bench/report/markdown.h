// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_MARKDOWN_H_
#define KVM_EXITS_BENCH_MARKDOWN_H_

#include <optional>
#include <string>
#include <vector>

#include "report/input.h"
#include "report/measurements.h"
#include "report/primitives.h"

namespace kvm_exits::bench {

struct Results {
  std::vector<Measurements> labs;
  std::optional<Primitives> primitives;
};

// Returns the text of a document in Markdown with the results between its markers, each
// on a line of its own:
//
//   <!-- bench: TABLE LAB -->       the table as it was measured in that lab
//   <!-- bench: TABLE columns -->   what its columns mean
//   <!-- bench: primitives -->      the times of the primitives
//   <!-- end -->
//
// Throws Error with file and line where a marker has no partner or no results, or there
// is none at all.
std::string FillMarkdown(const Input& document, const Results& results);

// Returns the first line in which two texts differ, from 1, or 0 where they do not.
size_t FirstDifference(const std::string& one, const std::string& other);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_MARKDOWN_H_
