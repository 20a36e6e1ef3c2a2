// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_reason_names.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

namespace kvm_exits {
namespace {

using ::testing::Eq;
using ::testing::IsNull;
using ::testing::NotNull;
using ::testing::Optional;

const ReasonTable& Vmx() { return *FindReasonTable(Isa::kVmx); }
const ReasonTable& Svm() { return *FindReasonTable(Isa::kSvm); }

std::string_view NameOf(const ReasonTable& table, std::string_view name) {
  const ExitReason* const reason = FindReasonNamed(table, name);
  return reason != nullptr ? reason->name : "none";
}

TEST(ExitReasonNames, OfTheTableInAnyCase) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    const ReasonTable& table = *FindReasonTable(isa);
    for (const ExitReason& reason : table.reasons) {
      std::string lower(reason.name);
      for (char& c : lower) c = static_cast<char>(std::tolower(c));
      EXPECT_EQ(NameOf(table, reason.name), reason.name);
      EXPECT_EQ(NameOf(table, lower), reason.name);
      EXPECT_EQ(NameOf(table, "VMEXIT_" + std::string(reason.name)), reason.name);
    }
  }
}

TEST(ExitReasonNames, OfTheManuals) {
  EXPECT_EQ(NameOf(Vmx(), "Exception or non-maskable interrupt (NMI)"), "EXCEPTION_NMI");
  EXPECT_EQ(NameOf(Vmx(), "I/O instruction"), "IO_INSTRUCTION");
  EXPECT_EQ(NameOf(Vmx(), "EPT violation"), "EPT_VIOLATION");
  EXPECT_EQ(NameOf(Vmx(), "WRMSR"), "MSR_WRITE");
  EXPECT_EQ(NameOf(Svm(), "VMEXIT_NPF"), "NPF");
  EXPECT_EQ(NameOf(Svm(), "VMEXIT_CR0_READ"), "CR0_READ");
  EXPECT_EQ(NameOf(Svm(), "VMEXIT_EXCP14"), "EXCP_PF");
}

TEST(ExitReasonNames, OfTheTracepointAndItsReaders) {
  EXPECT_EQ(NameOf(Vmx(), "EXIT_REASON_HLT"), "HLT");  // bcc's kvmexit
  EXPECT_EQ(NameOf(Vmx(), "PENDING_INTERRUPT"), "INTERRUPT_WINDOW");
  EXPECT_EQ(NameOf(Vmx(), "EXIT_REASON_MSR_READ_IMM"), "RDMSR_IMM");
  EXPECT_EQ(NameOf(Vmx(), "MSR_WRITE_IMM"), "WRMSR_IMM");
  EXPECT_EQ(NameOf(Svm(), "SVM_EXIT_BUS_LOCK"), "BUSLOCK");
  EXPECT_EQ(NameOf(Svm(), "idle-halt"), "IDLE_HLT");
  EXPECT_EQ(NameOf(Svm(), "npf"), "NPF");
  EXPECT_EQ(NameOf(Svm(), "io"), "IOIO");
  EXPECT_EQ(NameOf(Svm(), "PF excp"), "EXCP_PF");
  EXPECT_EQ(NameOf(Svm(), "SVM_EXIT_NPF"), "NPF");
  EXPECT_EQ(NameOf(Svm(), "EXIT_READ_CR0"), "CR0_READ");  // trace-cmd
}

TEST(ExitReasonNames, ThatAreNone) {
  for (const char* const name : {"", "_", "HL", "HLTT", "EXIT_REASON_", "(unnamed)", "NPF", "io"}) {
    EXPECT_THAT(FindReasonNamed(Vmx(), name), IsNull()) << name;
  }
  for (const char* const name : {"VMCALL", "EPT_VIOLATION", "EXCP32", "read_cr9"}) {
    EXPECT_THAT(FindReasonNamed(Svm(), name), IsNull()) << name;
  }
}

TEST(ExitReasonNames, OfUnknownReasonsAndOfAnyNumber) {
  EXPECT_THAT(ResolveReason(Vmx(), {"unknown", std::nullopt}), Optional(kUnknownReason));
  EXPECT_THAT(ResolveReason(Vmx(), {"nonsense", std::nullopt}), Eq(std::nullopt));
  EXPECT_THAT(ResolveReason(Vmx(), {"hlt", std::nullopt}), Optional(*Vmx().Find(12)));
  EXPECT_THAT(ResolveReason(Vmx(), {"12", 12}), Optional(*Vmx().Find(12)));
  EXPECT_THAT(ResolveReason(Svm(), {"444", 444}), Optional(ExitReason{444, kUnnamed}));
}

// The kernel's own words, from its headers for user space: of the series' kernel
// where that is unpacked, and of the machine.
struct Header {
  std::map<std::string, std::string> values;   // by macro
  std::map<std::string, std::string> printed;  // by macro: what the tracepoint prints
};

Header ReadHeader(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  Header header;
  const std::regex define("^#define\\s+((?:SVM_EXIT|EXIT_REASON)_\\w+)\\s+(-?\\w+)\\s*$");
  const std::regex print("\\{\\s*((?:SVM_EXIT|EXIT_REASON)_\\w+(?:\\s*\\+\\s*\\w+)?),\\s*\"(.*)\"");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_search(line, match, define)) header.values[match[1]] = match[2];
    if (std::regex_search(line, match, print)) header.printed[match[1]] = match[2];
  }
  return header;
}

std::vector<std::string> Directories() {
  std::istringstream list(KVM_EXITS_UAPI_DIRS);
  std::vector<std::string> directories;
  for (std::string directory; std::getline(list, directory, ':');) directories.push_back(directory);
  return directories;
}

void ExpectNames(const ReasonTable& table, const Header& header, size_t at_least) {
  size_t checked = 0;
  for (const auto& [macro, value] : header.values) {
    // The ends of a range, and what software alone uses.
    if (macro == "SVM_EXIT_EXCP_BASE" || macro == "SVM_EXIT_LAST_EXCP") continue;
    if (macro == "SVM_EXIT_SW") continue;
    const auto number = static_cast<uint32_t>(std::stoll(value, nullptr, 0));
    ASSERT_THAT(table.Find(number), NotNull()) << macro;
    EXPECT_EQ(NameOf(table, macro), table.Find(number)->name) << macro;
    if (const auto printed = header.printed.find(macro); printed != header.printed.end()) {
      EXPECT_EQ(NameOf(table, printed->second), table.Find(number)->name) << printed->second;
    }
    ++checked;
  }
  EXPECT_GE(checked, at_least);
}

TEST(ExitReasonNames, OfVmxAreTheKernels) {
  for (const std::string& directory : Directories()) {
    const Header header = ReadHeader(directory + "/vmx.h");
    EXPECT_GE(header.printed.size(), 62U) << directory;
    ExpectNames(Vmx(), header, 62);
  }
}

TEST(ExitReasonNames, OfSvmAreTheKernels) {
  for (const std::string& directory : Directories()) {
    const Header header = ReadHeader(directory + "/svm.h");
    EXPECT_GE(header.printed.size(), 90U) << directory;
    ExpectNames(Svm(), header, 85);
    // "DE excp" and the like, for SVM_EXIT_EXCP_BASE + DE_VECTOR.
    size_t exceptions = 0;
    for (const auto& [macro, printed] : header.printed) {
      if (!macro.starts_with("SVM_EXIT_EXCP_BASE")) continue;
      EXPECT_EQ(NameOf(Svm(), printed), "EXCP_" + printed.substr(0, 2));
      ++exceptions;
    }
    EXPECT_GE(exceptions, 17U) << directory;
  }
}

}  // namespace
}  // namespace kvm_exits
