// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_ACCESS_FINDINGS_H_
#define KVM_EXITS_MODEL_ACCESS_FINDINGS_H_

#include "model/finding.h"
#include "model/host_facts.h"

// What a KVM that is loaded knows: may it be seen?
namespace kvm_exits {

// Whether a BPF program on KVM's tracepoints can be loaded.
bool CanUseBpf(const HostFacts& facts);

Finding FindDebugfs(const HostFacts& facts);
Finding FindLockdown(const HostFacts& facts);
Finding FindRights(const HostFacts& facts);
Finding FindBpf(const HostFacts& facts);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_ACCESS_FINDINGS_H_
