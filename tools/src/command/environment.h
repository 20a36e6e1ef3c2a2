// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_ENVIRONMENT_H_
#define KVM_EXITS_COMMAND_ENVIRONMENT_H_

#include "base/clock.h"
#include "base/output.h"
#include "source/cpuid_source.h"

namespace kvm_exits {

// All of the world that a command touches.
struct Environment {
  CpuidSource& cpuid;
  Clock& clock;
  Output& out;
  Output& err;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_ENVIRONMENT_H_
