// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/fuzzer.h"
#include "source/module_file.h"
#include "source/module_file_fixture.h"

namespace kvm_exits {

// A module's file, or a list of modules.
void Fuzz(std::string_view input) {
  size_t largest = 0;
  const auto file = ReadModuleFile([&](uint64_t offset, size_t size) {
    largest = std::max(largest, size);
    return offset < input.size() ? std::string(input.substr(offset, size)) : std::string();
  });
  // More of a file is never held at once.
  Require(largest <= size_t{1} << 20U);
  for (const std::string_view modinfo : {file ? std::string_view(file->modinfo) : "", input}) {
    FindModinfo(modinfo, "vermagic");
    HasParameter(modinfo, "exit_counters_cpuid");
  }
  const std::string_view path = FindModulePath(input, "kvm_intel");
  Require(path.empty() || path.find(".ko") != std::string_view::npos);
}

std::vector<std::string> FuzzSeeds() {
  using std::string_literals::operator""s;
  return {MakeModule("name=kvm\0vermagic=6.12.0 SMP\0parmtype=exit_counters_cpuid:bool\0"s,
                     "\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0"s),
          "kernel/arch/x86/kvm/kvm-intel.ko.xz: kernel/arch/x86/kvm/kvm.ko.xz\n"
          "updates/kvm-exits/kvm.ko:\n"};
}

}  // namespace kvm_exits
