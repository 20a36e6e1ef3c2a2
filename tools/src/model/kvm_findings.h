// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_KVM_FINDINGS_H_
#define KVM_EXITS_MODEL_KVM_FINDINGS_H_

#include "model/finding.h"
#include "model/host_facts.h"

// Is there a KVM, and does it count?
namespace kvm_exits {

// Whether the processor can run VMs.
bool HasVirtualization(const HostFacts& facts);

// Whether KVM and its module for this processor are loaded.
bool CanRunVms(const HostFacts& facts);

// Whether the KVM that is loaded counts exits.
bool IsPatched(const HostFacts& facts);

Finding FindCpu(const HostFacts& facts);
Finding FindKvm(const HostFacts& facts);
// Of what modprobe would load.
Finding FindKvmFile(const HostFacts& facts);
// For a KVM that is loaded.
Finding FindPatches(const HostFacts& facts);
Finding FindKvmExits(const HostFacts& facts);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_KVM_FINDINGS_H_
