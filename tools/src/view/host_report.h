// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_REPORT_H_
#define KVM_EXITS_VIEW_HOST_REPORT_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/regex.h"
#include "model/host_snapshot.h"
#include "view/report.h"

namespace kvm_exits {

// What the columns of a VM's time are; all of them together are 100 %.
enum class TimeShare : uint8_t { kGuest, kKernel, kVmm, kHalted, kPreempted };
inline constexpr size_t kTimeShares = 5;
inline constexpr std::array<std::string_view, kTimeShares> kTimeShareNames = {
    "guest", "kernel", "vmm", "halted", "preempted"};

// Percent of the time of a VM's vCPUs.
struct TimeShares {
  std::array<std::optional<double>, kTimeShares> percent = {};
  bool is_sampled = false;  // by the scheduler's tick; "halted" is all the time asleep then
};

// One VM, one vCPU, or all VMs together.
struct HostRow {
  VmIdentity identity;           // of the VM
  std::optional<uint32_t> vcpu;  // none: of all
  size_t vcpu_count = 0;
  TimeShares shares;
  std::optional<ReportRow> top;  // the reason that took most time, or most exits
  Report report;                 // by reason
};

enum class VmSortKey { kExits, kTime, kName, kPid };

struct HostReportOptions {
  ReportOptions reasons;
  VmSortKey sort = VmSortKey::kExits;             // exits and time in exits descend
  std::optional<Regex> vm_filter = std::nullopt;  // only VMs whose name has a match
  std::optional<size_t> vm_limit = std::nullopt;
};

// Where the numbers come from, for the head of what is shown.
struct SourceNote {
  std::string name;
  std::string limits;  // what it cannot see, in a clause, or empty
};

// What the user asked to see of a host.
struct HostReport {
  SourceNote source;
  Instant taken;
  std::optional<Seconds> period;  // none: since each VM was created
  std::optional<Isa> isa;
  size_t vm_count = 0;  // that there are, shown or not
  std::vector<HostRow> vms;
  std::vector<HostRow> vcpus;         // of these VMs, where they were asked for
  std::optional<HostRow> all;         // of all VMs; none where there is none
  std::vector<VmIdentity> ended;      // meanwhile
  uint64_t ended_exits = 0;           // theirs, and of VMs that came and went
  std::vector<VmIdentity> restarted;  // left out: their counters went backwards
  uint64_t lost = 0;
};

HostReport BuildHostReport(const HostDifference& difference, const SourceNote& source,
                           const HostReportOptions& options);

// What the time of the vCPUs was, by the ledger where that is whole, else by the scheduler.
TimeShares SharesOf(const Snapshot& exits, const std::optional<CpuTimes>& cpu);

// The row of one VM.
HostRow BuildHostRow(const VmSnapshot& vm, const ReportOptions& options);

// What a VM is called: by its VMM's name, or else by its id.  Fit for a terminal.
std::string DisplayName(const VmIdentity& identity);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_REPORT_H_
