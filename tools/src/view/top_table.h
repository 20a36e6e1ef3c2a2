// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TOP_TABLE_H_
#define KVM_EXITS_VIEW_TOP_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "view/grid.h"
#include "view/host_report.h"
#include "view/top_state.h"

namespace kvm_exits {

// What a row of `top` stands for, to go deeper into.
struct TopRowKey {
  std::optional<VmIdentity> vm = std::nullopt;
  std::optional<uint32_t> vcpu = std::nullopt;  // none: all of the VM's
  std::optional<ExitReason> reason = std::nullopt;

  bool operator==(const TopRowKey&) const = default;
};

// The table of one level, with a bar in it.
struct TopTable {
  Grid grid;
  size_t bar_column = 0;
  std::vector<TopRowKey> keys;  // of the rows
};

struct TopLook {
  size_t columns = 80;
  bool has_utf8 = true;
};

// The VMs, the vCPUs of a VM with all of them first, or the exit reasons of what was
// entered; `report` is that of what is shown, rates or totals.
TopTable MakeTopTable(const HostReport& report, const TopState& state, const TopLook& look);

// That of what was entered: the host, a VM, or a vCPU.  nullptr where it is not there.
const HostRow* FindEntered(const HostReport& report, const TopState& state);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TOP_TABLE_H_
