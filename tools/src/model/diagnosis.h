// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_DIAGNOSIS_H_
#define KVM_EXITS_MODEL_DIAGNOSIS_H_

#include <vector>

#include "model/finding.h"
#include "model/host_facts.h"

namespace kvm_exits {

// Who can show exits, here and now.
struct Sources {
  bool module = false;  // kvm_exits, of all VMs of this host
  bool bpf = false;     // the same, less of it
  bool cpuid = false;   // the host, of this VM

  bool Any() const { return module || bpf || cpuid; }
  bool operator==(const Sources&) const = default;
};

struct Diagnosis {
  std::vector<Finding> findings = {};  // in an order in which they can be put right
  Sources sources = {};
};

// A check that has nothing to look at, as those of a KVM without VMs to run, is left out.
Diagnosis Diagnose(const HostFacts& facts);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_DIAGNOSIS_H_
