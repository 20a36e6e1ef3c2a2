// SPDX-License-Identifier: GPL-2.0-only
#include "command/guest.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "source/fakes.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
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
  EXPECT_THAT(out_.text, HasSubstr("sum of 3 shown"));
  EXPECT_LT(out_.text.find("HLT"), out_.text.find("EPT_VIOLATION"));
  EXPECT_THAT(out_.text, Not(HasSubstr("INIT_SIGNAL")));
}

TEST_F(CommandGuest, PassesTheOptionsOn) {
  guest_.exits = {{12, 9000}, {48, 500}};
  EXPECT_EQ(Run({"--all", "-s", "name", "-n", "2", "-o", "json"}), kSuccess) << err_.text;
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
  EXPECT_THAT(out_.text, HasSubstr("kvm_exits_total{reason=\"3\",name=\"INIT_SIGNAL\"} 0\n"));
}

TEST_F(CommandGuest, OneReason) {
  guest_.exits = {{12, 9000}};
  EXPECT_EQ(Run({"--reason", "12", "-o", "json"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"--reason", "0xc", "-o", "json"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"--reason", "3", "-o", "json"}), kSuccess) << err_.text;
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
  for (const char* const text : {"-1", "0x400", "NPF", "hlt", "true"}) {
    err_.text.clear();
    EXPECT_EQ(Run({"--reason", text}), kFailure);
    EXPECT_EQ(err_.text, "kvm-exits: " + std::string(text) + " is not an exit reason of VMX\n");
  }
}

TEST_F(CommandGuest, OneReasonByName) {
  guest_.exits = {{12, 9000}};
  EXPECT_EQ(Run({"--reason", "HLT", "-o", "json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0]["reasons"], SizeIs(1));
  EXPECT_EQ(reports[0]["reasons"][0]["reason"], 12);
  EXPECT_EQ(reports[0]["reasons"][0]["exits"], 9000);
}

TEST_F(SvmCommandGuest, ShowsATable) {
  guest_.exits = {{0x78, 9000}, {0x400, 500}, {0xFFFFFFFF, 1}};
  EXPECT_EQ(Run({}), kSuccess) << err_.text;
  EXPECT_EQ(out_.text,
            "SVM exits of this VM since it was created; host TSC 2100000 kHz\n"
            "REASON  NAME                                     EXITS  SHARE %\n"
            "  0x78  HLT                                       9000    92.98\n"
            " 0x400  NPF                                        500     5.17\n"
            "  0x72  CPUID                                      118     1.22\n"
            "    -1  INVALID                                      1     0.01\n"
            "        sum of 4 shown                            9619    99.37\n"
            "        VM total                                  9680   100.00\n"
            "Each reading takes 180 CPUID exits of its own, which are counted too.\n");
}

TEST_F(SvmCommandGuest, OneReasonInEachNotation) {
  guest_.exits = {{0x72, 0}, {0x78, 9000}, {0xFFFFFFFC, 3}, {0xFFFFFFFF, 7}};
  const auto exits_of = [this](const char* reason) {
    out_.text.clear();
    EXPECT_EQ(Run({"--reason", reason, "-o", "json"}), kSuccess) << err_.text;
    return JsonReports().at(0)["reasons"].at(0)["exits"];
  };
  for (const char* const hlt : {"0x78", "0X78", "120", "HLT"}) EXPECT_EQ(exits_of(hlt), 9000);
  for (const char* const invalid : {"-1", "0xffffffff", "4294967295", "INVALID"}) {
    EXPECT_EQ(exits_of(invalid), 7);
  }
  EXPECT_EQ(exits_of("-4"), 3);
  EXPECT_EQ(exits_of("-3"), 0);
  EXPECT_EQ(exits_of("0"), 0);
  out_.text.clear();
  EXPECT_EQ(Run({"--reason=-1", "-o", "csv"}), kSuccess) << err_.text;
  EXPECT_THAT(out_.text, HasSubstr(",-1,INVALID,7,"));
}

TEST_F(SvmCommandGuest, OneReasonThatIsNone) {
  for (const char* const text : {"0xa7", "0x3ff", "0x404", "-5", "-2147483648", "VMCALL", "hlt"}) {
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
  EXPECT_EQ(Run({"-i", "0.5", "-c", "3", "-o", "json", "-s", "reason"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  for (size_t i = 0; i < reports.size(); ++i) {
    ASSERT_THAT(reports[i]["reasons"], SizeIs(2));
    EXPECT_EQ(reports[i]["reasons"][0]["exits"], 85);
    EXPECT_EQ(reports[i]["reasons"][1]["exits"], (i + 1) * 100);
    EXPECT_EQ(reports[i]["reasons"][1]["exits_per_second"], static_cast<double>(i + 1) * 200);
    EXPECT_EQ(reports[i]["seconds"], 0.5);
    EXPECT_EQ(reports[i]["vm_exits"], 85 + (i + 1) * 100);
  }
}

TEST_F(CommandGuest, IntervalsOfOneReason) {
  clock_.on_wait = [&](int) {
    guest_.exits[12] += 7;
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-c", "1", "-o", "json", "--reason", "12"}), kSuccess) << err_.text;
  EXPECT_EQ(JsonReports().at(0)["reasons"][0]["exits"], 7);
}

TEST_F(CommandGuest, InterruptReportsTheIntervalUnderWayAndEndsWell) {
  clock_.on_wait = [&](int wait) {
    if (wait < 3) return true;
    clock_.Pass(std::chrono::milliseconds(-750));  // the deadline was not reached
    return false;
  };
  EXPECT_EQ(Run({"-i", "1", "-o", "json"}), kSuccess) << err_.text;
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[1]["seconds"], 1.0);
  EXPECT_EQ(reports[2]["seconds"], 0.25);
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(CommandGuest, IntervalsDoNotDrift) {
  guest_.on_read = [&](uint32_t leaf, uint32_t) {
    if (leaf == 0x4FFFFFFF) clock_.Pass(std::chrono::milliseconds(100));
  };
  EXPECT_EQ(Run({"-i", "1", "-c", "4", "-o", "json"}), kSuccess) << err_.text;
  for (const json& report : JsonReports()) EXPECT_NEAR(report["seconds"], 1.0, 0.11);
  // 0.1 s of the first reading, four intervals, 0.1 s of the last reading.
  EXPECT_EQ(clock_.now.steady - FakeClock().now.steady, std::chrono::milliseconds(4200));
}

TEST_F(CommandGuest, IntervalsMissedInAPauseAreNotMadeUpFor) {
  clock_.on_wait = [&](int wait) {
    if (wait == 1) clock_.Pass(std::chrono::seconds(10));
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-c", "3", "-o", "json"}), kSuccess) << err_.text;
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
  EXPECT_EQ(Run({"-i", "1", "-c", "2", "-o", "json"}), kSuccess);
  EXPECT_THAT(err_.text, HasSubstr("the counts started again"));
  const auto reports = JsonReports();
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[1]["vm_exits"], 85);
}

TEST_F(CommandGuest, LeavesThatGoAwayEndIt) {
  clock_.on_wait = [&](int wait) {
    if (wait == 2) AnswerAllLeaves(guest_, {});
    return true;
  };
  EXPECT_EQ(Run({"-i", "1", "-o", "json"}), kFailure);
  EXPECT_THAT(JsonReports(), SizeIs(1));
  EXPECT_THAT(err_.text, HasSubstr("lacks the signature"));
}

TEST_F(CommandGuest, FullDisk) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  FdOutput full(fd);
  EXPECT_EQ(Run({}, full), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: cannot write the output: No space left on device\n");
  close(fd);
}

class CommandGuestUsage : public CommandGuest, public ::testing::WithParamInterface<std::string> {};

TEST_P(CommandGuestUsage, IsAnError) {
  std::istringstream line(GetParam());
  const std::vector<std::string> words{std::istream_iterator<std::string>(line), {}};
  std::vector<const char*> arguments(words.size());
  std::ranges::transform(words, arguments.begin(), &std::string::c_str);
  EXPECT_EQ(Run(arguments), kUsageError);
  EXPECT_THAT(err_.text, StartsWith("kvm-exits: "));
  EXPECT_THAT(err_.text, EndsWith("\nTry 'kvm-exits --help'.\n"));
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_EQ(guest_.reads, 0U);
}

INSTANTIATE_TEST_SUITE_P(BadArguments, CommandGuestUsage,
                         ::testing::Values("--nonsense", "extra", "-n", "-n 0", "-n -1", "-n 1.5",
                                           "-n x", "-n 010", "-n 18446744073709551616", "-s cycles",
                                           "-s 0", "-o xml", "-o 0", "-i 0", "-i -1", "-i nan",
                                           "-i inf", "-i 86401", "-i 1s", "-i 1 -c 0", "-i 1 -c -1",
                                           "-c 5", "--reason", "--reason=", "--reason 4294967296",
                                           "--reason -2147483649", "--reason 1.5", "--reason 12x",
                                           "--reason _", "--reason (unnamed)", "--reason 12 -n 3",
                                           "--reason 12 --all", "--reason 12 -s name",
                                           "-o openmetrics -i 1"));

}  // namespace
}  // namespace kvm_exits
