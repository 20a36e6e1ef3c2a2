// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/fuzzer.h"
#include "source/vmm_name.h"

namespace kvm_exits {

// The name of a program, and behind a line feed its arguments; or a cgroup.
void Fuzz(std::string_view input) {
  const size_t end = std::min(input.find('\n'), input.size());
  const std::string_view cmdline = input.substr(std::min(end + 1, input.size()));
  const VmmName found = NameOfVmm(cmdline, input.substr(0, end));
  Require(found.name.empty() || !found.vmm.empty());
  Require(found.name.size() <= input.size());
  Require(NameInCgroup(input).size() <= input.size());
}

std::vector<std::string> FuzzSeeds() {
  const auto with_zeros = [](std::string text) {
    std::ranges::replace(text, ' ', '\0');
    return text;
  };
  return {with_zeros("qemu-system-x86\n/usr/bin/qemu-system-x86_64 -name "
                     "guest=web-1,debug-threads=on -name a,,b,process=x "),
          with_zeros("firecracker\n./firecracker-v1.7.0 --id vm-3 --api-sock /run/fc.sock "),
          with_zeros(
              "cloud-hyperviso\ncloud-hypervisor --api-socket path=/run/vc/vm/db/clh-api.sock,x "),
          with_zeros("crosvm\ncrosvm run --name=dev -s /tmp/x.sock -- --name no "),
          with_zeros("lkvm\nlkvm run --name tool "),
          "0::/machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d1.scope/libvirt/emulator\n",
          "/machine-\\x2.scope\n/machine-qemu-1-.scope"};
}

}  // namespace kvm_exits
