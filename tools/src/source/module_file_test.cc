// SPDX-License-Identifier: GPL-2.0-only
#include "source/module_file.h"

#include <elf.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "source/module_file_fixture.h"

namespace kvm_exits {
namespace {

std::optional<ModuleFile> Parse(const std::string& file) {
  return ReadModuleFile([&](uint64_t offset, size_t size) {
    return offset < file.size() ? file.substr(offset, size) : std::string();
  });
}

TEST(FindModulePath, TakesTheModulesOwnLine) {
  const std::string_view list =
      "kernel/arch/x86/kvm/kvm-intel.ko.xz: updates/kvm-exits/kvm.ko kernel/irqbypass.ko.xz\n"
      "kernel/drivers/gpu/xkvm.ko: updates/kvm-exits/kvm.ko\n"
      "updates/kvm-exits/kvm.ko: kernel/virt/lib/irqbypass.ko.xz\n"
      "/elsewhere/kvm_exits.ko.zst:";
  EXPECT_EQ(FindModulePath(list, "kvm"), "updates/kvm-exits/kvm.ko");
  EXPECT_EQ(FindModulePath(list, "kvm_intel"), "kernel/arch/x86/kvm/kvm-intel.ko.xz");
  EXPECT_EQ(FindModulePath(list, "kvm_exits"), "/elsewhere/kvm_exits.ko.zst");
  EXPECT_EQ(FindModulePath(list, "kvm_amd"), "");
  EXPECT_EQ(FindModulePath("kernel/arch/x86/kvm/kvm.ko\n", "kvm"), "kernel/arch/x86/kvm/kvm.ko");
  EXPECT_EQ(FindModulePath("kvm\n:\n\n\nkvm.o:", "kvm"), "");
  EXPECT_EQ(FindModulePath("", "kvm"), "");
}

TEST(ModuleFile, HasModinfoAndBuildId) {
  const auto file = Parse(MakeModule(std::string("license=GPL\0vermagic=6.12\0", 26), "\1\2\3"));
  ASSERT_TRUE(file);
  EXPECT_EQ(FindModinfo(file->modinfo, "license"), "GPL");
  EXPECT_EQ(FindModinfo(file->modinfo, "vermagic"), "6.12");
  EXPECT_EQ(FindModinfo(file->modinfo, "srcversion"), "");
  EXPECT_EQ(file->build_id, "\1\2\3");
}

TEST(ModuleFile, ParametersAreThoseOfParmtype) {
  const std::string_view modinfo("parm=a:A word\0parmtype=exits:bool\0parmtype=exits_time:b", 55);
  EXPECT_TRUE(HasParameter(modinfo, "exits"));
  EXPECT_TRUE(HasParameter(modinfo, "exits_time"));
  EXPECT_FALSE(HasParameter(modinfo, "a"));
  EXPECT_FALSE(HasParameter(modinfo, "exits_"));
}

TEST(ModuleFile, OfAnotherKindIsNone) {
  EXPECT_FALSE(Parse(""));
  EXPECT_FALSE(
      Parse("\xfd"
            "7zXZ"));
  EXPECT_FALSE(
      Parse("\x7f"
            "ELF"));
  std::string module = MakeModule("a=b", "");
  EXPECT_TRUE(Parse(module));
  module[EI_CLASS] = ELFCLASS32;
  EXPECT_FALSE(Parse(module));
}

// What a file says of sizes and places may be anything.
TEST(ModuleFile, IsNotBelieved) {
  const std::string module = MakeModule(std::string(100, 'm'), std::string(36, 'b'));
  for (size_t size = 0; size < module.size(); ++size) Parse(module.substr(0, size));
  std::mt19937 random(1);
  for (int run = 0; run < 20000; ++run) {
    std::string broken = module;
    for (int change = 0; change < 4; ++change) {
      broken[random() % broken.size()] = static_cast<char>(random() % 2 == 0 ? 0xff : random());
    }
    const auto file = ReadModuleFile([&](uint64_t offset, size_t size) {
      EXPECT_LE(size, size_t{1} << 20U);
      return offset < broken.size() ? broken.substr(offset, size) : std::string();
    });
    EXPECT_LE(file.value_or(ModuleFile()).modinfo.size(), broken.size());
  }
}

}  // namespace
}  // namespace kvm_exits
