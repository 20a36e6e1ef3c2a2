// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_FACTS_READER_H_
#define KVM_EXITS_SOURCE_HOST_FACTS_READER_H_

#include <string>

#include "model/host_facts.h"
#include "source/cpuid_source.h"

namespace kvm_exits {

// Looks at the machine whose files are below `root`, "" for this one, and whose
// processor `cpuid` is.  What can not be read is not known, and no error.
HostFacts ReadHostFacts(const std::string& root, CpuidSource& cpuid);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_FACTS_READER_H_
