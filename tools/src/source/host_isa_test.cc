// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_isa.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace kvm_exits {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr auto kNone = std::nullopt;

TEST(HostIsa, IsAmongTheFlagsOfTheFirstCpu) {
  EXPECT_THAT(IsaInCpuinfo("processor\t: 0\nflags\t\t: fpu vme vmx smx\n"),
              Optional(Eq(Isa::kVmx)));
  EXPECT_THAT(IsaInCpuinfo("flags : svm"), Optional(Eq(Isa::kSvm)));
  EXPECT_EQ(IsaInCpuinfo("flags\t: fpu\n\nprocessor\t: 1\nflags\t: vmx\n"), kNone);
}

TEST(HostIsa, IsAWordOfItsOwn) {
  EXPECT_EQ(IsaInCpuinfo("flags\t: vmx_fast svm_lock xsvm\n"), kNone);
  EXPECT_EQ(IsaInCpuinfo("vmx flags\t: vnmi ept\nbugs\t: svm\nmodel name\t: vmx\n"), kNone);
  EXPECT_EQ(IsaInCpuinfo("more flags\t: vmx\n"), kNone);
}

TEST(HostIsa, IsUnknownWithoutFlags) {
  for (const char* const text :
       {"", "\n", ":", "flags", "flags:", "flags\t:   ", "flags vmx\n", "\0", ":vmx\n::\n"}) {
    EXPECT_EQ(IsaInCpuinfo(text), kNone) << text;
  }
}

TEST(HostIsa, VendorsHaveOneEach) {
  EXPECT_THAT(IsaOfVendorInCpuinfo("vendor_id\t: GenuineIntel\n"), Optional(Eq(Isa::kVmx)));
  EXPECT_THAT(IsaOfVendorInCpuinfo("vendor_id\t:   Shanghai  \n"), Optional(Eq(Isa::kVmx)));
  EXPECT_THAT(IsaOfVendorInCpuinfo("vendor_id\t: AuthenticAMD\n"), Optional(Eq(Isa::kSvm)));
  EXPECT_EQ(IsaOfVendorInCpuinfo("vendor_id\t: Another\nflags\t: vmx\n"), kNone);
  EXPECT_EQ(IsaOfVendorInCpuinfo(""), kNone);
}

TEST(HostIsa, IsThatBelowTheRoot) {
  const std::filesystem::path root =
      std::filesystem::path(::testing::TempDir()) / "kvm_exits_host_isa";
  std::filesystem::create_directories(root / "proc");
  std::ofstream(root / "proc/cpuinfo") << "flags\t: svm\n";
  EXPECT_THAT(HostIsa(root), Optional(Eq(Isa::kSvm)));
  std::ofstream(root / "proc/cpuinfo") << std::string(1000000, 'x') << "\nflags\t: svm\n";
  EXPECT_EQ(HostIsa(root), kNone);
  std::filesystem::remove_all(root);
  EXPECT_EQ(HostIsa(root), kNone);
}

}  // namespace
}  // namespace kvm_exits
