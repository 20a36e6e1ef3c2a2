// SPDX-License-Identifier: GPL-2.0-only
#include "view/detail_report.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/fakes.h"
#include "base/printable.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr AccessKind kKinds[] = {
    AccessKind::kMsr,       AccessKind::kPort,      AccessKind::kGpa,
    AccessKind::kLeaf,      AccessKind::kHypercall, AccessKind::kApic,
    AccessKind::kUserspace, AccessKind::kRip,       AccessKind::kVector};

DetailRow One(const Access& access, AccessKind kind, const Kallsyms* kallsyms = nullptr) {
  const std::vector<DetailRow> rows = MakeDetailRows({access}, kind, kallsyms);
  EXPECT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows.at(0).count, access.count);
  return rows.at(0);
}

DetailReport MsrReport() {
  DetailReport report;
  report.vm = {.id = "7-11", .pid = 7, .name = "web-1", .vmm = "qemu"};
  report.reason = ExitReason{.number = 32, .name = "MSR_WRITE"};
  report.isa = Isa::kVmx;
  report.taken = FakeClock().now;
  report.period = Seconds(1.5);
  report.rows = MakeDetailRows({{.event = "kvm_msr", .key = 0x6e0, .detail = 1, .count = 300},
                                {.event = "kvm_msr", .key = 0x10, .detail = 3, .count = 100}},
                               AccessKind::kMsr, nullptr);
  report.accesses = 400;
  report.exits = 399;
  return report;
}

TEST(AccessKind, HasAWordEach) {
  for (const AccessKind kind : kKinds) EXPECT_EQ(FindAccessKind(AccessKindName(kind)), kind);
  EXPECT_FALSE(FindAccessKind("MSR"));
  EXPECT_FALSE(FindAccessKind(""));
}

TEST(AccessKind, SuitsTheReason) {
  EXPECT_EQ(UsualKind({.number = 32, .name = "MSR_WRITE"}), AccessKind::kMsr);
  EXPECT_EQ(UsualKind({.number = 0x7b, .name = "IOIO"}), AccessKind::kPort);
  EXPECT_EQ(UsualKind({.number = 12, .name = "HLT"}), AccessKind::kRip);
  EXPECT_EQ(UsualKind(kUnknownReason), AccessKind::kRip);
}

TEST(DetailRows, AreNamed) {
  const DetailRow msr =
      One({.event = "kvm_msr", .key = 0x6e0, .detail = 3, .count = 1}, AccessKind::kMsr);
  EXPECT_EQ(msr.key, "0x6e0");
  EXPECT_EQ(msr.name, "IA32_TSC_DEADLINE");
  EXPECT_EQ(msr.what, "write (#GP)");
  EXPECT_EQ(
      One({.event = "kvm_pio", .key = 0x3f8, .detail = 0x101, .count = 1}, AccessKind::kPort).what,
      "out 1");
  EXPECT_EQ(
      One({.event = "kvm_pio", .key = 0x3f8, .detail = 0x400, .count = 1}, AccessKind::kPort).what,
      "in 4");
  EXPECT_EQ(One({.event = "kvm_cpuid", .key = 1, .detail = 2, .count = 1}, AccessKind::kLeaf).what,
            "ECX 0x2");
  const DetailRow userspace = One(
      {.event = "kvm_userspace_exit", .key = 10, .detail = static_cast<uint32_t>(-4), .count = 1},
      AccessKind::kUserspace);
  EXPECT_EQ(userspace.key, "10");
  EXPECT_EQ(userspace.what, "error 4");
}

TEST(DetailRows, OfMemorySayWhoTold) {
  const auto what = [](std::string_view event, uint32_t detail) {
    return One({.event = event, .key = 0xfee00000, .detail = detail, .count = 1}, AccessKind::kGpa)
        .what;
  };
  EXPECT_EQ(what("kvm_page_fault", 0), "read (not present)");
  EXPECT_EQ(what("kvm_page_fault", 3), "write (present)");
  EXPECT_EQ(what("kvm_page_fault", 0x10), "fetch (not present)");
  EXPECT_EQ(what("kvm_fast_mmio", 0), "fast MMIO");
  EXPECT_EQ(what("kvm_mmio", 2), "MMIO write");
  EXPECT_EQ(what("kvm_mmio", 1), "MMIO read");
}

TEST(DetailRows, OfCodeHaveTheGuestsNames) {
  const Kallsyms kallsyms = Kallsyms::Parse("1000 T f\n");
  const Access access = {.event = "kvm_exit", .key = 0x1004, .detail = 0, .count = 1};
  EXPECT_EQ(One(access, AccessKind::kRip, &kallsyms).name, "f+0x4");
  EXPECT_EQ(One(access, AccessKind::kRip).name, "");
}

TEST(DetailRows, OfOneKeyAndMeaningAreOne) {
  // Bits that are not shown tell nothing apart.
  const std::vector<DetailRow> rows =
      MakeDetailRows({{.event = "kvm_exit", .key = 7, .detail = 1, .count = 1},
                      {.event = "kvm_exit", .key = 8, .detail = 0, .count = 4},
                      {.event = "kvm_exit", .key = 7, .detail = 2, .count = 5}},
                     AccessKind::kVector, nullptr);
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].key, "7");
  EXPECT_EQ(rows[0].count, 6U);
  EXPECT_EQ(rows[1].count, 4U);
}

TEST(FormatDetail, IsATable) {
  DetailReport report = MsrReport();
  report.lost = 5;
  report.missing = {"kvm_a", "kvm_b"};
  EXPECT_EQ(FormatDetail(report, std::nullopt),
            "MSR_WRITE by msr, of VM web-1, in the 1.500 s to 2026-11-23T14:02:37.125Z\n"
            "               KEY NAME                       WHAT                COUNT     %\n"
            "             0x6e0 IA32_TSC_DEADLINE          write                 300  75.0\n"
            "              0x10 IA32_TSC                   write (#GP)           100  25.0\n"
            "400 accesses to MSRs, 399 exits meanwhile\n"
            "An access is not an exit: string I/O has several in one, and KVM makes some\n"
            "itself, in its emulator or for other exits\n"
            "Lost: 5 accesses had no room\n"
            "Not in this kernel: kvm_a, kvm_b\n");
}

TEST(MakeDetailRows, ReadThatTheVmmAnswersIsOne) {
  const std::vector<DetailRow> rows =
      MakeDetailRows({{.event = "kvm_mmio", .key = 0xfee00000, .detail = 0, .count = 7},
                      {.event = "kvm_mmio", .key = 0xfee00000, .detail = 1, .count = 9}},
                     AccessKind::kGpa, nullptr);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].count, 9U);
}

TEST(FormatDetail, SaysWhatItLeavesOut) {
  const std::string text = FormatDetail(MsrReport(), 1);
  EXPECT_THAT(text, HasSubstr("... and 1 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("IA32_TSC ")));
  EXPECT_THAT(FormatDetail(MsrReport(), 2), Not(HasSubstr("more\n")));
}

TEST(FormatDetail, FitsInto80Columns) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (const AccessKind kind : kKinds) {
    DetailReport report;
    report.vm = {.id = "7-11", .pid = 7, .name = std::string(200, 'W'), .vmm = "qemu"};
    report.reason = ExitReason{.number = 0x402, .name = "AVIC_UNACCELERATED_ACCESS"};
    report.kind = kind;
    report.taken = FakeClock().now;
    report.period = Seconds(1);
    for (const char* const event : {"kvm_page_fault", "kvm_hv_hypercall", "kvm_mmio"}) {
      for (const uint64_t key : {uint64_t{0}, uint64_t{0x40000000}, kMost}) {
        const Access access = {.event = event, .key = key, .detail = ~0U, .count = 9999999999};
        report.rows.push_back(One(access, kind));
      }
    }
    report.accesses = report.exits = 99999999999;
    std::istringstream lines(FormatDetail(report, std::nullopt));
    std::string line;
    std::getline(lines, line);  // has the longest of all names
    while (std::getline(lines, line)) EXPECT_LE(DisplayWidth(line), 80U) << line;
  }
}

TEST(FormatDetailJson, HasEveryPart) {
  const json object = json::parse(FormatDetailJson(MsrReport(), 1));
  EXPECT_EQ(object["vm"], (json{{"id", "7-11"}, {"pid", 7}, {"name", "web-1"}, {"vmm", "qemu"}}));
  EXPECT_EQ(object["reason_name"], "MSR_WRITE");
  EXPECT_EQ(object["by"], "msr");
  EXPECT_EQ(object["accesses"], 400);
  EXPECT_EQ(object["exits"], 399);
  ASSERT_THAT(object["rows"], SizeIs(1));
  EXPECT_EQ(object["rows"][0], (json{{"key", 0x6e0},
                                     {"name", "IA32_TSC_DEADLINE"},
                                     {"what", "write"},
                                     {"tracepoint", "kvm_msr"},
                                     {"count", 300},
                                     {"share_percent", 75.0}}));
  // Nothing, of all VMs.
  const json nothing = json::parse(FormatDetailJson({}, std::nullopt));
  EXPECT_TRUE(nothing["vm"].is_null() && nothing["reason"].is_null() && nothing["isa"].is_null());
}

// The lines that are held against docs/detail.schema.json.
TEST(FormatDetailJson, IsThatOfTheSchemasTest) {
  DetailReport of_all = MsrReport();
  of_all.vm.reset();
  of_all.reason.reset();
  of_all.rows = MakeDetailRows({{.event = "kvm_msr", .key = 0xc0ffee, .detail = 0, .count = 1}},
                               AccessKind::kMsr, nullptr);
  of_all.missing = {"kvm_fast_mmio"};
  std::ifstream file(KVM_EXITS_TOOLS_DIR "/src/view/testdata/detail.jsonl");
  EXPECT_EQ(FormatDetailJson(MsrReport(), 2) + FormatDetailJson(of_all, 1),
            std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(FormatDetailJson, TakesAnyBytes) {
  DetailReport report = MsrReport();
  report.vm->name = "\xff\"\n";
  EXPECT_EQ(json::parse(FormatDetailJson(report, 0))["vm"]["name"], "\ufffd\"\n");
}

TEST(FormatDetailCsv, HasALineForEachRow) {
  EXPECT_EQ(FormatDetailCsv(MsrReport(), 1, true),
            "time,seconds,vm,vm_name,reason,reason_name,by,key,name,what,tracepoint,count,"
            "accesses,exits,lost_accesses\n"
            "2026-11-23T14:02:37.125Z,1.5,7-11,web-1,32,MSR_WRITE,msr,0x6e0,IA32_TSC_DEADLINE,"
            "write,kvm_msr,300,400,399,0\n");
  EXPECT_EQ(FormatDetailCsv({}, std::nullopt, false), "");
}

}  // namespace
}  // namespace kvm_exits
