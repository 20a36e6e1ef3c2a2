// SPDX-License-Identifier: GPL-2.0-only
#include "command/list.h"

#include <gmock/gmock.h>

#include "command/host_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class List : public HostCommandTest {
 protected:
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    const auto report = Reports(out_.text).at(0);
    for (const auto& vm : report["vms"]) names.push_back(vm["name"]);
    return names;
  }
};

TEST_F(List, ShowsVmsSinceTheyWereCreated) {
  EXPECT_EQ(Run({"list"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, StartsWith("VMX exits of 2 VMs since they were created\n"));
  EXPECT_THAT(out_.text, HasSubstr("\nweb               1000    2     45  33  67   0   0   0 "
                                   "HLT\n"));
  EXPECT_THAT(out_.text, HasSubstr("\ndb                2000    1    100  33  67   0   0   0 "
                                   "CPUID\n"));
  EXPECT_THAT(err_.text, IsEmpty());
  EXPECT_FALSE(clock_.catches_stop);
}

TEST_F(List, SortsByPidUnlessToldOtherwise) {
  EXPECT_EQ(Run({"list", "--json"}), kSuccess);
  EXPECT_THAT(Names(), ElementsAre("web", "db"));
  for (const char* const key : {"name", "exits", "time"}) {
    out_.text.clear();
    EXPECT_EQ(Run({"list", "--json", "-s", key}), kSuccess);
    EXPECT_THAT(Names(), ElementsAre("db", "web")) << key;
  }
}

TEST_F(List, FilterAndLimit) {
  EXPECT_EQ(Run({"list", "--json", "-F", "^W"}), kSuccess);
  EXPECT_THAT(Names(), ElementsAre("web"));
  out_.text.clear();
  EXPECT_EQ(Run({"list", "--json", "-l", "1", "-s", "exits"}), kSuccess);
  EXPECT_THAT(Names(), ElementsAre("db"));
}

TEST_F(List, IntervalsAreDifferences) {
  clock_.on_wait = [&](int wait) {
    AddExits("1000-11", static_cast<uint64_t>(wait) * 100);
    return true;
  };
  EXPECT_EQ(Run({"list", "--json", "-i", "0.5", "-n", "2"}), kSuccess) << err_.text;
  const auto reports = Reports(out_.text);
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[0]["seconds"], 0.5);
  EXPECT_EQ(reports[0]["vms"][0]["exits"], 100);
  EXPECT_EQ(reports[1]["vms"][0]["exits"], 200);
  EXPECT_EQ(reports[1]["vms"][0]["exits_per_second"], 400.0);
  EXPECT_TRUE(clock_.catches_stop);
}

TEST_F(List, IntervalsMissedInAPauseAreNotMadeUpFor) {
  clock_.on_wait = [&](int wait) {
    if (wait == 1) clock_.Pass(std::chrono::seconds(10));
    return true;
  };
  EXPECT_EQ(Run({"list", "--json", "-i", "1", "-n", "2"}), kSuccess) << err_.text;
  EXPECT_EQ(Reports(out_.text).at(0)["seconds"], 11.0);
  EXPECT_EQ(Reports(out_.text).at(1)["seconds"], 1.0);
}

TEST_F(List, InterruptEndsItWithTheIntervalUnderWay) {
  clock_.on_wait = [](int wait) { return wait < 2; };
  EXPECT_EQ(Run({"list", "--json", "-i", "1"}), kSuccess) << err_.text;
  EXPECT_THAT(Reports(out_.text), SizeIs(2));
}

TEST_F(List, VmsThatComeAndGo) {
  clock_.on_wait = [&](int) {
    tree_.ended = {{10, 107}};
    tree_.vms.erase("2000-11");
    tree_.vms["3000-11"] = {.process = 3000, .vcpus = {{0, {{12, 3}}}}};
    tree_.Write();
    return true;
  };
  EXPECT_EQ(Run({"list", "--json", "-n", "1"}), kSuccess) << err_.text;
  const auto report = Reports(out_.text).at(0);
  EXPECT_EQ(report["vms"].at(1)["id"], "3000-11");
  EXPECT_EQ(report["vms"].at(1)["exits"], 3);
  EXPECT_EQ(report["ended"].at(0)["name"], "db");
  EXPECT_EQ(report["all"]["exits"], 10);  // seven of which are those of the one that ended
}

TEST_F(List, WritesAFile) {
  const std::string file = tree_.Root() + "/list.csv";
  EXPECT_EQ(Run({"list", "--csv", "-o", file.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_THAT(ReadFile(file).text, StartsWith("time,seconds,source,vm,"));
}

TEST_F(List, WithoutTheModuleThereIsAnError) {
  tree_.files.Remove("/sys/kernel/debug/kvm_exits");
  tree_.files.Remove("/sys/module/kvm_exits");
  EXPECT_EQ(Run({"list", "--source", "module"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: the module kvm_exits is not loaded: modprobe kvm_exits\n");
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(List, BadArgumentsAreUsageErrors) {
  const std::vector<std::vector<const char*>> wrong = {{"list", "web", "db"},
                                                       {"list", "-s", "reason"},
                                                       {"list", "-F", "("},
                                                       {"list", "-l", "0"},
                                                       {"list", "--time"},
                                                       {"list", "--source", "kvm"},
                                                       {"list", "--format=prometheus"}};
  for (const auto& arguments : wrong) {
    EXPECT_EQ(Run(arguments), kUsageError) << arguments[1];
  }
  EXPECT_THAT(out_.text, IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
