// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_isa.h"

#include <algorithm>

#include "source/host_file.h"

namespace kvm_exits {
namespace {

// Of the file: more than the part of any CPU.
constexpr size_t kMaxCpuinfo = 65536;

// What stands behind `name` and a colon in the first such line.
std::string_view Field(std::string_view cpuinfo, std::string_view name) {
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        line.substr(0, line.substr(0, colon).find_last_not_of(" \t") + 1) == name) {
      return line.substr(colon + 1);
    }
    cpuinfo.remove_prefix(std::min(cpuinfo.size(), line.size() + 1));
  }
  return {};
}

std::string ReadCpuinfo(const std::string& root) {
  return ReadHostFile(root + "/proc/cpuinfo", kMaxCpuinfo).value_or("");
}

}  // namespace

std::optional<Isa> IsaInCpuinfo(std::string_view cpuinfo) {
  std::string_view flags = Field(cpuinfo, "flags");
  while (!flags.empty()) {
    const std::string_view flag = flags.substr(0, flags.find(' '));
    if (flag == "vmx") return Isa::kVmx;
    if (flag == "svm") return Isa::kSvm;
    flags.remove_prefix(std::min(flags.size(), flag.size() + 1));
  }
  return std::nullopt;
}

std::optional<Isa> IsaOfVendorInCpuinfo(std::string_view cpuinfo) {
  const std::string_view vendor = Field(cpuinfo, "vendor_id");
  for (const std::string_view with_vmx : {"GenuineIntel", "CentaurHauls", "  Shanghai  "}) {
    if (vendor.ends_with(with_vmx)) return Isa::kVmx;
  }
  for (const std::string_view with_svm : {"AuthenticAMD", "HygonGenuine"}) {
    if (vendor.ends_with(with_svm)) return Isa::kSvm;
  }
  return std::nullopt;
}

std::optional<Isa> VendorIsa(const std::string& root) {
  return IsaOfVendorInCpuinfo(ReadCpuinfo(root));
}

std::optional<Isa> HostIsa(const std::string& root) { return IsaInCpuinfo(ReadCpuinfo(root)); }

}  // namespace kvm_exits
