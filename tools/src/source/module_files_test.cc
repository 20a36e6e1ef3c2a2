// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_files.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "source/module_tree.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kHead = "# VM 167-11 of process 166\n";

constexpr const char* kVmx =
    "# VM 167-11 of process 166, vCPU 0\n"
    "# reason name   exits cycles longest guest kernel vmm halted preempted waiting stopped\n"
    "       0 EXCEPTION_NMI 0 0 0 0 0 0 0 0 0 0\n"
    "      12 HLT    23 8100 900 5000 100 0 8000 0 0 1\n"
    "      48 EPT_VIOLATION 18446744073709551615 70 60 50 40 30 0 0 0 0\n"
    "       - UNKNOWN 1 2 3 4 5 6 7 8 9 10\n"
    "       - NO_EXIT - 0 0 9 9 0 0 0 0 0\n";

constexpr const char* kSvm =
    "# all VMs since kvm.ko was loaded, ended ones included\n"
    "# reason name   exits cycles longest guest kernel vmm halted preempted waiting stopped\n"
    "    0x72 CPUID  5 - - - - - - - - -\n"
    "   0x400 NPF    6 - - - - - - - - -\n"
    "      -2 BUSY   7 - - - - - - - - -\n"
    "      -1 INVALID 8 - - - - - - - - -\n"
    "       - UNKNOWN 0 - - - - - - - - -\n"
    "       - NO_EXIT - - - - - - - - - -\n";

constexpr const char* kStates =
    "# VM 167-11 of process 166\n"
    "# state name cycles open\n"
    "      0 guest 13739895309 0\n"
    "      1 kernel 3331559301 0\n"
    "      2 vmm 2346228549 0\n"
    "      3 halted 1957047603 19543335\n"
    "      4 preempted 2176384014 0\n"
    "      5 waiting 0 0\n"
    "      6 stopped 349633536 0\n"
    "# sum 23900748312, booked 23900748312, difference 0, lost 17\n"
    "# cycles of 2096028 kHz\n";

constexpr const char* kDurations =
    "# VM 167-11 of process 166, vCPU 0\n"
    "# reason name from below exits\n"
    "      12 HLT 0 2 4\n"
    "      12 HLT 1536 2048 5\n"
    "      48 EPT_VIOLATION 9223372036854775808 18446744073709551615 6\n"
    "       - UNKNOWN 1024 1536 7\n"
    "# missed 0\n";

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// Adds to the end of every line that is of a row.
std::string AddToRows(const std::string& text, const std::string& more) {
  std::istringstream lines(text);
  std::string added;
  for (std::string line; std::getline(lines, line);) {
    added += line + (line.front() == '#' ? "" : more) + "\n";
  }
  return added;
}

void ExpectRefusedWhenCut(const std::string& text,
                          const std::function<bool(std::string_view)>& is_taken) {
  ASSERT_TRUE(is_taken(text));
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(is_taken(std::string_view(text).substr(0, size))) << text.substr(0, size);
  }
}

// Calls `check` with each text that one other byte makes of `text`, and where it has one
// byte less.
void ForEachMutation(const std::string& text,
                     const std::function<void(const std::string&)>& check) {
  for (size_t at = 0; at < text.size(); ++at) {
    std::string mutated = text;
    for (const char other : {' ', '\n', '0', '1', '9', '-', '#', 'x', '\t', '\0', '\xff'}) {
      mutated[at] = other;
      check(mutated);
    }
    check(std::string(text).erase(at, 1));
  }
}

// Numbers, exits and cycles as others read them from the rows, but those of nothing.
using PlainRows = std::multimap<uint64_t, std::pair<std::string, std::string>>;
PlainRows ReadPlainly(const std::string& text) {
  std::istringstream lines(text);
  PlainRows rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::ranges::replace(line, '\t', '_');  // only blanks are between columns
    std::istringstream columns(line);
    std::string number;
    std::string name;
    std::string exits;
    std::string cycles;
    columns >> number >> name >> exits >> cycles;
    if (number == "-" && name == "NO_EXIT") continue;
    if (exits.find_first_not_of('0') == std::string::npos &&
        (cycles == "-" || cycles.find_first_not_of('0') == std::string::npos)) {
      continue;
    }
    const uint64_t value = number == "-"              ? kUnknownReason.number
                           : number.starts_with("0x") ? std::stoul(number, nullptr, 16)
                                                      : static_cast<uint32_t>(std::stol(number));
    rows.emplace(value, std::pair(exits, cycles));
  }
  return rows;
}

void ExpectPlain(const std::string& text) {
  const auto parsed = ParseModuleReasons(text);
  if (!parsed) return;
  const PlainRows rows = ReadPlainly(text);
  ASSERT_EQ(parsed->reasons.size(), rows.size()) << text;
  auto row = rows.begin();
  for (const ReasonCount& count : parsed->reasons) {
    EXPECT_EQ(count.reason.number, row->first) << text;
    EXPECT_EQ(count.exits, std::stoull(row->second.first)) << text;
    EXPECT_EQ(count.cycles.has_value(), row->second.second != "-") << text;
    if (count.cycles) {
      EXPECT_EQ(*count.cycles, std::stoull(row->second.second)) << text;
    }
    ++row;
  }
}

TEST(ModuleReasons, HasThoseThatOccurred) {
  const auto parsed = ParseModuleReasons(kVmx);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->isa, Isa::kVmx);
  EXPECT_EQ(parsed->process, 166);
  EXPECT_TRUE(parsed->is_timed);
  EXPECT_THAT(parsed->reasons,
              ElementsAre(ReasonCount{.reason = {.number = 12, .name = "HLT"},
                                      .exits = 23,
                                      .cycles = 8100,
                                      .longest = 900,
                                      .of_state = {5000, 100, 0, 8000, 0, 0, 1}},
                          ReasonCount{.reason = {.number = 48, .name = "EPT_VIOLATION"},
                                      .exits = 18446744073709551615U,
                                      .cycles = 70,
                                      .longest = 60,
                                      .of_state = {50, 40, 30, 0, 0, 0, 0}},
                          ReasonCount{.reason = kUnknownReason,
                                      .exits = 1,
                                      .cycles = 2,
                                      .longest = 3,
                                      .of_state = {4, 5, 6, 7, 8, 9, 10}}));
}

TEST(ModuleReasons, NumbersOfSvmAndWhatIsNotKept) {
  const auto parsed = ParseModuleReasons(kSvm);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->isa, Isa::kSvm);
  EXPECT_EQ(parsed->process, std::nullopt);
  EXPECT_FALSE(parsed->is_timed);
  EXPECT_THAT(parsed->reasons,
              ElementsAre(ReasonCount{{.number = 0x72, .name = "CPUID"}, 5},
                          ReasonCount{{.number = 0x400, .name = "NPF"}, 6},
                          ReasonCount{{.number = 0xFFFFFFFE, .name = "BUSY"}, 7},
                          ReasonCount{{.number = 0xFFFFFFFF, .name = "INVALID"}, 8}));
}

TEST(ModuleReasons, WholeTablesOfTheModule) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    ModuleTree tree(isa);
    for (const bool is_timed : {true, false}) {
      tree.is_timed = is_timed;
      ModuleTree::Exits exits;
      for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
        exits[static_cast<uint32_t>(reason.number)] = 1 + reason.number;
      }
      const auto parsed = ParseModuleReasons(tree.Reasons(kHead, exits));
      ASSERT_TRUE(parsed.has_value());
      EXPECT_EQ(parsed->isa, isa);
      ASSERT_THAT(parsed->reasons, SizeIs(exits.size()));
      for (const ReasonCount& count : parsed->reasons) {
        EXPECT_EQ(count.reason, *FindReasonTable(isa)->Find(count.reason.number));
        EXPECT_EQ(count.exits, 1 + count.reason.number);
      }
    }
  }
}

TEST(ModuleReasons, WithoutAnExitThereIsNoReasonButALedger) {
  const ModuleTree tree;
  const auto parsed = ParseModuleReasons(tree.Reasons(kHead, {}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_THAT(parsed->reasons, IsEmpty());
  EXPECT_TRUE(parsed->is_timed);
}

TEST(ModuleReasons, NamesAreThisProgramsOwn) {
  const auto renamed = ParseModuleReasons(Replace(kVmx, "HLT", "\x1b[2J"));
  ASSERT_TRUE(renamed.has_value());
  EXPECT_EQ(renamed->reasons[0].reason.name, "HLT");
  const auto later = ParseModuleReasons(Replace(kVmx, "12 HLT", "90 NEW"));
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->reasons[1].reason, (ExitReason{.number = 90, .name = kUnnamed}));
}

TEST(ModuleReasons, ColumnsThatCameLaterAreAtTheEnd) {
  for (const std::string& more : {std::string(" 7"), std::string(" x y"), std::string(200, '7')}) {
    const auto parsed = ParseModuleReasons(AddToRows(kVmx, " " + more));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->reasons, ParseModuleReasons(kVmx)->reasons);
  }
  std::string many;
  for (int i = 0; i < 100; ++i) many += " 1";
  EXPECT_TRUE(ParseModuleReasons(AddToRows(kVmx, many)).has_value());
}

TEST(ModuleReasons, CutShortIsNone) {
  const auto is_taken = [](std::string_view text) { return ParseModuleReasons(text).has_value(); };
  ExpectRefusedWhenCut(kVmx, is_taken);
  ExpectRefusedWhenCut(kSvm, is_taken);
}

TEST(ModuleReasons, AnyMutationIsRefusedOrPlain) {
  ForEachMutation(kVmx, ExpectPlain);
  ForEachMutation(kSvm, ExpectPlain);
}

TEST(ModuleReasons, NumbersThatAreNoneAreRefused) {
  for (const char* const number :
       {"18446744073709551616", "99999999999999999999999", "-23", "+23", "0x17", "23.", ""}) {
    EXPECT_FALSE(ParseModuleReasons(Replace(kVmx, " 23 ", " " + std::string(number) + " ")))
        << number;
  }
  for (const char* const number :
       {"4294967296", "-2147483649", "0x", "0x100000000", "0x-1", "1e1"}) {
    EXPECT_FALSE(ParseModuleReasons(Replace(kVmx, " 12 ", " " + std::string(number) + " ")))
        << number;
  }
}

TEST(ModuleReasons, LinesTwiceAreRefused) {
  const std::string row = "      12 HLT    23 8100 900 5000 100 0 8000 0 0 1\n";
  EXPECT_FALSE(ParseModuleReasons(Replace(kVmx, row, row + row)));
  EXPECT_FALSE(ParseModuleReasons(Replace(kVmx, row, row + Replace(row, "12", "0xc"))));
  EXPECT_FALSE(ParseModuleReasons(std::string(kVmx) + kVmx)) << "two tables";
  EXPECT_FALSE(ParseModuleReasons(kVmx + row)) << "after the last line";
}

TEST(ModuleReasons, GarbageIsRefused) {
  for (const char* const text : {"", "\n", "\n\n", "#\n", "# VM\n", "garbage\n", "- NO_EXIT\n"}) {
    EXPECT_FALSE(ParseModuleReasons(text)) << text;
  }
  EXPECT_FALSE(ParseModuleReasons(std::string(100000, ' ') + "\n"));
  EXPECT_FALSE(ParseModuleReasons(std::string("\0\xff\n", 3)));
}

TEST(ModuleReasons, ProcessThatIsNoneIsNone) {
  for (const char* const process : {"0", "-1", "99999999999", "x", ""}) {
    const auto parsed = ParseModuleReasons(Replace(kVmx, "166", process));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->process, std::nullopt) << process;
  }
}

TEST(ModuleStates, AreBookedAndOpen) {
  const auto parsed = ParseModuleStates(kStates);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->cycles, (StateCycles{13739895309, 3331559301, 2346228549, 1976590938,
                                         2176384014, 0, 349633536}));
  EXPECT_EQ(parsed->lost, 17U);
  EXPECT_EQ(parsed->khz, 2096028U);
}

TEST(ModuleStates, WithoutALedgerThereAreNone) {
  ModuleTree tree;
  EXPECT_TRUE(ParseModuleStates(tree.States(kHead, {{12, 5}})).has_value());
  tree.is_timed = false;
  EXPECT_FALSE(ParseModuleStates(tree.States(kHead, {{12, 5}})).has_value());
}

TEST(ModuleStates, StatesAndColumnsThatCameLaterAreLeftOut) {
  const std::string more = Replace(AddToRows(kStates, " 7"), "# sum", "      7 new 5 5\n# sum");
  const auto parsed = ParseModuleStates(more);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->cycles, ParseModuleStates(kStates)->cycles);
}

TEST(ModuleStates, CutShortOrOtherwiseWrongIsRefused) {
  const auto is_taken = [](std::string_view text) { return ParseModuleStates(text).has_value(); };
  ExpectRefusedWhenCut(kStates, is_taken);
  const std::string row = "      2 vmm 2346228549 0\n";
  EXPECT_FALSE(is_taken(Replace(kStates, row, ""))) << "a state is missing";
  EXPECT_FALSE(is_taken(Replace(kStates, row, row + row))) << "twice";
  EXPECT_FALSE(is_taken(Replace(kStates, "2346228549", "18446744073709551616")));
  EXPECT_FALSE(is_taken(Replace(kStates, "2346228549 0", "2346228549")));
  EXPECT_FALSE(is_taken(Replace(kStates, "2096028", "0")));
  EXPECT_FALSE(is_taken(Replace(kStates, "2096028", "4294967296")));
  EXPECT_FALSE(is_taken(Replace(kStates, "lost 17", "lost")));
  EXPECT_FALSE(is_taken("garbage\n"));
}

TEST(ModuleStates, AnyMutationIsRefusedOrHasAllStates) {
  ForEachMutation(kStates, [](const std::string& text) {
    const auto parsed = ParseModuleStates(text);
    if (!parsed) return;
    EXPECT_GT(parsed->khz, 0U);
    for (const auto& cycles : parsed->cycles) EXPECT_TRUE(cycles.has_value()) << text;
  });
}

TEST(ModuleDurations, AreBinsOfEachReason) {
  const auto parsed = ParseModuleDurations(kDurations);
  ASSERT_TRUE(parsed.has_value());
  const ModuleDurations expected = {
      {12, {{.from = 0, .below = 2, .exits = 4}, {.from = 1536, .below = 2048, .exits = 5}}},
      {48, {{.from = uint64_t{1} << 63U, .below = 0, .exits = 6}}},
      {kUnknownReason.number, {{.from = 1024, .below = 1536, .exits = 7}}}};
  EXPECT_EQ(*parsed, expected);
  EXPECT_EQ(ParseModuleDurations(AddToRows(kDurations, " 1 2")), expected);
}

TEST(ModuleDurations, NotKeptIsNoneAndNoExitsAreSome) {
  ModuleTree tree;
  EXPECT_EQ(ParseModuleDurations(tree.Durations(kHead, {})), ModuleDurations{});
  tree.is_timed = false;
  EXPECT_FALSE(ParseModuleDurations(tree.Durations(kHead, {})).has_value());
}

TEST(ModuleDurations, CutShortOrOtherwiseWrongIsRefused) {
  const auto is_taken = [](std::string_view text) {
    return ParseModuleDurations(text).has_value();
  };
  ExpectRefusedWhenCut(kDurations, is_taken);
  EXPECT_FALSE(is_taken(Replace(kDurations, "1536 2048", "2048 1536"))) << "the end first";
  EXPECT_FALSE(is_taken(Replace(kDurations, "1536 2048", "0 2"))) << "twice";
  EXPECT_FALSE(is_taken(Replace(kDurations, "1536 2048 5", "1536 2048"))) << "no exits";
  EXPECT_FALSE(is_taken(Replace(kDurations, " 5\n", " 18446744073709551616\n")));
  EXPECT_FALSE(is_taken(std::string(kDurations) + "      12 HLT 4096 8192 1\n")) << "after the end";
}

TEST(ModuleDurations, AnyMutationIsRefusedOrAscends) {
  ForEachMutation(kDurations, [](const std::string& text) {
    const auto parsed = ParseModuleDurations(text);
    if (!parsed) return;
    for (const auto& [reason, bins] : *parsed) {
      uint64_t last = 0;
      for (const DurationBin& bin : bins) {
        EXPECT_GE(bin.from, last) << text;
        EXPECT_TRUE(bin.below == 0 || bin.below > bin.from) << text;
        last = bin.from;
      }
    }
  });
}

}  // namespace
}  // namespace kvm_exits
