// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_HOST_GRIDS_H_
#define KVM_EXITS_VIEW_HOST_GRIDS_H_

#include <cstddef>
#include <vector>

#include "view/grid.h"
#include "view/host_report.h"

// The tables of a host, for a terminal of at least 80 columns.
namespace kvm_exits {

inline constexpr size_t kMinColumns = 80;

// A line for each VM.
Grid MakeVmGrid(const std::vector<HostRow>& vms, size_t columns = kMinColumns);

// A line for each vCPU.
Grid MakeVcpuGrid(const std::vector<HostRow>& vcpus, size_t columns = kMinColumns);

// A line for each exit reason.
Grid MakeReasonGrid(const Report& report);

// A line for each state of the ledger.  No rows where there is none, or no time in it.
Grid MakeStateGrid(const Report& report);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_HOST_GRIDS_H_
