// SPDX-License-Identifier: GPL-2.0-only
//
// What the manual pages and the completion say of commands and options, held against
// what --help says, and what the pages say of fields against what is written.

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "command/host_fixture.h"
#include "model/diagnosis.h"
#include "model/exit_reason.h"
#include "model/fake_host.h"
#include "source/fakes.h"
#include "source/guest_reader.h"
#include "view/detail_report.h"
#include "view/diagnosis_text.h"
#include "view/top_state.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

using Words = std::set<std::string>;

std::string ReadFile(const std::string& path) {
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Help(std::vector<const char*> command) {
  command.insert(command.begin(), "kvm-exits");
  command.push_back("--help");
  FakeGuest guest;
  FakeClock clock;
  StringOutput out;
  StringOutput err;
  Environment environment{.cpuid = guest, .clock = clock, .out = out, .err = err};
  EXPECT_EQ(RunCommandLine(static_cast<int>(command.size()), command.data(), environment),
            kSuccess);
  return out.text;
}

// Every match's first group, or all of it for a pattern without groups.
Words Matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
  Words words;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
    words.insert((*match)[match->size() > 1 ? 1 : 0]);
  }
  return words;
}

// "-l,--limit ROWS" for each option, where the help gives an option's names and
// the name of its value at the start of a line.
Words OptionsInHelp(const std::string& help) {
  Words options;
  const std::regex line("^  (-[-a-zA-Z,]+)( [A-Z]+)?(?= )", std::regex::multiline);
  for (std::sregex_iterator match(help.begin(), help.end(), line), end; match != end; ++match) {
    options.insert((*match)[1].str() + (*match)[2].str());
  }
  return options;
}

// The same from the manual page, which has them as
// ".It Fl l Ar rows , Fl -limit Ar rows".
Words OptionsInManual(const std::string& page) {
  Words options;
  for (const std::string& item : Matches(page, "^\\.It (Fl .*)$")) {
    std::string names;
    for (const std::string& name : Matches(item, "Fl ([-a-zA-Z]+)")) {
      // The set has "-limit" before "l".
      if (!names.empty()) names.insert(0, ",");
      names.insert(0, name).insert(0, "-");
    }
    const Words value = Matches(item, "Ar ([A-Za-z]+)");
    EXPECT_LE(value.size(), 1U) << item;
    if (!value.empty()) {
      names += ' ';
      for (const char c : *value.begin()) names += static_cast<char>(std::toupper(c));
    }
    options.insert(names);
  }
  return options;
}

// The commands that there are.
Words Verbs() {
  const std::string help = Help({});
  return Matches(help.substr(help.find("Subcommands:")), "^  ([a-z]+) ");
}

std::string ManualOf(const std::string& verb) { return ReadFile("man/kvm-exits-" + verb + ".1"); }

TEST(Documentation, ManualOfTheProgramHasItsOptionsAndCommands) {
  const std::string help = Help({});
  const std::string page = ReadFile("man/kvm-exits.1");
  const size_t common = page.find(".Sh COMMON OPTIONS");
  ASSERT_NE(common, std::string::npos);
  EXPECT_THAT(OptionsInHelp(help), SizeIs(3)) << help;
  EXPECT_EQ(OptionsInManual(page.substr(0, common)), OptionsInHelp(help));
  EXPECT_THAT(Verbs(), IsSupersetOf({"guest", "list", "stat"}));
  EXPECT_EQ(Matches(page.substr(0, common), "^\\.It Cm ([a-z]+)$"), Verbs());
  for (const std::string& verb : Verbs()) {
    EXPECT_THAT(page, HasSubstr("\n.Xr kvm-exits-" + verb + " 1 .\n"));
  }
}

// Each is one that several commands have, under the same names.
TEST(Documentation, ManualOfTheProgramHasTheCommonOptions) {
  std::map<std::string, int> commands;
  for (const std::string& verb : Verbs()) {
    for (const std::string& option : OptionsInHelp(Help({verb.c_str()}))) ++commands[option];
  }
  const std::string page = ReadFile("man/kvm-exits.1");
  const Words common = OptionsInManual(page.substr(page.find(".Sh COMMON OPTIONS")));
  EXPECT_THAT(common, IsSupersetOf({"-p,--pid PID", "--time"}));
  for (const std::string& option : common) {
    EXPECT_GE(commands[option], option == "--vcpu N" ? 1 : 2) << option;
  }
}

TEST(Documentation, ManualOfEachCommandHasItsOptions) {
  EXPECT_THAT(OptionsInHelp(Help({"guest"})),
              IsSupersetOf({"-l,--limit ROWS", "-n,--count N", "--zeros", "-h,--help"}));
  for (const std::string& verb : Verbs()) {
    EXPECT_EQ(OptionsInManual(ManualOf(verb)), OptionsInHelp(Help({verb.c_str()}))) << verb;
  }
}

// Those that measure a command say how.
TEST(Documentation, ManualOfEachCommandSaysWhetherItMeasuresOne) {
  const std::string synopsis = ".Fl -\n.Ar command\n.Op Ar argument ...\n";
  for (const std::string& verb : Verbs()) {
    EXPECT_EQ(ManualOf(verb).find(synopsis) != std::string::npos,
              Help({verb.c_str()}).find("-- COMMAND") != std::string::npos)
        << verb;
  }
}

TEST(Documentation, ManualOfGuestHasEveryFieldOfTheFormats) {
  const std::string page = ReadFile("man/kvm-exits-guest.1");
  const Words described = Matches(page, "^\\.It Va ([a-z_]+)");
  FakeGuest guest;
  guest.tells_cycles = true;
  guest.cycles = {{10, 1}};
  FakeClock clock;
  StringOutput out;
  StringOutput err;
  Environment environment{.cpuid = guest, .clock = clock, .out = out, .err = err};
  const auto run = [&](const char* format, const char* interval) {
    const std::vector<const char*> command = {"kvm-exits", "guest",  "--format",
                                              format,      interval, "1"};
    // Without an interval the command ends before the options for one.
    const int count = interval != nullptr ? 6 : 4;
    ASSERT_EQ(RunCommandLine(count, command.data(), environment), kSuccess) << err.text;
  };
  run("json", "-n");
  EXPECT_THAT(described, IsSupersetOf(Matches(out.text, "\"([a-z_]+)\":")));
  out.text.clear();
  run("csv", "-n");
  EXPECT_THAT(described, IsSupersetOf(Matches(out.text.substr(0, out.text.find('\n')), "[a-z_]+")));
  out.text.clear();
  run("openmetrics", nullptr);
  run("prometheus", nullptr);
  EXPECT_THAT(described, IsSupersetOf(Matches(out.text, "^([a-z_]+)[ {]")));
}

TEST(Documentation, ManualOfGuestHasTheExitsOfAReading) {
  FakeGuest guest;
  FakeClock clock;
  for (uint32_t reason = 43; reason < 62; ++reason) guest.exits[reason] = 1;
  GuestReader(guest, clock).Read(std::nullopt);  // 19 reasons and CPUID
  EXPECT_THAT(ReadFile("man/kvm-exits-guest.1"),
              HasSubstr("\n" + std::to_string(guest.reads) + " for a guest of 20 reasons"));
}

TEST(Documentation, ManualOfGuestHasTheNotationOfEachExtension) {
  const std::string page = ReadFile("man/kvm-exits-guest.1");
  const auto notation = [](Isa isa, std::string_view name) {
    const uint64_t number = FindReasonTable(isa)->FindName(name)->number;
    return ".Ql " + FormatReasonNumber(isa, number) + "\nis " + std::string(name);
  };
  EXPECT_THAT(page, HasSubstr(notation(Isa::kVmx, "EPT_VIOLATION")));
  EXPECT_THAT(page, HasSubstr(notation(Isa::kSvm, "CPUID")));
}

class HostDocumentation : public HostCommandTest {};

Words Fields(const std::string& verb) {
  return Matches(ManualOf(verb), "^\\.(?:It )?Va ([a-z_0-9]+)");
}

TEST_F(HostDocumentation, ManualOfListHasEveryFieldOfTheFormats) {
  ASSERT_EQ(Run({"list", "--json"}), kSuccess) << err_.text;
  EXPECT_THAT(Fields("list"), IsSupersetOf(Matches(out_.text, "\"([a-z_0-9]+)\":")));
  out_.text.clear();
  ASSERT_EQ(Run({"list", "--csv"}), kSuccess) << err_.text;
  const Words columns = Matches(out_.text.substr(0, out_.text.find('\n')), "[a-z_0-9]+");
  EXPECT_THAT(columns, SizeIs(21));
  EXPECT_THAT(Fields("list"), IsSupersetOf(columns));
}

TEST_F(HostDocumentation, ManualOfStatHasEveryFieldOfTheFormats) {
  Words described = Fields("list");
  described.merge(Fields("stat"));
  ASSERT_EQ(Run({"stat", "--json", "-n", "1", "--vcpu", "all", "--zeros"}), kSuccess) << err_.text;
  EXPECT_THAT(described, IsSupersetOf(Matches(out_.text, "\"([a-z_0-9]+)\":")));
  out_.text.clear();
  ASSERT_EQ(Run({"stat", "--csv", "-n", "1"}), kSuccess) << err_.text;
  const Words columns = Matches(out_.text.substr(0, out_.text.find('\n')), "[a-z_0-9]+");
  EXPECT_THAT(columns, SizeIs(29));
  EXPECT_THAT(described, IsSupersetOf(columns));
}

TEST(Documentation, ManualOfDetailHasEveryFieldOfTheFormats) {
  DetailReport report;
  report.rows = {{.key = "0x10", .name = "", .what = "", .event = ""}};
  EXPECT_THAT(Fields("detail"),
              IsSupersetOf(Matches(FormatDetailJson(report, {}), "\"([a-z_0-9]+)\":")));
  const std::string csv = FormatDetailCsv(report, {}, true);
  EXPECT_THAT(Fields("detail"), IsSupersetOf(Matches(csv.substr(0, csv.find('\n')), "[a-z_0-9]+")));
}

TEST_F(HostDocumentation, ManualOfReportHasEveryFieldOfTheFormats) {
  const std::string file = tree_.Root() + "/a.zst";
  ASSERT_EQ(Run({"record", "-o", file.c_str(), "-n", "2"}), kSuccess) << err_.text;
  out_.text.clear();
  ASSERT_EQ(Run({"report", file.c_str(), "--json"}), kSuccess) << err_.text;
  EXPECT_THAT(Matches(ManualOf("report"), "([a-z][a-z_0-9]+)"),
              IsSupersetOf(Matches(out_.text, "\"([a-z_0-9]+)\":")));
}

// "Up, Down, k, j" there, "Up Down j k" in the program's own page.
TEST(Documentation, ManualOfTopHasItsKeys) {
  const auto words = [](const std::string& text) { return Matches(text, "[^ ,]+"); };
  std::set<Words> described;
  for (const std::string& item : Matches(ManualOf("top"), "^\\.It Ic (.*)$")) {
    described.insert(words(item));
  }
  std::set<Words> keys;
  for (size_t i = 0; i < kTopKeysCount; ++i) keys.insert(words(kTopKeys[i].keys));
  // A comma would be lost.
  EXPECT_EQ(described, keys);
}

TEST(Documentation, ManualOfDoctorHasEveryCheckInItsOrder) {
  const std::string page = ReadFile("man/kvm-exits-doctor.1");
  HostFacts host = MakeHost();
  host.guest = MakeGuest().guest;
  const Diagnosis diagnosis = Diagnose(host);
  size_t last = 0;
  for (const Finding& finding : diagnosis.findings) {
    const size_t found = page.find("\n.It Va " + std::string(finding.check) + "\n");
    ASSERT_NE(found, std::string::npos) << finding.check;
    EXPECT_GT(found, last) << finding.check;
    last = found;
  }
  EXPECT_THAT(Matches(page, "^\\.It Va ([a-z_]+)"),
              IsSupersetOf(Matches(DiagnosisJson(diagnosis), "\"([a-z_]+)\":")));
}

// The test of zsh's completion holds that against bash's.
TEST(Documentation, CompletionHasCommandsAndOptions) {
  const std::string completion = ReadFile("completions/kvm-exits.bash");
  const auto offered = [&](const std::string& verb) {
    const std::string begin = "\n    " + verb + ") options='";
    const size_t start = completion.find(begin);
    EXPECT_NE(start, std::string::npos) << verb;
    if (start == std::string::npos) return Words();
    const std::string options = completion.substr(start + begin.size());
    return Matches(options.substr(0, options.find('\'')), "[-a-z]+");
  };
  const auto options = [](const std::string& help) {
    return Matches(help, "^  (?:-[a-zA-Z],)?(--[-a-z]+)");
  };
  Words first = options(Help({}));
  first.merge(Verbs());
  EXPECT_EQ(offered("''"), first);
  for (const std::string& verb : Verbs()) {
    EXPECT_EQ(offered(verb), options(Help({verb.c_str()}))) << verb;
  }
}

}  // namespace
}  // namespace kvm_exits
