// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_COUNTING_FINDINGS_H_
#define KVM_EXITS_MODEL_COUNTING_FINDINGS_H_

#include "model/finding.h"
#include "model/host_facts.h"

// What is counted, of whom, and who is told?
namespace kvm_exits {

// For a KVM that counts.
Finding FindTsc(const HostFacts& facts);
Finding FindTime(const HostFacts& facts);
Finding FindGuestsTold(const HostFacts& facts);
// For any KVM that is loaded.
Finding FindVms(const HostFacts& facts);
// For a virtual machine.
Finding FindGuest(const HostFacts& facts);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_COUNTING_FINDINGS_H_
