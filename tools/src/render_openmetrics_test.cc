// SPDX-License-Identifier: GPL-2.0-only
#include "render_openmetrics.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "fakes.h"

namespace kvm_exits {
namespace {

// The same file is given to the reference parser by render_openmetrics_test.py.
std::string ValidatedText() {
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/src/testdata/guest.openmetrics");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RenderOpenMetrics, IsTheTextThatTheReferenceParserAccepts) {
  Snapshot snapshot = MakeSnapshot();
  // A name that needs escaping, for the parser to undo.
  snapshot.reasons.push_back({{.number = 99, .name = "a\"b\\c\nd"}, 1});
  const Report report = BuildReport(snapshot, {.sort = SortKey::kReason, .with_zeros = true});
  EXPECT_EQ(OpenMetricsRenderer().Render(report), ValidatedText());
}

TEST(RenderOpenMetrics, LabelValuesAreEscaped) {
  EXPECT_EQ(OpenMetricsLabelValue("HLT"), "HLT");
  EXPECT_EQ(OpenMetricsLabelValue("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
}

}  // namespace
}  // namespace kvm_exits
