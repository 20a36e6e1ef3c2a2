// SPDX-License-Identifier: GPL-2.0-only
#include "view/openmetrics.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

// The same files are given to the reference parser by openmetrics_test.py.
std::string ValidatedText(const std::string& name) {
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/src/view/testdata/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RenderOpenMetrics, IsTheTextThatTheReferenceParserAccepts) {
  Snapshot snapshot = MakeSnapshot();
  // A name that needs escaping, for the parser to undo.
  snapshot.reasons.push_back({{.number = 99, .name = "a\"b\\c\nd"}, 1});
  const Report report = BuildReport(snapshot, {.sort = SortKey::kReason, .with_zeros = true});
  EXPECT_EQ(OpenMetricsRenderer().Render(report), ValidatedText("guest_vmx.openmetrics"));
}

TEST(RenderOpenMetrics, NumbersOfSvmAreThoseOfTheManual) {
  const ReportOptions options{.sort = SortKey::kReason, .with_zeros = true};
  EXPECT_EQ(OpenMetricsRenderer().Render(BuildReport(MakeSvmSnapshot(), options)),
            ValidatedText("guest_svm.openmetrics"));
}

TEST(RenderOpenMetrics, LabelValuesAreEscaped) {
  EXPECT_EQ(OpenMetricsLabelValue("HLT"), "HLT");
  EXPECT_EQ(OpenMetricsLabelValue("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
}

}  // namespace
}  // namespace kvm_exits
