// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_OPEN_SOURCE_H_
#define KVM_EXITS_SOURCE_OPEN_SOURCE_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "source/host_source.h"

namespace kvm_exits {

enum class SourceKind { kAuto, kModule, kBpf };

struct SourceOptions {
  SourceKind kind = SourceKind::kAuto;
  std::optional<pid_t> only_process = std::nullopt;  // whose VMs are of interest
};

// Opens a source of the host below `root`: the module, or else BPF.  Throws Error, which
// says why neither can be had, and what to do.
std::unique_ptr<HostSource> OpenSource(const SourceOptions& options, const std::string& root,
                                       Clock& clock);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_OPEN_SOURCE_H_
