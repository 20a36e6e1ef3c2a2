// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_isa.h"

#include <algorithm>
#include <fstream>

namespace kvm_exits {
namespace {

// Of the file: more than the part of any CPU.
constexpr size_t kMaxCpuinfo = 65536;

// The words behind "flags" and a colon in the first such line.
std::string_view Flags(std::string_view cpuinfo) {
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        line.substr(0, line.substr(0, colon).find_last_not_of(" \t") + 1) == "flags") {
      return line.substr(colon + 1);
    }
    cpuinfo.remove_prefix(std::min(cpuinfo.size(), line.size() + 1));
  }
  return {};
}

}  // namespace

std::optional<Isa> IsaInCpuinfo(std::string_view cpuinfo) {
  std::string_view flags = Flags(cpuinfo);
  while (!flags.empty()) {
    const std::string_view flag = flags.substr(0, flags.find(' '));
    if (flag == "vmx") return Isa::kVmx;
    if (flag == "svm") return Isa::kSvm;
    flags.remove_prefix(std::min(flags.size(), flag.size() + 1));
  }
  return std::nullopt;
}

std::optional<Isa> HostIsa(const std::string& root) {
  std::ifstream file(root + "/proc/cpuinfo");
  std::string text(kMaxCpuinfo, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return IsaInCpuinfo(text);
}

}  // namespace kvm_exits
