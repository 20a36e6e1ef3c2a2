// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_text.h"

#include <fmt/format.h>

#include <vector>

#include "base/printable.h"
#include "view/host_grids.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

constexpr size_t kNameColumns = 14;  // as in the grids

// A line that names as many VMs as fit into it.
std::string Names(const std::string& title, const std::vector<VmIdentity>& vms) {
  constexpr size_t kMoreColumns = 16;  // " and 100000 more"
  std::string line = title;
  size_t named = 0;
  for (; named < vms.size(); ++named) {
    const std::string name = FitMiddle(DisplayName(vms[named]), kNameColumns);
    if (DisplayWidth(line) + DisplayWidth(name) + 2 + kMoreColumns > kMinColumns) break;
    line += (named > 0 ? ", " : "") + name;
  }
  if (named < vms.size()) line += fmt::format(" and {} more", vms.size() - named);
  return line + "\n";
}

// Goes on in the next line where there is no room for the next clause.
std::string BreakAtClauses(std::string text) {
  for (size_t begin = 0; text.size() - begin > kMinColumns;) {
    const size_t end = text.rfind("; ", begin + kMinColumns - 1);
    if (end == std::string::npos || end < begin) break;
    text[end + 1] = '\n';
    begin = end + 2;
  }
  return text;
}

std::string Sum(const Report& report) {
  std::string text = fmt::format("{} exits, {} shown", report.vm.exits, report.shown_exits);
  if (report.vm.time) {
    const auto time = Microseconds(std::optional(report.vm.time->in_exits), report.vm.clock_khz);
    text += fmt::format("; {} in exits", ShortTime(time));
  }
  return text + "\n";
}

void AppendReasons(const Report& report, std::string& text) {
  text += FormatGrid(MakeReasonGrid(report));
  text += Sum(report);
  if (const Grid states = MakeStateGrid(report); !states.rows.empty()) {
    text += "\n" + FormatGrid(states);
  }
}

bool HasShares(const std::vector<HostRow>& rows) {
  for (const HostRow& row : rows) {
    for (const auto& percent : row.shares.percent) {
      if (percent) return true;
    }
  }
  return false;
}

std::string SharesLegend(const std::vector<HostRow>& rows) {
  if (!HasShares(rows)) return "";
  if (rows.front().shares.is_sampled) {
    return "GST KRN VMM PRE: % of the vCPUs' time in the guest, the kernel, the VMM, and\n"
           "without a CPU, as the scheduler's tick sees it; HLT: asleep for any reason\n";
  }
  return "GST KRN VMM HLT PRE: % of the vCPUs' time in the guest, the kernel, the VMM,\n"
         "halted, and without a CPU\n";
}

}  // namespace

std::string HostHeading(const HostReport& report) {
  const std::string isa = report.isa ? std::string(IsaName(*report.isa)) + " exits" : "Exits";
  std::string vms = fmt::format("{} VMs", report.vms.size());
  if (report.vms.size() < report.vm_count) {
    vms = fmt::format("{} of {} VMs", report.vms.size(), report.vm_count);
  } else if (!report.ended.empty() && report.all) {
    vms = fmt::format("{} VMs", report.vms.size() + report.ended.size());
  } else if (report.vms.size() == 1) {
    vms = "VM " + FitMiddle(DisplayName(report.vms.front().identity), kNameColumns);
  }
  std::string text = fmt::format("{} of {}", isa, vms);
  if (report.period) {
    text += fmt::format(" in the {:.3f} s to {}", report.period->count(),
                        FormatTime(report.taken.wall));
  } else {
    text += report.vms.size() == 1 ? " since it was created" : " since they were created";
  }
  return text;
}

std::string HostNotes(const HostReport& report) {
  std::string text = "Source: " + report.source.name;
  if (!report.source.limits.empty()) text += "; " + report.source.limits;
  text = BreakAtClauses(text) + "\n";
  if (!report.ended.empty()) {
    text += Names("Ended meanwhile: ", report.ended);
  } else if (report.ended_exits > 0) {
    text += fmt::format("Of VMs that began and ended meanwhile: {} exits\n", report.ended_exits);
  }
  if (!report.restarted.empty()) {
    text += Names("Left out, as their counters went backwards: ", report.restarted);
  }
  if (report.lost > 0) text += fmt::format("Lost: {} exits were not counted\n", report.lost);
  return text;
}

std::string HostTables(const HostReport& report, HostTable table, size_t columns) {
  std::string text;
  if (report.vms.empty() && report.vm_count > 0) {
    text += "No VM's name has a match.\n";
  } else {
    text += FormatGrid(MakeVmGrid(report.vms, columns)) + SharesLegend(report.vms);
  }
  if (!report.vcpus.empty()) {
    text += "\n" + FormatGrid(MakeVcpuGrid(report.vcpus, columns));
  }
  if (table == HostTable::kReasons && report.all) {
    // Of the only vCPU that was asked for, or else of all.
    const bool is_vcpu = report.vms.size() == 1 && report.vcpus.size() == 1;
    text += "\n";
    AppendReasons(is_vcpu ? report.vcpus.front().report : report.all->report, text);
  }
  return text;
}

std::string HostTextRenderer::Render(const HostReport& report) {
  std::string text = first_ ? "" : "\n";
  first_ = false;
  text += HostHeading(report) + "\n";
  if (report.vms.empty() && !report.all) {
    return text + (report.restarted.empty() ? "No VM runs.\n" : "") + HostNotes(report);
  }
  return text + HostTables(report, table_, columns_) + HostNotes(report);
}

}  // namespace kvm_exits
