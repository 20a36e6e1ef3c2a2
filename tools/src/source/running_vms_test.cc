// SPDX-License-Identifier: GPL-2.0-only
#include "source/running_vms.h"

#include <gmock/gmock.h>

#include "source/fake_proc.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void AddVmm(const FakeProc& host, pid_t pid, const std::string& name) {
  using std::string_literals::operator""s;
  host.AddThread(pid, pid);
  host.Write(host.Process(pid) + "/comm", "qemu-system-x86\n");
  host.Write(host.Process(pid) + "/cmdline", "qemu\0-name\0"s + name + "\0"s);
}

void AddVm(const FakeProc& host, pid_t pid, int fd) {
  host.AddVm(std::to_string(pid) + "-" + std::to_string(fd));
  host.AddFile(pid, fd, "anon_inode:kvm-vm");
}

VmIdentity Vm(const std::string& id, pid_t pid, const std::string& name) {
  return {.id = id, .pid = pid, .name = name, .vmm = "qemu"};
}

TEST(RunningVms, AreOneForEachProcess) {
  const FakeProc host;
  AddVmm(host, 30, "db");
  AddVm(host, 30, 11);
  AddVmm(host, 9, "web");
  AddVm(host, 9, 12);
  AddVmm(host, 20, "two");
  AddVm(host, 20, 11);
  AddVm(host, 20, 13);
  VmmNames names(host.Root());
  EXPECT_THAT(RunningVms(host.Root(), names),
              ElementsAre(Vm("9-12", 9, "web"), Vm("20", 20, "two"), Vm("30-11", 30, "db")));
}

TEST(RunningVms, AreNotThoseWithoutAProcess) {
  const FakeProc host;
  host.AddVm("77-11");  // whose process is gone
  VmmNames names(host.Root());
  EXPECT_THAT(RunningVms(host.Root(), names), IsEmpty());
}

TEST(RunningVms, AreNoneOnAHostWithoutAny) {
  const FakeProc host;
  VmmNames names(host.Root());
  EXPECT_THAT(RunningVms(host.Root(), names), IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
