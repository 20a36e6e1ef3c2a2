// SPDX-License-Identifier: GPL-2.0-only
#include "source/vm_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "source/fake_proc.h"

namespace kvm_exits {
namespace {

// "id of pid" of each VM.
std::vector<std::string> Vms(const FakeProc& host) {
  std::vector<std::string> texts;
  for (const VmOnHost& vm : FindVms(host.Root())) {
    texts.push_back(vm.id + " of " + std::to_string(vm.pid));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(VmDirectory, FindsVmsInDebugfs) {
  const FakeProc host;
  host.AddVm("200-11", 1'700'000'000);
  host.AddThread(200, 200);
  host.AddFile(200, 11, "anon_inode:kvm-vm");
  host.AddVm("99-4", 1'600'000'000);
  host.AddThread(98, 99);  // made by a thread of 98
  host.AddFile(98, 4, "anon_inode:kvm-vm");
  EXPECT_EQ(Vms(host), (Texts{"99-4 of 98", "200-11 of 200"}));
  const auto seconds = [](int64_t s) {
    return std::chrono::system_clock::time_point(std::chrono::seconds(s));
  };
  EXPECT_EQ(FindVms(host.Root())[0].created, seconds(1'600'000'000));
  EXPECT_EQ(FindVms(host.Root())[1].created, seconds(1'700'000'000));
}

TEST(VmDirectory, WhatElseIsInDebugfsIsNoVm) {
  const FakeProc host;
  host.Write("/sys/kernel/debug/kvm/exits", "0\n");
  host.Write("/sys/kernel/debug/kvm/1-2", "a file\n");
  host.Link("/sys/kernel/debug/kvm/3-4", "/");
  for (const char* const name : {"5", "-5", "5-", "5-6-7", "5-x", "a-1", "5-6.1", "0-3", " 5-6",
                                 "99999999999-1", "5-99999999999999999999999", "5-2147483648"}) {
    host.AddVm(name);
  }
  EXPECT_EQ(Vms(host), Texts());
}

TEST(VmDirectory, ANumberThatIsAnothersByNow) {
  const FakeProc host;
  host.AddVm("10-5");
  host.AddThread(10, 10);
  host.AddFile(10, 5, "/dev/null");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 0"}));
  host.AddFile(10, 9, "anon_inode:kvm-vcpu:0");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 10"})) << "the VM's file was closed";
}

TEST(VmDirectory, AProcessThatCannotBeLookedIntoIsBelieved) {
  const FakeProc host;
  host.AddVm("10-5");
  host.AddThread(10, 10);
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 10"}));
}

TEST(VmDirectory, TheMakersThreadIsGone) {
  const FakeProc host;
  host.AddVm("10-5");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 0"}));
  host.AddFile(9, 5, "anon_inode:kvm-vm");
  host.AddFile(9, 6, "anon_inode:kvm-vm");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 9"}));

  // A second process that might be meant, unless that has its own.
  host.AddFile(20, 5, "anon_inode:kvm-vm");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 0"}));
  host.AddThread(20, 20);
  host.AddVm("20-5");
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 9", "20-5 of 20"}));
}

TEST(VmDirectory, WithoutDebugfsWhatIsOpen) {
  const FakeProc host;
  host.AddFile(200, 11, "anon_inode:kvm-vm");
  host.AddFile(200, 12, "anon_inode:kvm-vcpu:0");
  host.AddFile(200, 13, "/home/anon_inode:kvm-vm");
  host.AddFile(200, 14, "anon_inode:kvm-vm" + std::string(1000, 'x'));
  host.AddFile(9, 11, "anon_inode:kvm-vm");
  host.AddFile(9, 7, "anon_inode:kvm-vm");
  host.Link("/proc/self/fd/7", "anon_inode:kvm-vm");
  host.Link("/proc/9/fd/x", "anon_inode:kvm-vm");
  host.Write("/proc/10/fd", "");
  EXPECT_EQ(Vms(host), (Texts{"9-7 of 9", "9-11 of 9", "200-11 of 200"}));
  EXPECT_FALSE(FindVms(host.Root())[0].created);
}

TEST(VmDirectory, Nothing) {
  const FakeProc host;
  EXPECT_EQ(Vms(host), Texts());
  host.MakeDirectory("/sys/kernel/debug/kvm");
  EXPECT_EQ(Vms(host), Texts());
  EXPECT_TRUE(FindVms("/nonexistent").empty());
}

TEST(VmDirectory, GarbageInStatus) {
  std::mt19937 random(1);
  const FakeProc host;
  host.AddVm("10-5");
  const Texts parts = {"\nTgid:\t", "10", "\n", "Tgid:", "-1", "99999999999", "\t", " "};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto i = random() % 8; i > 0; --i) text += parts[random() % parts.size()];
    host.Write("/proc/10/status", text);
    ASSERT_EQ(FindVms(host.Root()).size(), 1U);
    ASSERT_GE(FindVms(host.Root())[0].pid, 0) << text;
  }
  host.Write("/proc/10/status", std::string(1 << 20, 'x'));
  EXPECT_EQ(Vms(host), (Texts{"10-5 of 0"}));
}

TEST(VmDirectory, ManyEntries) {
  const FakeProc host;
  for (int i = 1; i <= 3000; ++i) host.AddVm(std::to_string(i) + "-7");
  host.AddThread(9, 9);
  const auto vms = FindVms(host.Root());
  EXPECT_EQ(vms.size(), 3000U);
  EXPECT_EQ(std::ranges::count(vms, 0, &VmOnHost::pid), 2999);
}

TEST(VmDirectory, OfThisHost) {
  for (const VmOnHost& vm : FindVms("")) EXPECT_FALSE(vm.id.empty());
}

}  // namespace
}  // namespace kvm_exits
