// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_MODULE_SOURCE_H_
#define KVM_EXITS_SOURCE_MODULE_SOURCE_H_

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "source/host_source.h"
#include "source/module_files.h"
#include "source/vmm_names.h"

namespace kvm_exits {

// The exits that a patched KVM has counted, as the module kvm_exits shows them in
// debugfs below `root`.  No file stays open, so the module can be unloaded in between.
class ModuleSource : public HostSource {
 public:
  // Throws Error, which says what to do, where the module shows nothing.
  ModuleSource(const std::string& root, Clock& clock);

  HostSnapshot Read(const HostRequest& request) override;
  std::string_view Name() const override { return "module"; }
  bool BeginsNow() const override { return false; }
  std::string Limits(const HostSnapshot& snapshot) const override;

 private:
  std::optional<Snapshot> ReadExits(const std::string& directory, ModuleReasons& reasons,
                                    Instant taken) const;
  std::optional<VmSnapshot> ReadVm(const std::string& id, const HostRequest& request,
                                   Instant taken);
  void ReadVcpus(const std::string& directory, const HostRequest& request, Instant taken,
                 VmSnapshot& vm) const;

  std::string root_;
  std::string directory_;
  Clock& clock_;
  VmmNames names_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_MODULE_SOURCE_H_
