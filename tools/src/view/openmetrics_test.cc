// SPDX-License-Identifier: GPL-2.0-only
#include "view/openmetrics.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

#include "model/fakes.h"

namespace kvm_exits {
namespace {

// The same files are given to those who read them by openmetrics_test.py.
std::string ValidatedText(const std::string& name) {
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/src/view/testdata/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Report ReportOf(const Snapshot& snapshot) {
  return BuildReport(snapshot, {.sort = SortKey::kReason, .with_zeros = true});
}

Report VmxReport() {
  Snapshot snapshot = MakeSnapshot();
  // A name that needs escaping, for the parser to undo.
  snapshot.reasons.insert(snapshot.reasons.end() - 1, {{.number = 99, .name = "a\"b\\c\nd"}, 1});
  snapshot.vm.time = MakeTimedSnapshot().vm.time;
  snapshot.reasons[1].cycles = 210000;
  snapshot.reasons[2].cycles = 4200000;
  snapshot.reasons[4].cycles = 840000;
  return ReportOf(snapshot);
}

TEST(RenderOpenMetrics, OpenMetricsIsTheTextThatItsReadersAccept) {
  OpenMetricsRenderer renderer(MetricsDialect::kOpenMetrics);
  EXPECT_EQ(renderer.Render(VmxReport()), ValidatedText("guest_vmx.openmetrics"));
  EXPECT_EQ(renderer.Render(ReportOf(MakeSvmSnapshot())), ValidatedText("guest_svm.openmetrics"));
}

TEST(RenderOpenMetrics, PrometheusIsTheTextThatItsReadersAccept) {
  OpenMetricsRenderer renderer(MetricsDialect::kPrometheus);
  EXPECT_EQ(renderer.Render(VmxReport()), ValidatedText("guest_vmx.prom"));
  EXPECT_EQ(renderer.Render(ReportOf(MakeSvmSnapshot())), ValidatedText("guest_svm.prom"));
}

TEST(RenderOpenMetrics, LabelValuesAreEscaped) {
  EXPECT_EQ(OpenMetricsLabelValue("HLT"), "HLT");
  EXPECT_EQ(OpenMetricsLabelValue("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
}

}  // namespace
}  // namespace kvm_exits
