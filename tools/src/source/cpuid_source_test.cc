// SPDX-License-Identifier: GPL-2.0-only
#include "source/cpuid_source.h"

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
  // Leaf 0xD has the state components that XCR0 enables in subleaf 0, x87 always,
  // and in subleaf 2 size and offset of AVX's, in bytes, the same on every processor
  // (Intel SDM vol. 1, "Standard Format of XSAVE Area"). Leaf 0xB, which is to give its
  // subleaf back, does not do so on all hypervisors.
  if (!__builtin_cpu_supports("avx")) GTEST_SKIP() << "no AVX";
  ProcessorCpuid cpuid;
  EXPECT_EQ(cpuid.Read(0xD, 0).eax & 1U, 1U);
  EXPECT_EQ(cpuid.Read(0xD, 2).eax, 256U);
  EXPECT_EQ(cpuid.Read(0xD, 2).ebx, 576U);
}

}  // namespace
}  // namespace kvm_exits
