// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_VCPU_STATE_H_
#define KVM_EXITS_MODEL_VCPU_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kvm_exits {

// What a vCPU does, in KVM's ledger of its time.  The numbers are KVM's.
enum class VcpuState : uint8_t { kGuest, kKernel, kVmm, kHalted, kPreempted, kWaiting, kStopped };

inline constexpr size_t kVcpuStates = 7;

// Names as debugfs has them, by number.
inline constexpr std::array<std::string_view, kVcpuStates> kVcpuStateNames = {
    "guest", "kernel", "vmm", "halted", "preempted", "waiting", "stopped"};

// Time by state; none where the source does not tell it apart.
using StateCycles = std::array<std::optional<uint64_t>, kVcpuStates>;

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_VCPU_STATE_H_
