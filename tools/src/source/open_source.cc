// SPDX-License-Identifier: GPL-2.0-only
#include "source/open_source.h"

#include "base/error.h"
#include "source/bpf_source.h"
#include "source/module_source.h"

namespace kvm_exits {

std::unique_ptr<HostSource> OpenSource(const SourceOptions& options, const std::string& root,
                                       Clock& clock) {
  const auto open_bpf = [&] {
    if (!root.empty() && root != "/") {
      throw Error("BPF counts on this machine, not in the copy that --root names");
    }
    return std::make_unique<BpfSource>(root, clock, options.only_process);
  };
  switch (options.kind) {
    case SourceKind::kModule:
      return std::make_unique<ModuleSource>(root, clock);
    case SourceKind::kBpf:
      return open_bpf();
    case SourceKind::kAuto:
      break;
  }
  std::string why;
  try {
    return std::make_unique<ModuleSource>(root, clock);
  } catch (const Error& e) {
    why = e.what();
  }
  try {
    return open_bpf();
  } catch (const Error& e) {
    throw Error(why + "; nor can BPF be used: " + e.what() + " ('kvm-exits doctor' says more)");
  }
}

}  // namespace kvm_exits
