// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_text.h"

#include <gmock/gmock.h>

#include <limits>
#include <sstream>

#include "base/printable.h"
#include "model/fake_vms.h"
#include "view/host_grids.h"

namespace kvm_exits {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

HostDifference SinceCreation(std::vector<VmSnapshot> vms) {
  return {.snapshot = MakeHost(std::move(vms)), .ended = {}, .restarted = {}};
}

// In two seconds.
HostDifference Meanwhile(const std::vector<VmSnapshot>& vms) {
  return Difference(MakeHost({}), MakeHost(vms, seconds(2)));
}

HostReport Build(const HostDifference& difference, const std::string& limits = "") {
  return BuildHostReport(difference, {.name = "module", .limits = limits}, {});
}

std::string Render(const HostReport& report, HostTable table, size_t columns = 80) {
  return HostTextRenderer(table, columns).Render(report);
}

TEST(HostText, ListIsALineForEachVm) {
  EXPECT_EQ(
      Render(
          Build(SinceCreation({MakeVm(100, "web", 10), MakeVm(20000, "a-database-of-theirs", 30)})),
          HostTable::kVms),
      "VMX exits of 2 VMs since they were created\n"
      "VM                 PID vCPU  EXITS GST KRN VMM HLT PRE TOP REASON\n"
      "a-datab…theirs   20000    2     30  50  12   0  38   0 HLT\n"
      "web                100    2     10  50  12   0  38   0 HLT\n"
      "GST KRN VMM HLT PRE: % of the vCPUs' time in the guest, the kernel, the VMM,\n"
      "halted, and without a CPU\n"
      "Source: module\n");
}

TEST(HostText, StatOfOneVmIsALineForEachReason) {
  EXPECT_EQ(Render(Build(Meanwhile({MakeVm(100, "web", 1000)})), HostTable::kReasons),
            "VMX exits of VM web in the 2.000 s to 2026-11-23T14:02:39.125Z\n"
            "VM                 PID vCPU  EXITS     /s GST KRN VMM HLT PRE TOP REASON\n"
            "web                100    2   1000    500  50  12   0  38   0 HLT\n"
            "GST KRN VMM HLT PRE: % of the vCPUs' time in the guest, the kernel, the VMM,\n"
            "halted, and without a CPU\n"
            "\n"
            "REASON                    EXITS     /s EXIT% TIME%   MEAN    P50    P99    MAX\n"
            "HLT                        1000    500 100.0 100.0 1.00us      -      - 4.50us\n"
            "1000 exits, 1000 shown; 1.00ms in exits\n"
            "\n"
            "STATE            TIME  TIME%\n"
            "guest          1.00ms   50.0\n"
            "kernel          250us   12.5\n"
            "vmm            0.00us    0.0\n"
            "halted          750us   37.5\n"
            "preempted      0.00us    0.0\n"
            "waiting        0.00us    0.0\n"
            "stopped        0.00us    0.0\n"
            "Source: module\n");
}

TEST(HostText, StatOfSeveralHasBoth) {
  const std::string text = Render(
      Build(Meanwhile({MakeVm(100, "web", 1000), MakeVm(200, "db", 500)})), HostTable::kReasons);
  EXPECT_THAT(text, StartsWith("VMX exits of 2 VMs in the 2.000 s to "));
  EXPECT_THAT(text, HasSubstr("\nweb "));
  EXPECT_THAT(text, HasSubstr("\n\nREASON "));
  EXPECT_THAT(text, HasSubstr("1500 exits, 1500 shown"));
}

TEST(HostText, VcpusHaveATableOfTheirOwn) {
  VmSnapshot vm = MakeVm(100, "web", 10);
  vm.vcpus = {{.vcpu = 0, .exits = MakeExits(4)}, {.vcpu = 7, .exits = MakeExits(6)}};
  EXPECT_THAT(Render(Build(Meanwhile({vm})), HostTable::kReasons),
              HasSubstr("\n"
                        "VM              vCPU      EXITS     /s GST KRN VMM HLT PRE TOP REASON\n"
                        "web                0          4      2  50  12   0  38   0 HLT\n"
                        "web                7          6      3  50  12   0  38   0 HLT\n"
                        "\n"
                        "REASON "));
}

TEST(HostText, TheOnlyVcpuHasTheReasons) {
  VmSnapshot vm = MakeVm(100, "web", 10);
  vm.vcpus = {{.vcpu = 7, .exits = MakeExits(6)}};
  EXPECT_THAT(Render(Build(Meanwhile({vm})), HostTable::kReasons), HasSubstr("6 exits, 6 shown"));
}

TEST(HostText, SaysHowManyThereAre) {
  HostReport report = Build(SinceCreation({MakeVm(1, "a", 1), MakeVm(2, "b", 2)}));
  report.vms.pop_back();
  EXPECT_THAT(HostHeading(report), StartsWith("VMX exits of 1 of 2 VMs since "));
  report.vms.clear();
  const std::string text = Render(report, HostTable::kVms);
  EXPECT_THAT(text, HasSubstr("exits of 0 of 2 VMs"));
  EXPECT_THAT(text, HasSubstr("\nNo VM's name has a match.\nSource"));
}

TEST(HostText, WithoutTimesThereIsNothingOfThem) {
  VmSnapshot vm = MakeVm(100, "web", 10);
  vm.exits.vm.time.reset();
  vm.exits.reasons[0].cycles.reset();
  HostDifference difference = SinceCreation({vm});
  difference.snapshot.total.reset();
  const std::string list = Render(Build(difference, "no times"), HostTable::kVms);
  EXPECT_THAT(list, HasSubstr("10   -   -   -   -   - HLT\n"));
  EXPECT_THAT(list, EndsWith("HLT\nSource: module; no times\n"));
  const std::string stat = Render(Build(difference), HostTable::kReasons);
  EXPECT_THAT(stat, HasSubstr("10 exits, 10 shown\nSource"));
  EXPECT_THAT(stat, Not(HasSubstr("STATE")));
}

TEST(HostText, SchedulersSharesAreExplained) {
  VmSnapshot vm = MakeVm(100, "web", 10);
  vm.exits.vm.time.reset();
  vm.cpu = CpuTimes{.guest = Seconds(1), .lifetime = Seconds(2)};
  EXPECT_THAT(Render(Build(SinceCreation({vm})), HostTable::kVms),
              HasSubstr("the scheduler's tick sees it"));
}

TEST(HostText, SourceOfTheGuestsTimeAloneTellsTheRest) {
  VmSnapshot vm = MakeVm(100, "web", 1000);
  vm.exits.vm.time->of_state = {uint64_t{2000000}};
  EXPECT_THAT(Render(Build(SinceCreation({vm})), HostTable::kReasons),
              HasSubstr("TIME%\n"
                        "guest          1.00ms   50.0\n"
                        "in exits       1.00ms   50.0\n"
                        "Source"));
}

TEST(HostText, NoVm) {
  EXPECT_EQ(Render(Build(SinceCreation({})), HostTable::kVms),
            "VMX exits of 0 VMs since they were created\n"
            "No VM runs.\n"
            "Source: module\n");
}

TEST(HostText, NoVmButOneThatIsLeftOut) {
  HostReport report = Build(Meanwhile({}));
  report.isa.reset();
  report.restarted = {{.id = "1-11", .pid = 1, .name = "web", .vmm = ""}};
  EXPECT_EQ(Render(report, HostTable::kReasons),
            "Exits of 0 VMs in the 2.000 s to 2026-11-23T14:02:39.125Z\n"
            "Source: module\n"
            "Left out, as their counters went backwards: web\n");
}

TEST(HostText, NotesNameWhatEndedAndWhatWasLost) {
  HostReport report = Build(Meanwhile({MakeVm(1, "a", 1)}));
  report.ended = {{.id = "2-11", .pid = 2, .name = "db\n", .vmm = ""},
                  {.id = "3-11", .pid = 3, .name = "", .vmm = ""}};
  report.lost = 12;
  EXPECT_EQ(HostNotes(report),
            "Source: module\n"
            "Ended meanwhile: db\\n, 3-11\n"
            "Lost: 12 exits were not counted\n");
}

TEST(HostText, AnEmptyLineIsBetweenReports) {
  HostTextRenderer renderer(HostTable::kVms, 80);
  const HostReport report = Build(Meanwhile({MakeVm(1, "a", 1)}));
  const std::string first = renderer.Render(report);
  EXPECT_EQ(renderer.Render(report), "\n" + first);
}

TEST(HostText, NamesThatATerminalObeysAreNotShown) {
  const std::string text =
      Render(Build(SinceCreation({MakeVm(1, "\x1b[2J\n\u202e", 10)})), HostTable::kVms);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\n\\x1b[2J…\\u202e "));
}

TEST(HostText, WiderTerminalsShowLongerNames) {
  const HostReport report = Build(SinceCreation({MakeVm(1, std::string(60, 'n'), 10)}));
  EXPECT_THAT(Render(report, HostTable::kVms, 90),
              HasSubstr("\n" + std::string(12, 'n') + "…" + std::string(11, 'n') + " "));
  EXPECT_THAT(Render(report, HostTable::kVms, 1000),
              HasSubstr("\n" + std::string(20, 'n') + "…" + std::string(19, 'n') + " "));
  EXPECT_THAT(Render(report, HostTable::kVms, 20),
              HasSubstr("\n" + std::string(7, 'n') + "…" + std::string(6, 'n') + " "));
}

// The largest that a host can have of everything.
HostReport MakeExtremeReport(std::optional<Seconds> period) {
  constexpr uint64_t kMany = 1000000000000000;
  const std::string name(200, 'n');
  VmSnapshot vm = MakeVm(4194304, name, kMany);
  vm.vcpu_count = 4096;
  vm.exits.reasons[0].reason = {.number = 1, .name = "A_REASON_WITH_A_NAME_THAT_IS_LONG"};
  vm.exits.reasons[0].longest = std::numeric_limits<uint64_t>::max();
  vm.exits.reasons[0].durations = Durations{{.from = uint64_t{1} << 63U, .below = 0, .exits = 1}};
  vm.exits.vm.time->of_state = {std::numeric_limits<uint64_t>::max(), 0, 0, 0, 0, 0, 0};
  vm.exits.vm.period = period;
  vm.vcpus = {{.vcpu = 65535, .exits = vm.exits}};
  HostDifference difference = SinceCreation({vm});
  difference.snapshot.period = period;
  HostReport report =
      Build(difference,
            "counts and times since this began; no ledger of states; VMs of one process "
            "are shown as one");
  report.ended.assign(100000, vm.identity);
  report.restarted.assign(100000, {.id = "1-1", .pid = 1, .name = "日本語日本語日本語", .vmm = ""});
  report.lost = std::numeric_limits<uint64_t>::max();
  return report;
}

TEST(HostText, EveryLineFitsEightyColumns) {
  const std::vector<std::optional<Seconds>> periods = {std::nullopt, Seconds(0.01), Seconds(86400)};
  for (const auto period : periods) {
    for (const HostTable table : {HostTable::kVms, HostTable::kReasons}) {
      for (const bool is_sampled : {true, false}) {
        HostReport report = MakeExtremeReport(period);
        report.vms[0].shares.is_sampled = is_sampled;
        for (const int vms : {1, 2}) {
          report.vms.resize(static_cast<size_t>(vms), report.vms[0]);
          std::istringstream lines(Render(report, table));
          for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(DisplayWidth(line), 80U) << line;
          }
        }
      }
    }
  }
}

TEST(HostGrids, ColumnsKeepTheirPlaceAndWidth) {
  const HostReport report = MakeExtremeReport(Seconds(1));
  for (const Grid& grid : {MakeVmGrid(report.vms), MakeVcpuGrid(report.vcpus),
                           MakeReasonGrid(report.all->report), MakeStateGrid(report.all->report)}) {
    EXPECT_THAT(grid.rows, Not(IsEmpty()));
    for (const auto& row : grid.rows) {
      ASSERT_EQ(row.size(), grid.columns.size());
      for (size_t i = 0; i < row.size(); ++i) {
        if (grid.columns[i].is_text) continue;
        EXPECT_LE(DisplayWidth(row[i]), grid.columns[i].width) << grid.columns[i].title;
      }
    }
  }
}

TEST(HostGrids, ExitsAreWholeAsLongAsTheyFit) {
  const auto exits_of = [](uint64_t exits) {
    Snapshot snapshot = MakeExits(exits);
    snapshot.vm.time.reset();
    return MakeReasonGrid(BuildReport(snapshot, {})).rows.at(0).at(1);
  };
  EXPECT_EQ(exits_of(9999999999), "9999999999");
  EXPECT_EQ(exits_of(10000000000), "10.0G");
}

TEST(HostGrids, WithoutTimeThereAreNoStates) {
  Snapshot snapshot = MakeExits(0);
  EXPECT_THAT(MakeStateGrid(BuildReport(snapshot, {})).rows, IsEmpty()) << "no time in it";
  snapshot.vm.time.reset();
  EXPECT_THAT(MakeStateGrid(BuildReport(snapshot, {})).rows, IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
