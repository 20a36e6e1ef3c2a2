// SPDX-License-Identifier: GPL-2.0-only
//
// What the manual pages and the completion say of the options, held against
// what --help says.

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "model/exit_reason.h"
#include "source/fakes.h"
#include "source/guest_reader.h"

namespace kvm_exits {
namespace {

using ::testing::Contains;
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

TEST(Documentation, ManualOfTheProgramHasItsOptionsAndCommands) {
  const std::string help = Help({});
  const std::string page = ReadFile("man/kvm-exits.1");
  EXPECT_THAT(OptionsInHelp(help), SizeIs(2)) << help;
  EXPECT_EQ(OptionsInManual(page), OptionsInHelp(help));
  EXPECT_THAT(Matches(page, "^\\.It Cm ([a-z]+)$"), Contains("guest"));
  EXPECT_EQ(Matches(page, "^\\.It Cm ([a-z]+)$"),
            Matches(help.substr(help.find("Subcommands:")), "^  ([a-z]+) "));
}

TEST(Documentation, ManualOfGuestHasItsOptions) {
  const std::string help = Help({"guest"});
  EXPECT_THAT(OptionsInHelp(help),
              IsSupersetOf({"-l,--limit ROWS", "-n,--count N", "--zeros", "-h,--help"}))
      << help;
  EXPECT_EQ(OptionsInManual(ReadFile("man/kvm-exits-guest.1")), OptionsInHelp(help));
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

TEST(Documentation, CompletionHasTheOptionsOfGuest) {
  // From the case of any other word to the end of the cases.
  const std::string completion = ReadFile("completions/kvm-exits.bash");
  const size_t start = completion.find("*) words=");
  ASSERT_NE(start, std::string::npos);
  const Words offered =
      Matches(completion.substr(start, completion.find("esac") - start), "--[a-z]+");
  EXPECT_EQ(offered, Matches(Help({"guest"}), "^  (?:-[a-zA-Z],)?(--[a-z]+)"));
}

}  // namespace
}  // namespace kvm_exits
