// SPDX-License-Identifier: GPL-2.0-only
#include "command/stat.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/process.h"
#include "command/host_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Stat : public HostCommandTest {
 protected:
  Stat() {
    clock_.on_wait = [this](int wait) {
      AddExits("1000-11", static_cast<uint64_t>(wait) * 100);
      return true;
    };
  }

  // Runs it with a command of the shell's at its end.
  int Measure(std::vector<const char*> arguments, const std::string& command) {
    for (const char* const word : {"--", "sh", "-c", command.c_str()}) arguments.push_back(word);
    return Run(arguments);
  }

  // Returns a command that does `change` to the host.
  std::string CommandThat(const std::function<void()>& change) {
    const std::string files = tree_.Root() + "/sys/kernel/debug/kvm_exits";
    const std::string later = tree_.Root() + "/later";
    const auto before = tree_.vms;
    const auto ended_before = tree_.ended;
    change();
    tree_.Write();
    std::filesystem::rename(files, later);
    tree_.vms = before;
    tree_.ended = ended_before;
    tree_.Write();
    return "rm -r " + files + "; mv " + later + " " + files + "; ";
  }
};

TEST_F(Stat, IntervalsAreDifferencesByReason) {
  EXPECT_EQ(Run({"stat", "web", "-i", "0.5", "-n", "2", "--json"}), kSuccess) << err_.text;
  const auto reports = Reports(out_.text);
  ASSERT_THAT(reports, SizeIs(2));
  ASSERT_THAT(reports[1]["vms"], SizeIs(1));
  const auto& vm = reports[1]["vms"][0];
  EXPECT_EQ(vm["name"], "web");
  EXPECT_EQ(vm["exits"], 200);
  EXPECT_EQ(vm["reasons"].at(0)["name"], "HLT");
  EXPECT_EQ(vm["reasons"].at(0)["exits"], 200);
  EXPECT_EQ(vm["reasons"].at(0)["exits_per_second"], 400.0);
  EXPECT_EQ(vm["reasons"].at(0)["mean_microseconds"], 1.0);
  EXPECT_EQ(vm["reasons"].at(0)["p50_microseconds"], 0.896);
  EXPECT_EQ(vm["reasons"].at(0)["p99_microseconds"], 28.672);
  EXPECT_EQ(vm["states"].at(0)["microseconds"], 100.0);
  EXPECT_EQ(reports[1]["all"]["exits"], 200) << "of this VM alone";
  EXPECT_TRUE(clock_.catches_stop);
}

TEST_F(Stat, WithoutIntervalsItLastsUntilItIsInterrupted) {
  clock_.on_wait = [&](int wait) {
    EXPECT_EQ(wait, 1);
    AddExits("1000-11", 5);
    return false;
  };
  EXPECT_EQ(Run({"stat"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, HasSubstr("5 exits, 5 shown"));
}

TEST_F(Stat, AllVmsTogetherAreTheSum) {
  EXPECT_EQ(Run({"stat", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto report = Reports(out_.text).at(0);
  EXPECT_THAT(report["vms"], SizeIs(2));
  EXPECT_EQ(report["all"]["exits"], 100);
}

TEST_F(Stat, OneVmByEachOfItsNames) {
  for (const std::vector<const char*>& wanted : std::vector<std::vector<const char*>>{
           {"2000-11"}, {"2000"}, {"db"}, {"-p", "2000"}, {"-g", "db"}, {"--guest=db"}}) {
    out_.text.clear();
    std::vector<const char*> arguments = {"stat", "-n", "1", "--json"};
    arguments.insert(arguments.end(), wanted.begin(), wanted.end());
    EXPECT_EQ(Run(arguments), kSuccess) << err_.text;
    EXPECT_EQ(Reports(out_.text).at(0)["vms"].at(0)["id"], "2000-11") << wanted[0];
  }
}

TEST_F(Stat, VmThatIsNotThereIsAnError) {
  EXPECT_EQ(Run({"stat", "mail", "-n", "1"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: there is no VM 'mail': 'kvm-exits list' shows those that run\n");
}

TEST_F(Stat, VmThatEndsIsAnError) {
  clock_.on_wait = [&](int) {
    tree_.vms.erase("1000-11");
    tree_.Write();
    return true;
  };
  EXPECT_EQ(Run({"stat", "web", "-i", "1"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: VM web has ended\n");
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(Stat, OfAllVmsThoseThatEndAreNamedAndCounted) {
  clock_.on_wait = [&](int) {
    tree_.vms.erase("1000-11");
    tree_.ended = {{12, 47}, {48, 5}};
    tree_.Write();
    return true;
  };
  EXPECT_EQ(Run({"stat", "-n", "1"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, StartsWith("VMX exits of 2 VMs in the "));
  EXPECT_THAT(out_.text, HasSubstr("Ended meanwhile: web\n"));
  EXPECT_THAT(out_.text, HasSubstr("7 exits, 7 shown"));
}

TEST_F(Stat, VmThatComesAndGoesIsCounted) {
  const std::string command = CommandThat([&] { tree_.ended = {{12, 40}, {48, 2}}; });
  EXPECT_EQ(Measure({"stat"}, command), 0);
  EXPECT_THAT(err_.text, HasSubstr("42 exits, 42 shown"));
  EXPECT_THAT(err_.text, HasSubstr("\nOf VMs that began and ended meanwhile: 42 exits\n"));
}

TEST_F(Stat, WhatWasWrittenBeforeTheVmEndedIsKept) {
  const std::string file = tree_.Root() + "/reports";
  clock_.on_wait = [&](int wait) {
    if (wait == 3) tree_.vms.erase("1000-11");
    tree_.Write();
    return true;
  };
  EXPECT_EQ(Run({"stat", "web", "-i", "1", "--json", "-o", file.c_str()}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: VM web has ended\n");
  EXPECT_THAT(Reports(ReadFile(file).text), SizeIs(2));
}

TEST_F(Stat, CountersThatWentBackwardsAreLeftOut) {
  clock_.on_wait = [&](int) {
    tree_.vms["1000-11"].vcpus[0][12] = 1;
    tree_.ended = {{12, 1000}};
    tree_.Write();
    return true;
  };
  EXPECT_EQ(Run({"stat", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto report = Reports(out_.text).at(0);
  EXPECT_EQ(report["restarted"].at(0)["name"], "web");
  ASSERT_THAT(report["vms"], SizeIs(1));
  EXPECT_EQ(report["vms"][0]["name"], "db");
}

TEST_F(Stat, EachVcpu) {
  EXPECT_EQ(Run({"stat", "web", "--vcpu", "all", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto vcpus = Reports(out_.text).at(0)["vms"].at(0)["each_vcpu"];
  ASSERT_THAT(vcpus, SizeIs(2));
  EXPECT_EQ(vcpus[0]["vcpu"], 0);
  EXPECT_EQ(vcpus[0]["exits"], 100);
  EXPECT_EQ(vcpus[1]["vcpu"], 2);
  EXPECT_EQ(vcpus[1]["exits"], 0);
}

TEST_F(Stat, OneVcpu) {
  EXPECT_EQ(Run({"stat", "web", "--vcpu", "2", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto vm = Reports(out_.text).at(0)["vms"].at(0);
  ASSERT_THAT(vm["each_vcpu"], SizeIs(1));
  EXPECT_EQ(vm["each_vcpu"][0]["vcpu"], 2);
  EXPECT_EQ(vm["exits"], 100) << "the VM is all of it";
}

TEST_F(Stat, OneReason) {
  EXPECT_EQ(Run({"stat", "web", "--reason", "hlt", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto vm = Reports(out_.text).at(0)["vms"].at(0);
  ASSERT_THAT(vm["reasons"], SizeIs(1));
  EXPECT_EQ(vm["reasons"][0]["reason"], 12);
}

TEST_F(Stat, ReasonThatIsNoneIsToldBeforeAnyTimePasses) {
  clock_.on_wait = [](int) {
    ADD_FAILURE();
    return true;
  };
  for (const char* const reason : {"NPF", "nonsense", "444"}) {
    err_.text.clear();
    EXPECT_EQ(Run({"stat", "-n", "1", "--reason", reason}), kFailure);
    EXPECT_EQ(err_.text, "kvm-exits: " + std::string(reason) +
                             " is not an exit reason of VMX: 'kvm-exits explain' lists them\n");
  }
}

TEST_F(Stat, ReasonThatCameAfterThisProgramIsShownWhereItOccurs) {
  tree_.vms["1000-11"].vcpus[0][444] = 3;
  tree_.Write();
  EXPECT_EQ(Run({"stat", "web", "--reason", "444", "-n", "1", "--json"}), kSuccess) << err_.text;
  EXPECT_EQ(Reports(out_.text).at(0)["vms"].at(0)["reasons"].at(0)["reason"], 444);
}

TEST_F(Stat, ReasonThatNeverOccurredIsARowOfZero) {
  EXPECT_EQ(Run({"stat", "web", "--reason", "TRIPLE_FAULT", "-n", "1", "--json"}), kSuccess);
  const auto vm = Reports(out_.text).at(0)["vms"].at(0);
  ASSERT_THAT(vm["reasons"], SizeIs(1));
  EXPECT_EQ(vm["reasons"][0]["exits"], 0);
}

TEST_F(Stat, ZerosAreOfAllReasonsThatTheManualHas) {
  EXPECT_EQ(Run({"stat", "web", "--zeros", "-n", "1", "--json"}), kSuccess) << err_.text;
  const auto vm = Reports(out_.text).at(0)["vms"].at(0);
  EXPECT_EQ(vm["reasons"].size(), FindReasonTable(Isa::kVmx)->reasons.size());
  EXPECT_EQ(vm["shown_exits"], 100);
}

TEST_F(Stat, VcpuThatNoVmHasIsAnError) {
  EXPECT_EQ(Run({"stat", "--vcpu", "7", "-n", "1"}), kFailure);
  EXPECT_EQ(Run({"stat", "web", "--vcpu", "7", "-n", "1"}), kFailure);
  EXPECT_EQ(
      err_.text,
      "kvm-exits: no VM has a vCPU 7: 'kvm-exits stat --vcpu all' shows those that are there\n"
      "kvm-exits: VM web has no vCPU 7: 'kvm-exits stat --vcpu all' shows those that are "
      "there\n");
}

TEST_F(Stat, TimeIsOnMeanwhile) {
  clock_.on_wait = [&](int) {
    EXPECT_THAT(ReadFile(tree_.Root() + ModuleTree::Parameter("time")).text, StartsWith("Y"));
    return true;
  };
  EXPECT_EQ(Run({"stat", "--time", "-n", "1"}), kSuccess) << err_.text;
  EXPECT_THAT(ReadFile(tree_.Root() + ModuleTree::Parameter("time")).text, StartsWith("N"));
}

TEST_F(Stat, TimeIsOffAgainAfterAnError) {
  EXPECT_EQ(Run({"stat", "--time", "mail"}), kFailure);
  EXPECT_THAT(ReadFile(tree_.Root() + ModuleTree::Parameter("time")).text, StartsWith("N"));
}

TEST_F(Stat, WithoutTheLedgerItSaysHowToHaveIt) {
  tree_.is_timed = false;
  tree_.Write();
  EXPECT_EQ(Run({"stat", "-n", "1"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text,
              EndsWith("no times: the ledger is off (stat and top have them with --time)\n"));
}

TEST_F(Stat, StatusIsTheCommands) {
  EXPECT_EQ(Measure({"stat"}, "exit 0"), 0) << err_.text;
  EXPECT_EQ(Measure({"stat"}, "exit 77"), 77);
  EXPECT_EQ(Measure({"stat"}, "kill -KILL $$"), 128 + SIGKILL);
  EXPECT_FALSE(clock_.catches_stop);
}

TEST_F(Stat, CommandThatCannotBeRun) {
  EXPECT_EQ(Run({"stat", "--", "no-such-command"}), kNotFound);
  EXPECT_EQ(err_.text, "kvm-exits: cannot run 'no-such-command': No such file or directory\n");
  EXPECT_EQ(Run({"stat", "--", tree_.Root().c_str()}), kCannotInvoke);
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(Stat, WhatKeepsItFromMeasuringIs125AndRunsNothing) {
  const std::string touch = "touch " + tree_.Root() + "/was-run";
  EXPECT_EQ(Measure({"stat", "mail"}, touch), kCannotMeasure);
  EXPECT_EQ(Measure({"stat", "-o", "/no/such/directory/file"}, touch), kCannotMeasure);
  EXPECT_EQ(Measure({"stat", "--reason", "NPF"}, touch), kCannotMeasure);
  EXPECT_THAT(err_.text, HasSubstr("NPF is not an exit reason of VMX: "));
  EXPECT_FALSE(std::filesystem::exists(tree_.Root() + "/was-run"));
}

TEST_F(Stat, CommandsCostIsWhatHappenedMeanwhile) {
  const std::string command = CommandThat([&] { tree_.vms["1000-11"].vcpus[0][12] += 60; });
  EXPECT_EQ(Measure({"stat", "web", "--json"}, command + "exit 3"), 3);
  EXPECT_THAT(out_.text, IsEmpty()) << "that is the command's";
  const auto reports = Reports(err_.text);
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0]["vms"].at(0)["exits"], 60);
}

TEST_F(Stat, CostGoesToAFile) {
  const std::string file = tree_.Root() + "/cost.json";
  EXPECT_EQ(Measure({"stat", "--json", "-o", file.c_str()}, "exit 4"), 4) << err_.text;
  EXPECT_THAT(err_.text, IsEmpty());
  EXPECT_THAT(Reports(ReadFile(file).text), SizeIs(1));
}

TEST_F(Stat, VmThatEndsBeforeTheCommandLeavesItItsStatus) {
  const std::string command = CommandThat([&] { tree_.vms.erase("2000-11"); });
  const std::string file = tree_.Root() + "/cost";
  std::ofstream(file) << "of before";
  EXPECT_EQ(Measure({"stat", "db", "-o", file.c_str()}, command + "exit 5"), 5);
  EXPECT_EQ(err_.text, "kvm-exits: VM db has ended before the command\n");
  EXPECT_EQ(ReadFile(file).text, "of before");
}

TEST_F(Stat, CommandAndIntervalsExcludeEachOther) {
  EXPECT_EQ(Run({"stat", "-i", "1", "--", "true"}), kUsageError);
  EXPECT_EQ(Run({"stat", "-n", "1", "--", "true"}), kUsageError);
  EXPECT_THAT(err_.text, HasSubstr("a command excludes --interval and --count"));
}

TEST_F(Stat, BadArgumentsAreUsageErrors) {
  const std::vector<std::vector<const char*>> wrong = {
      {"stat", "web", "db"},       {"stat", ""},
      {"stat", "web", "-p", "1"},  {"stat", "-p", "0"},
      {"stat", "-p", "x"},         {"stat", "-p", "4194305"},
      {"stat", "-g", ""},          {"stat", "-a", "web"},
      {"stat", "--vcpu", "-1"},    {"stat", "--vcpu", "two"},
      {"stat", "--vcpu", "65536"}, {"stat", "--source", "x"},
      {"stat", "--reason", "12x"}, {"stat", "--vcpu", "0x1"},
      {"stat", "-p", "0x64"}};
  for (const auto& arguments : wrong) {
    EXPECT_EQ(Run(arguments), kUsageError) << arguments[1];
  }
  EXPECT_THAT(out_.text, IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
