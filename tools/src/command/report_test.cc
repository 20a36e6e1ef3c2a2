// SPDX-License-Identifier: GPL-2.0-only
#include "command/report.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "command/host_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ReportCommand : public HostCommandTest {
 protected:
  // A record of 30 seconds, in each of which "web" has had 100 exits for HLT; after ten of them
  // "late" comes, which ends after twenty.
  void SetUp() override {
    HostCommandTest::SetUp();
    clock_.on_wait = [this](int wait) {
      if (wait == 10) {
        tree_.vms["3000-11"] = {.process = 3000, .vcpus = {{0, {{12, 7}}}}};
        SetName(3000, "late</script>");
      }
      if (wait == 20) tree_.vms.erase("3000-11");
      AddExits("1000-11", 100);
      return true;
    };
    path_ = tree_.Root() + "/a.zst";
    ASSERT_EQ(Run({"record", "-o", path_.c_str(), "-n", "30"}), kSuccess) << err_.text;
    err_.text.clear();
  }

  int RunReport(std::vector<const char*> arguments) {
    out_.text.clear();
    err_.text.clear();
    arguments.insert(arguments.begin(), {"report", path_.c_str()});
    return Run(arguments);
  }

  std::string path_;
};

TEST_F(ReportCommand, ShowsTheCourseAndAllOfIt) {
  EXPECT_EQ(RunReport({}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, StartsWith("VMX exits of 3 VMs in the 30.000 s to 2026-11-23T14:03:07"));
  EXPECT_THAT(out_.text, HasSubstr("\n11-23 14:02:37  2.00s    100 "));
  EXPECT_THAT(out_.text, HasSubstr("\nHLT                        3007    100 "));
  EXPECT_THAT(out_.text, HasSubstr("\nHLT                  a vCPU has nothing to do\n"));
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(ReportCommand, HasSumsInJson) {
  EXPECT_EQ(RunReport({"--json"}), kSuccess) << err_.text;
  const auto report = nlohmann::json::parse(out_.text);
  EXPECT_EQ(report["all"]["exits"], 3007);
  EXPECT_EQ(report["samples"], 31);
  uint64_t exits = 0;
  for (const auto& point : report["all"]["reasons"][0]["points"]["exits"]) {
    exits += point.get<uint64_t>();
  }
  EXPECT_EQ(exits, 3007);
  EXPECT_EQ(report["vms"].size(), 3);
  EXPECT_EQ(report["explanations"][0]["title"], "a vCPU has nothing to do");
}

TEST_F(ReportCommand, IsOfOneVmOrOfAPart) {
  EXPECT_EQ(RunReport({"web", "--json"}), kSuccess) << err_.text;
  auto report = nlohmann::json::parse(out_.text);
  EXPECT_EQ(report["all"]["exits"], 3000);
  EXPECT_EQ(report["vms"].size(), 1);
  EXPECT_EQ(RunReport({"--begin", "+5", "--end", "+8", "--json"}), kSuccess) << err_.text;
  report = nlohmann::json::parse(out_.text);
  EXPECT_EQ(report["all"]["exits"], 300);
  EXPECT_EQ(RunReport({"no\x1b[31mbody"}), kFailure);
  EXPECT_THAT(err_.text,
              AllOf(HasSubstr("there is no VM 'no\\x1b[31mbody' in "), EndsWith(" its VMs\n")));
}

TEST_F(ReportCommand, TellsOfGapsAndOfAClockThatWasSet) {
  clock_.on_wait = [this, waits = 0](int /*wait*/) mutable {
    if (++waits == 3) {
      clock_.now.steady += std::chrono::seconds(100);
      clock_.now.wall -= std::chrono::hours(1);
    }
    AddExits("1000-11", 100);
    return true;
  };
  path_ = tree_.Root() + "/b.zst";
  ASSERT_EQ(Run({"record", "-o", path_.c_str(), "-n", "6"}), kSuccess) << err_.text;
  EXPECT_EQ(RunReport({"--json"}), kSuccess) << err_.text;
  const auto report = nlohmann::json::parse(out_.text);
  ASSERT_EQ(report["gaps"].size(), 1) << report["gaps"];
  EXPECT_NEAR(report["gaps"][0]["seconds"].get<double>(), 101, 1);
  EXPECT_NEAR(report["clock_set_seconds"].get<double>(), -3700, 1);
  EXPECT_LT(report["begin"], report["end"]);
  EXPECT_EQ(RunReport({}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nNo sample was taken in 1 gap, of 101s in all\n"
                                   "The host's clock was set by -3700 s meanwhile, or it slept: "));
}

TEST_F(ReportCommand, WritesAPageInWhichNothingEndsTooEarly) {
  const std::string page = tree_.Root() + "/page.html";
  EXPECT_EQ(RunReport({"--html", "-o", page.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_EQ(RunReport({"--html"}), kSuccess) << "there is no terminal";
  EXPECT_THAT(out_.text, AllOf(StartsWith("<!doctype html>"), EndsWith("</html>\n")));
  EXPECT_THAT(out_.text, AllOf(HasSubstr("late\\u003c/script>"), Not(HasSubstr("late</script>"))));
  for (const char* const marker : {"{{style}}", "{{data}}", "{{chart.js}}", "{{program}}"}) {
    EXPECT_THAT(out_.text, Not(HasSubstr(marker)));
  }
}

TEST_F(ReportCommand, RefusesWhatIsNoRecord) {
  EXPECT_EQ(RunReport({"--html", "--json"}), kUsageError);
  EXPECT_EQ(RunReport({""}), kUsageError);
  const std::string link = tree_.Root() + "/link.zst";
  std::filesystem::create_symlink(path_, link);
  for (const std::string& file : {path_, link}) {
    EXPECT_EQ(RunReport({"-o", file.c_str()}), kFailure);
    EXPECT_THAT(err_.text, HasSubstr("is the file that is read"));
    EXPECT_EQ(Run({"stat", path_.c_str(), "-o", file.c_str()}), kFailure);
    EXPECT_EQ(Run({"list", path_.c_str(), "-o", file.c_str()}), kFailure);
    EXPECT_EQ(Run({"diff", path_.c_str(), path_.c_str(), "-o", file.c_str()}), kFailure);
  }
  EXPECT_EQ(RunReport({}), kSuccess) << "it is as it was";
  EXPECT_EQ(RunReport({"--begin", "+30"}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("has one sample from there to there"));
  const std::string nothing = tree_.Root() + "/none.zst";
  EXPECT_EQ(Run({"report", nothing.c_str()}), kFailure);
  EXPECT_EQ(Run({"report"}), kUsageError);
}

}  // namespace
}  // namespace kvm_exits
