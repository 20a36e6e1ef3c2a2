// SPDX-License-Identifier: GPL-2.0-only
#include "command/guest.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "source/fakes.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CommandGuest : public ::testing::Test {
 protected:
  explicit CommandGuest(Isa isa = Isa::kVmx) : guest_(isa) {}

  int Run(std::vector<const char*> arguments, Output& out) {
    arguments.insert(arguments.begin(), {"kvm-exits", "guest"});
    Environment environment{.cpuid = guest_, .clock = clock_, .out = out, .err = err_};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }
  int Run(const std::vector<const char*>& arguments) { return Run(arguments, out_); }

  std::vector<json> JsonReports() const {
    std::vector<json> reports;
    std::istringstream lines(out_.text);
    for (std::string line; std::getline(lines, line);) reports.push_back(json::parse(line));
    return reports;
  }

  FakeGuest guest_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
};

class SvmCommandGuest : public CommandGuest {
 protected:
  SvmCommandGuest() : CommandGuest(Isa::kSvm) {}
};

TEST_F(CommandGuest, ShowsATable) {
  guest_.exits = {{12, 9000}, {48, 500}};
  EXPECT_EQ(Run({}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, StartsWith("VMX exits of this VM since it was created"));
  EXPECT_THAT(out_.text, HasSubstr("sum of 2 shown"));
  EXPECT_LT(out_.text.find("HLT"), out_.text.find("EPT_VIOLATION"));
  EXPECT_THAT(out_.text, Not(HasSubstr("INIT_SIGNAL")));
}

TEST_F(CommandGuest, PassesTheOptionsOn) {
  guest_.exits = {{12, 9000}, {48, 500}};
  EXPECT_EQ(Run({"--zeros", "-s", "name", "-l", "2", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0]["reasons"], SizeIs(2));
  EXPECT_EQ(reports[0]["reasons"][0]["name"], "APIC_ACCESS");
  EXPECT_EQ(reports[0]["reasons"][1]["name"], "APIC_WRITE");
}

TEST_F(CommandGuest, EveryFormat) {
  EXPECT_EQ(Run({"--format=table"}), kSuccess);
  EXPECT_EQ(Run({"--format=json"}), kSuccess);
  EXPECT_EQ(Run({"--format=csv"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\n{\"time\""));
  EXPECT_THAT(out_.text, HasSubstr("\ntime,seconds,"));
  out_.text.clear();
  EXPECT_EQ(Run({"--format=openmetrics"}), kSuccess);
  EXPECT_THAT(out_.text, EndsWith("# EOF\n"));
  // Counters are there before their first exit.
  EXPECT_THAT(out_.text,
              HasSubstr("kvm_guest_exits_total{reason=\"INIT_SIGNAL\",number=\"3\"} 0\n"));
  out_.text.clear();
  EXPECT_EQ(Run({"--format=prometheus"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("# TYPE kvm_guest_exits_total counter\n"));
  EXPECT_THAT(out_.text,
              HasSubstr("kvm_guest_exits_total{reason=\"INIT_SIGNAL\",number=\"3\"} 0\n"));
}

TEST_F(CommandGuest, Filter) {
  guest_.exits = {{12, 9000}, {48, 500}, {49, 100}};
  EXPECT_EQ(Run({"-F", "^ept_", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0]["reasons"], SizeIs(2));
  EXPECT_EQ(reports[0]["reasons"][0]["name"], "EPT_VIOLATION");
  EXPECT_EQ(reports[0]["vm_exits"], 9600);
}

TEST_F(CommandGuest, FilterThatIsTooLong) {
  const std::string filter = std::string(20000, '(') + std::string(20000, ')');
  EXPECT_EQ(Run({"-F", filter.c_str()}), kUsageError);
  EXPECT_EQ(err_.text,
            "kvm-exits: --filter: the regular expression has more than 256 characters\n"
            "Try 'kvm-exits guest --help'.\n");
}

TEST_F(CommandGuest, FilterThatIsHardTakesNoTime) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Run({"--zeros", "-F", "(.*)*(.*)*(.*)*(.*)*Q"}), kSuccess) << err_.text;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(CommandGuest, OneReason) {
  guest_.exits = {{12, 9000}};
  EXPECT_EQ(Run({"--reason", "12", "--json"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"--reason", "0xc", "--json"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"--reason", "3", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[0]["reasons"][0]["exits"], 9000);
  EXPECT_EQ(reports[0]["reasons"], json::array({reports[0]["reasons"][0]}));
  EXPECT_EQ(reports[1]["reasons"][0]["exits"], 9000);
  EXPECT_EQ(reports[2]["reasons"][0]["exits"], 0);
}

TEST_F(CommandGuest, OneReasonThatIsNone) {
  EXPECT_EQ(Run({"--reason", "444"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: 444 is not an exit reason of VMX\n");
  EXPECT_THAT(out_.text, IsEmpty());
  for (const char* const text : {"-1", "0x400", "NPF", "io", "true"}) {
    err_.text.clear();
    EXPECT_EQ(Run({"--reason", text}), kFailure);
    EXPECT_EQ(err_.text, "kvm-exits: " + std::string(text) + " is not an exit reason of VMX\n");
  }
}

TEST_F(CommandGuest, OneReasonByName) {
  guest_.exits = {{12, 9000}};
  EXPECT_EQ(Run({"--reason", "HLT", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0]["reasons"], SizeIs(1));
  EXPECT_EQ(reports[0]["reasons"][0]["reason"], 12);
  EXPECT_EQ(reports[0]["reasons"][0]["exits"], 9000);
}

TEST_F(SvmCommandGuest, ShowsATable) {
  guest_.exits = {{0x72, 118}, {0x78, 9000}, {0x400, 500}, {0xFFFFFFFF, 1}};
  EXPECT_EQ(Run({}), kSuccess) << err_.text;
  EXPECT_EQ(out_.text,
            "SVM exits of this VM since it was created; host TSC 2100000 kHz\n"
            "REASON  NAME                                     EXITS  SHARE %\n"
            "  0x78  HLT                                       9000    93.56\n"
            " 0x400  NPF                                        500     5.20\n"
            "  0x72  CPUID                                      118     1.23\n"
            "    -1  INVALID                                      1     0.01\n"
            "        sum of 4 shown                            9619   100.00\n"
            "        VM total                                  9619   100.00\n"
            "No times: the host keeps none, or tells this VM none.\n"
            "Not counted: 9 CPUID exits of the reading itself.\n");
}

TEST_F(SvmCommandGuest, OneReasonInEachNotation) {
  guest_.exits = {{0x72, 0}, {0x78, 9000}, {0xFFFFFFFC, 3}, {0xFFFFFFFF, 7}};
  const auto exits_of = [this](const char* reason) {
    out_.text.clear();
    EXPECT_EQ(Run({"--reason", reason, "--json"}), kSuccess) << err_.text;
    return JsonReports().at(0)["reasons"].at(0)["exits"];
  };
  for (const char* const hlt : {"0x78", "0X78", "120", "HLT", "hlt", "SVM_EXIT_HLT"}) {
    EXPECT_EQ(exits_of(hlt), 9000);
  }
  for (const char* const invalid : {"-1", "0xffffffff", "4294967295", "INVALID"}) {
    EXPECT_EQ(exits_of(invalid), 7);
  }
  EXPECT_EQ(exits_of("-4"), 3);
  EXPECT_EQ(exits_of("-3"), 0);
  EXPECT_EQ(exits_of("0"), 0);
  out_.text.clear();
  EXPECT_EQ(Run({"--reason=-1", "--csv"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, HasSubstr(",-1,INVALID,7,"));
}

TEST_F(SvmCommandGuest, OneReasonThatIsNone) {
  for (const char* const text : {"0xa7", "0x3ff", "0x404", "-5", "-2147483648", "VMCALL", "ept"}) {
    err_.text.clear();
    EXPECT_EQ(Run({"--reason", text}), kFailure);
    EXPECT_EQ(err_.text, "kvm-exits: " + std::string(text) + " is not an exit reason of SVM\n");
  }
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandGuest, NoTable) {
  guest_.overrides[0x4FFFFFF1] = {.eax = 1, .ebx = 3, .ecx = 160, .edx = 2100000};
  EXPECT_EQ(Run({}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("kvm-exits: this version of kvm-exits has no table"));
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandGuest, ReasonErrorsSayWhatIsWrong) {
  EXPECT_EQ(Run({"--reason", "12x"}), kUsageError);
  EXPECT_THAT(err_.text, HasSubstr("'12x' is neither a number of 32 bits nor a name\n"));
}

TEST_F(CommandGuest, NoCounts) {
  AnswerAllLeaves(guest_, kIntelGarbage);
  EXPECT_EQ(Run({}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("kvm-exits: the hypervisor does not show this VM its exits"));
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandGuest, IntervalsAreDifferences) {
  guest_.exits = {{12, 1000000}};
  clock_.on_wait = [&](int wait) {
    guest_.exits[12] += static_cast<uint64_t>(wait) * 100;
    return true;
  };
  EXPECT_EQ(Run({"-i", "0.5", "-n", "3", "--json", "--zeros", "-s", "reason"}), kSuccess)
      << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  for (size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i]["reasons"][10]["name"], "CPUID");
    EXPECT_EQ(reports[i]["reasons"][10]["exits"], 0);
    EXPECT_EQ(reports[i]["reasons"][12]["exits"], (i + 1) * 100);
    EXPECT_EQ(reports[i]["reasons"][12]["exits_per_second"], static_cast<double>(i + 1) * 200);
    EXPECT_EQ(reports[i]["seconds"], 0.5);
    EXPECT_EQ(reports[i]["vm_exits"], (i + 1) * 100);
    EXPECT_EQ(reports[i]["reading_exits"], 8);  // two reasons occurred
  }
}

TEST_F(CommandGuest, CountAloneIsOfSeconds) {
  EXPECT_EQ(Run({"-n", "2", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[1]["seconds"], 1.0);
}

// What an idle and a busy VM does while it is read and between: any exits of any
// reason at any moment, and CPUIDs of other programs among them.
class BusyGuest {
 public:
  BusyGuest(FakeGuest& guest, FakeClock& clock, unsigned seed) : guest_(guest), random_(seed) {
    guest.on_read = [this](uint32_t, uint32_t) { Exit(3); };
    clock.on_wait = [this](int) {
      Exit(random_() % 4 == 0 ? 0 : 200);
      return true;
    };
  }

  // Exits that others than the reader caused.
  std::map<uint32_t, uint64_t> others;

 private:
  void Exit(unsigned at_most) {
    for (uint64_t left = random_() % (at_most + 1); left > 0; --left) {
      const std::array<uint32_t, 8> reasons = {1, 10, 12, 12, 12, 32, 48, 90};
      const uint32_t reason = reasons.at(random_() % reasons.size());
      ++others[reason];
      ++guest_.exits[reason];
    }
  }

  FakeGuest& guest_;
  std::mt19937 random_;
};

TEST_F(CommandGuest, SharesOfAnIntervalAreOfTheSumOfItsReasons) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    guest_.exits.clear();
    out_.text.clear();
    BusyGuest busy(guest_, clock_, seed);
    ASSERT_EQ(Run({"-i", "1", "-n", "50", "--json"}), kSuccess) << err_.text;
    const auto reports = JsonReports();
    ASSERT_THAT(reports, SizeIs(50));
    for (const json& report : reports) {
      uint64_t sum = 0;
      double shares = 0;
      for (const json& reason : report["reasons"]) {
        sum += reason["exits"].get<uint64_t>();
        EXPECT_LE(reason["share_percent"], 100.0);
        shares += reason["share_percent"].get<double>();
      }
      EXPECT_EQ(report["vm_exits"], sum) << seed;
      EXPECT_NEAR(shares, sum > 0 ? 100 : 0, 1e-9) << seed;
    }
  }
}

// No exit of the others is lost between two intervals, or is in both, but for
// those of the first and the last reading; and none is the reader's.
TEST_F(CommandGuest, IntervalsAddUpToWhatHappened) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    guest_.exits.clear();
    out_.text.clear();
    BusyGuest busy(guest_, clock_, seed);
    std::map<uint32_t, uint64_t> first;
    std::map<uint32_t, uint64_t> last;
    int reading = 0;
    auto exit_during = guest_.on_read;
    guest_.on_read = [&](uint32_t leaf, uint32_t subleaf) {
      exit_during(leaf, subleaf);
      // The moments at which a reason is read first and last.
      if (leaf == 0x4FFFFFFD) {
        if (reading == 0) first[subleaf] = busy.others[subleaf];
        last[subleaf] = busy.others[subleaf];
      }
      if (leaf == 0x4FFFFFFF) ++reading;
    };
    guest_.undefined = [](uint32_t) { return false; };
    ASSERT_EQ(Run({"-i", "1", "-n", "30", "--json"}), kSuccess) << err_.text;
    std::map<uint32_t, uint64_t> shown;
    for (const json& report : JsonReports()) {
      for (const json& reason : report["reasons"]) {
        shown[reason["reason"].get<uint32_t>()] += reason["exits"].get<uint64_t>();
      }
    }
    for (const auto& [reason, exits] : last) {
      EXPECT_EQ(shown[reason], exits - first[reason]) << "reason " << reason << " seed " << seed;
    }
  }
}

TEST_F(CommandGuest, TotalIsNeverBelowTheSumThoughTheVmIsBusy) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    guest_.exits = {{99, seed % 3}};
    out_.text.clear();
    BusyGuest busy(guest_, clock_, seed);
    ASSERT_EQ(Run({"--json"}), kSuccess) << err_.text;
    const json report = JsonReports().at(0);
    EXPECT_LE(report["shown_exits"], report["vm_exits"]);
    EXPECT_GT(report["reading_exits"], 0);
  }
}

TEST_F(CommandGuest, CountsThatAVmmMakesUpAreNotTheReaders) {
  guest_.overrides[0x4FFFFFFD] = {.eax = 4};
  guest_.overrides[0x4FFFFFFF] = {.eax = 100};
  EXPECT_EQ(Run({"--json"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"-n", "1", "--json", "--zeros"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  EXPECT_EQ(reports[0]["reading_exits"], 0);
  EXPECT_EQ(reports[0]["reasons"][0]["exits"], 4);
  EXPECT_EQ(reports[1]["reading_exits"], 0);
  EXPECT_EQ(reports[1]["vm_exits"], 0);
}

TEST_F(CommandGuest, IntervalsOfOneReason) {
  clock_.on_wait = [&](int) {
    guest_.exits[12] += 7;
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-n", "1", "--json", "--reason", "12"}), kSuccess) << err_.text;
  EXPECT_EQ(JsonReports().at(0)["reasons"][0]["exits"], 7);
}

TEST_F(CommandGuest, InterruptReportsTheIntervalUnderWayAndEndsWell) {
  clock_.on_wait = [&](int wait) {
    if (wait < 3) return true;
    clock_.Pass(std::chrono::milliseconds(-750));  // the deadline was not reached
    return false;
  };
  EXPECT_EQ(Run({"-i", "1", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[1]["seconds"], 1.0);
  EXPECT_EQ(reports[2]["seconds"], 0.25);
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(CommandGuest, OnlyIntervalsCatchTheInterrupt) {
  EXPECT_EQ(Run({}), kSuccess);
  EXPECT_FALSE(clock_.catches_stop);
  EXPECT_EQ(Run({"-n", "1"}), kSuccess);
  EXPECT_TRUE(clock_.catches_stop);
}

TEST_F(CommandGuest, IntervalsDoNotDrift) {
  guest_.on_read = [&](uint32_t leaf, uint32_t) {
    if (leaf == 0x4FFFFFFF) clock_.Pass(std::chrono::milliseconds(100));
  };
  EXPECT_EQ(Run({"-i", "1", "-n", "4", "--json"}), kSuccess) << err_.text;
  for (const json& report : JsonReports()) EXPECT_NEAR(report["seconds"], 1.0, 0.11);
  // 0.1 s of the first reading, four intervals, 0.1 s of the last reading.
  EXPECT_EQ(clock_.now.steady - FakeClock().now.steady, std::chrono::milliseconds(4200));
}

TEST_F(CommandGuest, IntervalsMissedInAPauseAreNotMadeUpFor) {
  clock_.on_wait = [&](int wait) {
    if (wait == 1) clock_.Pass(std::chrono::seconds(10));
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-n", "3", "--json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[0]["seconds"], 11.0);
  EXPECT_EQ(reports[1]["seconds"], 1.0);
  EXPECT_EQ(reports[2]["seconds"], 1.0);
}

TEST_F(CommandGuest, CountsThatStartAgainAreNoInterval) {
  guest_.exits = {{12, 5000}};
  clock_.on_wait = [&](int wait) {
    if (wait == 2) guest_.exits = {{12, 10}};
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-n", "2", "--json"}), kSuccess);
  EXPECT_THAT(err_.text, HasSubstr("the counts started again"));
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[1]["vm_exits"], 0);
}

TEST_F(CommandGuest, LeavesThatGoAwayEndIt) {
  clock_.on_wait = [&](int wait) {
    if (wait == 2) AnswerAllLeaves(guest_, {});
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "--json"}), kFailure);
  EXPECT_THAT(JsonReports(), SizeIs(1));
  EXPECT_THAT(err_.text, HasSubstr("lacks the signature"));
}

class CommandGuestFile : public CommandGuest {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const std::filesystem::path directory_ =
      std::filesystem::path(::testing::TempDir()) / ("guest_test." + std::to_string(getpid()));
  const std::string file_ = (directory_ / "x.prom").string();
};

TEST_F(CommandGuestFile, IsWrittenInPlaceOfTheOutput) {
  EXPECT_EQ(Run({"--format", "prometheus", "-o", file_.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_THAT(Files(), ElementsAre("x.prom"));
  std::ifstream file(file_);
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}),
              StartsWith("# HELP kvm_guest_exits_total"));
}

TEST_F(CommandGuestFile, OfIntervalsIsThereWhenAllAre) {
  clock_.on_wait = [&](int) {
    EXPECT_FALSE(std::filesystem::exists(file_));
    return true;
  };
  EXPECT_EQ(Run({"-n", "3", "--json", "-o", file_.c_str()}), kSuccess) << err_.text;
  std::ifstream file(file_);
  EXPECT_EQ(std::count(std::istreambuf_iterator<char>(file), {}, '\n'), 3);
}

TEST_F(CommandGuestFile, IsNotThereAfterAnError) {
  clock_.on_wait = [&](int) {
    AnswerAllLeaves(guest_, {});
    return true;
  };
  EXPECT_EQ(Run({"-n", "3", "-o", file_.c_str()}), kFailure);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(CommandGuestFile, ThatCannotBeWrittenIsToldBeforeAnythingIsRead) {
  const std::string nowhere = (directory_ / "absent" / "x").string();
  EXPECT_EQ(Run({"-o", nowhere.c_str()}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: cannot write " + nowhere + ": No such file or directory\n");
  EXPECT_EQ(guest_.reads, 0U);
}

TEST_F(CommandGuestFile, DashIsTheOutput) {
  EXPECT_EQ(Run({"-o", "-"}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("VM total"));
}

TEST_F(CommandGuest, FullDisk) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  FdOutput full(fd);
  EXPECT_EQ(Run({}, full), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: cannot write the output: No space left on device\n");
  close(fd);
}

// What each command costs that is run: 'true' three times, and then the one to measure.
class CommandGuestMeasures : public CommandGuest {
 protected:
  CommandGuestMeasures() {
    // A reading begins and ends with the signature, and every second one is after a command.
    guest_.on_read = [this](uint32_t leaf, uint32_t) {
      if (leaf != 0x4FFFFFF0 || ++signatures_ % 4 != 3) return;
      for (const auto& [reason, count] : cost_of(static_cast<int>(signatures_ / 4 + 1))) {
        guest_.exits[reason] += count;
      }
    };
  }

  using Cost = std::map<uint32_t, uint64_t>;
  std::function<Cost(int command)> cost_of = [](int command) {
    if (command == 4) return Cost{{12, 120}, {48, 7}};
    return Cost{{12, command == 2 ? 20 : 30}, {30, command == 1 ? 0 : 5}};
  };

 private:
  uint64_t signatures_ = 0;
};

TEST_F(CommandGuestMeasures, CostIsWithoutThatOfStarting) {
  EXPECT_EQ(Run({"--json", "--", "sh", "-c", "exit 7"}), 7);
  EXPECT_THAT(out_.text, IsEmpty()) << "that is the command's";
  const json report = json::parse(err_.text);
  EXPECT_EQ(report["vm_exits"], 107);
  EXPECT_EQ(report["start_exits"], 20);
  ASSERT_THAT(report["reasons"], SizeIs(2));
  EXPECT_EQ(report["reasons"][0]["name"], "HLT");
  EXPECT_EQ(report["reasons"][0]["exits"], 100);
  EXPECT_EQ(report["reasons"][1]["exits"], 7);
}

TEST_F(CommandGuestMeasures, TableSaysWhatStartingCosts) {
  EXPECT_EQ(Run({"--", "true"}), 0);
  EXPECT_THAT(err_.text, HasSubstr("Not counted: 20 exits, as many as starting 'true' takes.\n"));
}

TEST_F(CommandGuestMeasures, CommandThatCannotBeRun) {
  EXPECT_EQ(Run({"--", "no-such-command"}), 127);
  EXPECT_EQ(err_.text, "kvm-exits: cannot run 'no-such-command': No such file or directory\n");
}

TEST_F(CommandGuestMeasures, CountsThatStartAgainCannotBeMeasured) {
  cost_of = [this](int command) {
    if (command == 4) guest_.exits.clear();
    return Cost{{12, 1000}};
  };
  EXPECT_EQ(Run({"--", "true"}), 125);
  EXPECT_THAT(err_.text, HasSubstr("the counts started again"));
}

TEST_F(CommandGuestMeasures, NoCountsAre125) {
  AnswerAllLeaves(guest_, kIntelGarbage);
  EXPECT_EQ(Run({"--", "true"}), 125);
}

TEST_F(CommandGuestMeasures, ExcludesIntervalsAndCounters) {
  for (const char* const option : {"-i1", "-n1", "--format=prometheus", "--format=openmetrics"}) {
    EXPECT_EQ(Run({option, "--", "true"}), kUsageError) << option;
  }
  EXPECT_EQ(Run({"--"}), kUsageError);
  EXPECT_EQ(guest_.reads, 0U);
}

class CommandGuestUsage : public CommandGuest, public ::testing::WithParamInterface<std::string> {};

TEST_P(CommandGuestUsage, IsAnError) {
  std::istringstream line(GetParam());
  const std::vector<std::string> words{std::istream_iterator<std::string>(line), {}};
  std::vector<const char*> arguments(words.size());
  std::ranges::transform(words, arguments.begin(), &std::string::c_str);
  EXPECT_EQ(Run(arguments), kUsageError);
  EXPECT_THAT(err_.text, StartsWith("kvm-exits: "));
  EXPECT_THAT(err_.text, EndsWith("\nTry 'kvm-exits guest --help'.\n"));
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_EQ(guest_.reads, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    BadArguments, CommandGuestUsage,
    ::testing::Values("--nonsense", "extra", "-l", "-l 0", "-l -1", "-l 1.5", "-l x", "-l 010",
                      "-l 18446744073709551616", "-s cycles", "-s 0", "--format xml", "--format 0",
                      "-i 0", "-i -1", "-i nan", "-i inf", "-i 86401", "-i 1s", "-i 1 -n 0",
                      "-n -1", "-n", "--reason", "--reason=", "--reason 4294967296",
                      "--reason -2147483649", "--reason 1.5", "--reason 12x", "--reason _",
                      "--reason (unnamed)", "--reason 12 -l 3", "--reason 12 --zeros",
                      "--reason 12 -s name", "--reason 12 -F H", "-F", "-F (", "-F [z-a]",
                      "--filter=", "--json --csv", "--json --format csv", "--csv --format csv",
                      "-o", "--output=", "--format openmetrics -i 1", "--format prometheus -n 1",
                      "-c 5", "--all", "--rows 5"));

}  // namespace
}  // namespace kvm_exits
