// SPDX-License-Identifier: GPL-2.0-only
#include "cpuid_source.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>

namespace kvm_exits {
namespace {

// The kernel's word for what leaf 0 says in EBX, EDX, ECX.
std::string VendorInProc() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("vendor_id")) return line.substr(line.find(": ") + 2);
  }
  return "";
}

TEST(ProcessorCpuid, GivesEachRegister) {
  const CpuidRegisters registers = ProcessorCpuid().Read(0, 0);
  const std::array text = {registers.ebx, registers.edx, registers.ecx};
  std::string vendor(sizeof(text), '\0');
  std::memcpy(vendor.data(), text.data(), sizeof(text));
  EXPECT_EQ(vendor, VendorInProc());
  EXPECT_GE(registers.eax, 1U);
}

TEST(ProcessorCpuid, PassesTheSubleaf) {
  // Leaf 0xB gives its subleaf back in the low byte of ECX, on every processor
  // that has the leaf (Intel SDM vol. 2, CPUID, "Extended Topology").
  ProcessorCpuid cpuid;
  if (cpuid.Read(0, 0).eax < 0xB) GTEST_SKIP() << "no leaf 0xB";
  EXPECT_EQ(cpuid.Read(0xB, 0).ecx & 0xFFU, 0U);
  EXPECT_EQ(cpuid.Read(0xB, 1).ecx & 0xFFU, 1U);
}

}  // namespace
}  // namespace kvm_exits
