// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_HINT_H_
#define KVM_EXITS_MODEL_HINT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "model/vcpu_state.h"

namespace kvm_exits {

// What was measured of one exit reason of a VM; nothing where it was not.  Shares are
// percent.
struct ReasonMeasurement {
  uint64_t exits = 0;
  std::optional<double> exit_share = std::nullopt;        // of the VM's exits
  std::optional<double> time_share = std::nullopt;        // of the VM's time in exits
  std::optional<double> exits_per_second = std::nullopt;  // of one vCPU
  std::optional<double> mean_us = std::nullopt;           // of one exit
  // Of the time of this reason's exits, by VcpuState.
  std::optional<std::array<double, kVcpuStates>> state_share = std::nullopt;
};

// Something that can be said of a VM because it was measured.
struct Hint {
  std::string text;  // one paragraph

  // The conditions.  Those that there are hold all.
  std::optional<double> min_exits;
  std::optional<double> min_exit_share;
  std::optional<double> min_time_share;
  std::optional<double> min_exits_per_second;
  std::optional<double> min_mean_us;
  std::optional<double> max_mean_us;
  VcpuState state = VcpuState::kKernel;  // that min_state_share is of
  std::optional<double> min_state_share;

  // Whether each condition holds.  One on what was not measured does not, and none
  // does for a reason without exits.
  bool Holds(const ReasonMeasurement& measured) const;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_HINT_H_
