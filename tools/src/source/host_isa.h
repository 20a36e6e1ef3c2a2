// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_HOST_ISA_H_
#define KVM_EXITS_SOURCE_HOST_ISA_H_

#include <optional>
#include <string>
#include <string_view>

#include "model/exit_reason.h"

namespace kvm_exits {

// The virtualization extension among the flags of the first CPU in the text of
// /proc/cpuinfo; nothing where there is none, or no such text.
std::optional<Isa> IsaInCpuinfo(std::string_view cpuinfo);

// The extension of the processors that the first CPU's vendor makes; nothing where it makes
// none, or that is not known.
std::optional<Isa> IsaOfVendorInCpuinfo(std::string_view cpuinfo);

// These of the machine whose files are below `root`.
std::optional<Isa> HostIsa(const std::string& root);
std::optional<Isa> VendorIsa(const std::string& root);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_HOST_ISA_H_
