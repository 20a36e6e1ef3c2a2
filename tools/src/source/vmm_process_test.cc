// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "source/fake_proc.h"
#include "source/vmm_name.h"

namespace kvm_exits {
namespace {

std::string Cmdline(std::initializer_list<std::string_view> arguments) {
  std::string cmdline;
  for (const std::string_view argument : arguments) (cmdline += argument) += '\0';
  return cmdline;
}

// "vmm: name" of a process with these arguments.
std::string Named(std::initializer_list<std::string_view> arguments, std::string_view comm = "x") {
  const VmmName name = NameOfVmm(Cmdline(arguments), comm);
  return name.vmm + ": " + name.name;
}

// The arguments of one QEMU, as its user gives them in `-name`.
std::string QemuName(std::string_view name) {
  return NameOfVmm(Cmdline({"qemu-system-x86_64", "-name", name}), "x").name;
}

TEST(VmmName, Qemu) {
  EXPECT_EQ(
      Named({"/usr/bin/qemu-system-x86_64", "-name", "guest=web,debug-threads=on", "-S", "-object",
             "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}", "-machine", "pc-q35-7.2,usb=off",
             "-accel", "kvm", "-uuid", "4f2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0d"}),
      "qemu: web")
      << "libvirt";
  EXPECT_EQ(Named({"/usr/bin/kvm", "-id", "102", "-name", "win11,debug-threads=on", "-no-shutdown",
                   "-chardev", "socket,id=qmp,path=/var/run/qemu-server/102.qmp"}),
            "qemu: win11")
      << "Proxmox";
  EXPECT_EQ(Named({"/usr/libexec/qemu-kvm", "-name", "guest=instance-000007c3", "-vnc", ":100"}),
            "qemu: instance-000007c3")
      << "OpenStack";
  EXPECT_EQ(Named({"/opt/kata/bin/qemu-system-x86_64", "-name", "sandbox-8b1e3f,debug-threads=on",
                   "-uuid", "1"}),
            "qemu: sandbox-8b1e3f")
      << "Kata";
  EXPECT_EQ(Named({"./qemu-system-x86_64", "--name", "a", "-enable-kvm"}), "qemu: a");
  EXPECT_EQ(Named({"wrapper", "-name", "a"}, "qemu-system-x86"), "qemu: a");
  EXPECT_EQ(Named({"qemu-system-x86_64", "-enable-kvm", "-m", "1G"}), "qemu: ");
  EXPECT_EQ(Named({"qemu-system-x86_64", "-name"}), "qemu: ");
}

TEST(VmmName, QemuHasAUuid) {
  const auto uuid = [](std::string_view text) {
    return NameOfVmm(Cmdline({"qemu-system-x86_64", "-uuid", text, "-S"}), "x").uuid;
  };
  EXPECT_EQ(uuid("4F2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0d"), "4f2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0d");
  EXPECT_EQ(uuid("4f2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0"), "");
  EXPECT_EQ(uuid("4f2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0g"), "");
  EXPECT_EQ(uuid("4f2a64b6x9d0c-4ac3-a5a6-6a5f2c8b7a0d"), "");
  EXPECT_EQ(
      NameOfVmm(Cmdline({"firecracker", "-uuid", "4f2a64b6-9d0c-4ac3-a5a6-6a5f2c8b7a0d"}), "x")
          .uuid,
      "");
}

TEST(VmmName, QemuHasCommasInNames) {
  EXPECT_EQ(QemuName("a,,b"), "a,b");
  EXPECT_EQ(QemuName("guest=a,,b=c,,,debug-threads=on"), "a,b=c,");
  EXPECT_EQ(QemuName("debug-threads=on,guest=a"), "a");
  EXPECT_EQ(QemuName("a,process=b"), "a");
  EXPECT_EQ(QemuName("process=guest=b,guest=a"), "a");
  EXPECT_EQ(QemuName("process=b,,guest=c"), "");
  EXPECT_EQ(QemuName("a,guest=b"), "b") << "the last is QEMU's";
  EXPECT_EQ(QemuName("process=a,b"), "");
  EXPECT_EQ(QemuName(",,"), ",");
  EXPECT_EQ(QemuName(","), "");
  EXPECT_EQ(QemuName(""), "");
  EXPECT_EQ(QemuName("guest="), "");
  EXPECT_EQ(QemuName("a\n\x1b[2J"), "a\n\x1b[2J");
  EXPECT_EQ(Named({"kvm", "-name", "a", "-name", "debug-threads=on"}), "qemu: a");
}

TEST(VmmName, Firecracker) {
  EXPECT_EQ(Named({"/firecracker", "--id", "manual1", "--start-time-us", "4652668169",
                   "--start-time-cpu-us", "7544", "--api-sock", "firecracker.sock"}),
            "firecracker: manual1")
      << "its jailer";
  EXPECT_EQ(Named({"firecracker-v1.7.0-x86_64", "--id=a", "--no-api"}), "firecracker: a");
  EXPECT_EQ(Named({"firecracker", "--api-sock", "/tmp/fc-web.sock"}), "firecracker: fc-web");
  EXPECT_EQ(Named({"firecracker", "--api-sock", "/var/lib/firecracker/vm/77ab/firecracker.sock"}),
            "firecracker: 77ab");
  EXPECT_EQ(Named({"firecracker", "--config-file", "a.json", "--", "--id", "b"}), "firecracker: ");
  EXPECT_EQ(Named({"firecracker", "--id"}), "firecracker: ");
  EXPECT_EQ(Named({"firecracker", "--identity", "a"}), "firecracker: ");
}

TEST(VmmName, CloudHypervisor) {
  EXPECT_EQ(Named({"cloud-hypervisor", "--api-socket", "/tmp/web-1.sock", "--kernel", "a"}),
            "cloud-hypervisor: web-1");
  EXPECT_EQ(Named({"./cloud-hypervisor-static", "--api-socket", "path=/run/vms/web.socket"}),
            "cloud-hypervisor: web");
  EXPECT_EQ(
      Named({"/opt/kata/bin/cloud-hypervisor", "--api-socket", "/run/vc/vm/55ab12/clh-api.sock"}),
      "cloud-hypervisor: 55ab12")
      << "Kata in Go";
  EXPECT_EQ(Named({"/opt/kata/bin/cloud-hypervisor", "--api-socket",
                   "/run/kata/55ab12/root/ch-api.sock"}),
            "cloud-hypervisor: 55ab12")
      << "Kata in Rust";
  EXPECT_EQ(Named({"/usr/bin/cloud-hypervisor", "--api-socket", "/run/libvirt/ch/web-socket"}),
            "cloud-hypervisor: web")
      << "libvirt";
  EXPECT_EQ(Named({"/usr/bin/cloud-hypervisor", "--api-socket", "fd=23"}), "cloud-hypervisor: ");
  EXPECT_EQ(Named({"x", "--api-socket=/run/api.sock"}, "cloud-hyperviso"), "cloud-hypervisor: api");
  EXPECT_EQ(Named({"cloud-hypervisor", "--api-socket", "api.sock"}), "cloud-hypervisor: api");
}

TEST(VmmName, CrosvmAndKvmtool) {
  EXPECT_EQ(Named({"/apex/com.android.virt/bin/crosvm", "--extended-status", "run", "--name",
                   "microdroid", "--cid", "2048", "-s", "/tmp/a.sock"}),
            "crosvm: microdroid");
  EXPECT_EQ(Named({"crosvm", "run", "-s", "/run/vm/termina.sock", "vmlinux"}), "crosvm: termina");
  EXPECT_EQ(Named({"crosvm", "run", "--socket", "/run/vm.ab12/crosvm.sock"}), "crosvm: vm.ab12");
  EXPECT_EQ(Named({"crosvm", "run", "vmlinux"}), "crosvm: ");
  EXPECT_EQ(Named({"./lkvm", "run", "--name", "foo", "-c", "1", "-m", "64"}), "kvmtool: foo");
  EXPECT_EQ(Named({"lkvm-static", "run", "--name=foo"}), "kvmtool: foo");
  EXPECT_EQ(Named({"lkvm", "run", "-n", "mode=tap"}), "kvmtool: ") << "-n is the network";
}

TEST(VmmName, Others) {
  EXPECT_EQ(Named({"/opt/kata/bin/containerd-shim-kata-v2", "-id", "a"}), ": ");
  EXPECT_EQ(NameOfVmm("", "").vmm, "");
  EXPECT_EQ(NameOfVmm(std::string(3, '\0'), "").vmm, "");
}

TEST(VmmName, InCgroup) {
  EXPECT_EQ(NameInCgroup("0::/machine.slice/machine-qemu\\x2d3\\x2dweb.scope/libvirt/emulator\n"),
            "web");
  EXPECT_EQ(NameInCgroup("12:cpu:/x\n"
                         "4:memory:/machine.slice/machine-qemu\\x2d16\\x2dubuntu20.04.scope\n"),
            "ubuntu20.04");
  EXPECT_EQ(NameInCgroup("0::/machine.slice/machine-ch\\x2d1\\x2dinstance\\x2d0000001d.scope"),
            "instance-0000001d");
  EXPECT_EQ(NameInCgroup("0::/a/machine-qemu\\x2d1\\x2d\\xc3\\xa4.scope"), "ä");
  EXPECT_EQ(NameInCgroup("0::/machine.slice/machine-qemu\\x2d3\\x2dweb.slice\n"), "");
  EXPECT_EQ(NameInCgroup("0::/machine.slice/machine-debian.scope\n"), "") << "a container";
  EXPECT_EQ(NameInCgroup("0::/machine-qemu\\x2dx\\x2dweb.scope\n"), "");
  EXPECT_EQ(NameInCgroup("0::/machine-\\x2\\xzz-3-\\.scope"), "\\");
  EXPECT_EQ(NameInCgroup("0::/user.slice\n"), "");
  EXPECT_EQ(NameInCgroup(""), "");
}

TEST(VmmName, AnyBytes) {
  std::mt19937 random(1);
  const std::vector<std::string> parts = {
      "qemu",   "-name", "guest=", ",",    ",,",        "=",           std::string(1, '\0'),
      "crosvm", "-s",    "lkvm",   "--id", "--name",    "/machine-",   "qemu\\x2d3\\x2d",
      ".scope", "/",     "\n",     "\\x",  "/api.sock", "firecracker", "--api-sock",
      "root"};
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (auto i = random() % 20; i > 0; --i) {
      text += random() % 4 != 0 ? parts[random() % parts.size()]
                                : std::string(1, static_cast<char>(random()));
    }
    const VmmName name = NameOfVmm(text, "kvm");
    ASSERT_LE(name.name.size(), text.size());
    ASSERT_EQ(name.name.find('\0'), std::string::npos);
    ASSERT_LE(NameInCgroup(text).size(), text.size());
  }
}

TEST(VmmProcess, NamesAreLookedForInTurn) {
  const FakeProc host;
  host.Write("/proc/7/comm", "qemu-system-x86\n");
  EXPECT_EQ(ReadVmmProcess(host.Root(), 7)->name, "qemu-system-x86");
  host.Write("/proc/7/cgroup", "0::/machine.slice/machine-qemu\\x2d3\\x2dweb.scope/libvirt\n");
  EXPECT_EQ(ReadVmmProcess(host.Root(), 7)->name, "web");
  host.Write("/proc/7/cmdline", Cmdline({"/usr/bin/qemu-system-x86_64", "-name", "guest=w,,b"}));
  const auto process = ReadVmmProcess(host.Root(), 7);
  EXPECT_EQ(process->pid, 7);
  EXPECT_EQ(process->name, "w,b");
  EXPECT_EQ(process->vmm, "qemu");
}

TEST(VmmProcess, UnknownOnesAreCalledAsTheirProgram) {
  const FakeProc host;
  host.Write("/proc/8/comm", "my) (\nvmm\n");
  host.Write("/proc/8/cmdline", Cmdline({"/usr/bin/my", "--name", "x"}));
  const auto process = ReadVmmProcess(host.Root(), 8);
  EXPECT_EQ(process->name, "my) (\nvmm");
  EXPECT_EQ(process->vmm, "my) (\nvmm");
}

TEST(VmmProcess, IsGone) {
  const FakeProc host;
  EXPECT_FALSE(ReadVmmProcess(host.Root(), 7));
  EXPECT_FALSE(ReadVmmProcess(host.Root(), -1));
  EXPECT_FALSE(ReadVmmProcess("/nonexistent", 7));
}

TEST(VmmProcess, LongCommandLinesAreCut) {
  const FakeProc host;
  host.Write("/proc/7/comm", "kvm\n");
  host.Write("/proc/7/cmdline", Cmdline({"kvm", "-name", "first", "-append",
                                         std::string(2 << 20, 'x'), "-name", "b"}));
  EXPECT_EQ(ReadVmmProcess(host.Root(), 7)->name, "first");
  host.Write("/proc/7/cmdline", Cmdline({"kvm", "-name", std::string(2 << 20, 'x')}));
  EXPECT_EQ(ReadVmmProcess(host.Root(), 7)->name, "kvm") << "half a name is none";
  host.Write("/proc/7/cmdline", std::string(2 << 20, '\0'));
  EXPECT_EQ(ReadVmmProcess(host.Root(), 7)->name, "kvm");
}

TEST(VmmProcess, OfThisHost) {
  const auto process = ReadVmmProcess("", getpid());
  EXPECT_EQ(process->name, process->vmm);
  EXPECT_EQ(process->name, std::string(program_invocation_short_name).substr(0, 15));
}

}  // namespace
}  // namespace kvm_exits
