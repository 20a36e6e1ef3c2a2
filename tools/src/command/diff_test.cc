// SPDX-License-Identifier: GPL-2.0-only
#include "command/diff.h"

#include <gmock/gmock.h>

#include "command/host_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Diff : public HostCommandTest {
 protected:
  // A record of 20 seconds, in each of which "web" has had so many exits for HLT.
  std::string Record(const std::string& name, uint64_t exits) {
    clock_.on_wait = [this, exits](int) {
      AddExits("1000-11", exits);
      return true;
    };
    const std::string path = tree_.Root() + "/" + name;
    EXPECT_EQ(Run({"record", "-o", path.c_str(), "-n", "20"}), kSuccess) << err_.text;
    err_.text.clear();
    return path;
  }

  int RunDiff(std::vector<const char*> arguments) {
    out_.text.clear();
    err_.text.clear();
    arguments.insert(arguments.begin(), "diff");
    return Run(arguments);
  }
};

TEST_F(Diff, SaysWhatChanged) {
  const std::string a = Record("a.zst", 1000);
  const std::string b = Record("b.zst", 2500);
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text,
              HasSubstr("VMX exits of all VMs\nA  20.0 s from 2026-11-23T14:02:37.125Z, "));
  EXPECT_THAT(out_.text, HasSubstr("\nHLT "));
  EXPECT_THAT(out_.text, HasSubstr("   1000   2500  2.50x 1.00ms 2.50ms  2.50x 28.7us 28.7us"));
  EXPECT_THAT(out_.text, Not(HasSubstr("!")));
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(Diff, FailsAbove) {
  const std::string a = Record("a.zst", 1000);
  const std::string b = Record("b.zst", 2500);
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "--fail-above", "2x"}), 3) << err_.text;
  EXPECT_THAT(out_.text, AllOf(HasSubstr(" !\n"), EndsWith("!: 2 times A or more, of at least 1 % "
                                                           "of exits or time\n")));
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "--fail-above", "2", "-l", "1", "--json"}), 3);
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "--fail-above", "2.6"}), kSuccess);
  EXPECT_THAT(out_.text, EndsWith("nothing is 2.6 times A or more, of at least 1 % of exits or "
                                  "time\n"));
  EXPECT_EQ(RunDiff({b.c_str(), a.c_str(), "--fail-above", "1.1"}), kSuccess) << "it got less";
}

TEST_F(Diff, ShowsWhatItFailsFor) {
  const std::string a = Record("a.zst", 1000);
  clock_.on_wait = [this](int) {
    tree_.vms.at("2000-11").vcpus.at(0)[10] += 500;
    AddExits("1000-11", 100000);
    return true;
  };
  const std::string b = tree_.Root() + "/b.zst";
  EXPECT_EQ(Run({"record", "-o", b.c_str(), "-n", "20"}), kSuccess);
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "-l", "1", "--fail-above", "2", "--min-share", "0"}), 3);
  EXPECT_THAT(out_.text, AllOf(HasSubstr("\nHLT "), HasSubstr("\nCPUID ")));
}

TEST_F(Diff, OfAVmIsTheTimeInWhichItIsThere) {
  clock_.on_wait = [this](int wait) {
    if (wait == 10) tree_.vms["3000-11"] = {.process = 3000, .vcpus = {{0, {{12, 0}}}}};
    if (wait == 10) SetName(3000, "late");
    if (wait > 10) AddExits("3000-11", 50);
    tree_.Write();
    return true;
  };
  const std::string a = tree_.Root() + "/a.zst";
  EXPECT_EQ(Run({"record", "-o", a.c_str(), "-n", "20"}), kSuccess) << err_.text;
  EXPECT_EQ(RunDiff({a.c_str(), a.c_str(), "late", "--json"}), kSuccess) << err_.text;
  EXPECT_EQ(Reports(out_.text).at(0)["a"]["seconds"], 11.0);
  EXPECT_EQ(Reports(out_.text).at(0)["all"]["a"]["exits"], 500);
}

TEST_F(Diff, LeavesOutWhatIsOfNoShare) {
  const std::string a = Record("a.zst", 1000);
  const std::string b = Record("b.zst", 2500);
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "db", "--fail-above", "2x"}), kSuccess) << err_.text;
  // Of HLT alone it is all.
  EXPECT_EQ(RunDiff({a.c_str(), b.c_str(), "--fail-above", "2x", "--min-share", "100"}), 3);
}

TEST_F(Diff, TimesOfOneRecord) {
  const std::string a = Record("a.zst", 1000);
  const std::string first = a + "@..+5";
  const std::string second = a + "@+5..2026-11-23T14:02:47.125Z";
  EXPECT_EQ(RunDiff({first.c_str(), second.c_str(), "web", "--json"}), kSuccess) << err_.text;
  const auto report = Reports(out_.text).at(0);
  EXPECT_EQ(report["vm"], "web");
  EXPECT_EQ(report["a"]["seconds"], 5.0);
  EXPECT_EQ(report["b"]["seconds"], 5.0);
  EXPECT_EQ(report["b"]["begin"], "2026-11-23T14:02:42.125Z");
  ASSERT_THAT(report["reasons"], SizeIs(1));
  const auto& reason = report["reasons"][0];
  EXPECT_EQ(reason["name"], "HLT");
  EXPECT_EQ(reason["a"]["exits"], 5000);
  EXPECT_EQ(reason["a"]["exits_per_second"]["mean"], 1000.0);
  EXPECT_EQ(reason["exits"]["factor"], 1.0);
  EXPECT_EQ(reason["exits"]["is_noise"], true);
  EXPECT_EQ(reason["max_share_percent"], 100.0);
  EXPECT_EQ(report["fail_above"], nullptr);
}

TEST_F(Diff, OfAVmThatIsInOne) {
  const std::string a = Record("a.zst", 1000);
  EXPECT_EQ(RunDiff({a.c_str(), a.c_str(), "mail"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: there is no VM 'mail' in " + a + "\n");
}

TEST_F(Diff, WhatIsNoRecord) {
  const std::string a = Record("a.zst", 1000);
  tree_.files.Write("/text", "text");
  const std::string text = tree_.Root() + "/text";
  const std::string none = tree_.Root() + "/none";
  EXPECT_EQ(RunDiff({a.c_str(), text.c_str()}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("/text is no record of 'kvm-exits record'"));
  EXPECT_EQ(RunDiff({none.c_str(), a.c_str()}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("No such file or directory"));
  const std::string empty = a + "@+20..";
  EXPECT_EQ(RunDiff({a.c_str(), empty.c_str()}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("has one sample in that time, and nothing between two"));
}

TEST_F(Diff, WrongUse) {
  const std::string a = Record("a.zst", 1000);
  EXPECT_EQ(RunDiff({a.c_str()}), kUsageError);
  for (const char* const range : {"@+1..x", "@1..2", "@..+1 "}) {
    const std::string wrong = a + range;
    EXPECT_EQ(RunDiff({a.c_str(), wrong.c_str()}), kUsageError) << range;
  }
  EXPECT_EQ(RunDiff({a.c_str(), "there@home"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: cannot read there@home: No such file or directory\n");
  for (const char* const factor : {"1", "0.5", "x", "2xx", "nan", "-2", "1e9", ""}) {
    EXPECT_EQ(RunDiff({a.c_str(), a.c_str(), "--fail-above", factor}), kUsageError) << factor;
  }
  EXPECT_EQ(RunDiff({a.c_str(), a.c_str(), "--min-share", "101"}), kUsageError);
  EXPECT_EQ(RunDiff({a.c_str(), a.c_str(), "--min-share", "nan"}), kUsageError);
}

}  // namespace
}  // namespace kvm_exits
