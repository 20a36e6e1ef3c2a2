// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_FAKE_HOST_H_
#define KVM_EXITS_MODEL_FAKE_HOST_H_

#include "model/host_facts.h"

// Hosts for tests to diagnose.
namespace kvm_exits {

// Where all is as it should be: the patched modules are installed and loaded, root asks.
inline HostFacts MakeHost() {
  HostFacts host;
  host.release = "6.12.0-test";
  host.has_module_tree = true;
  host.cpu = {.vendor = "GenuineIntel", .vmx = true, .constant_tsc = true, .nonstop_tsc = true};
  host.has_dev_kvm = true;
  const std::string directory = "/lib/modules/6.12.0-test/updates/kvm-exits/";
  host.kvm = {.name = "kvm",
              .loaded = true,
              .file = directory + "kvm.ko",
              .file_release = host.release,
              .file_patched = true,
              .file_loaded = true};
  host.vendor = {.name = "kvm_intel",
                 .loaded = true,
                 .file = directory + "kvm-intel.ko",
                 .file_release = host.release,
                 .file_patched = false,
                 .file_loaded = true};
  host.kvm_exits = {.name = "kvm_exits",
                    .loaded = true,
                    .file = directory + "kvm_exits.ko",
                    .file_release = host.release,
                    .file_patched = false,
                    .file_loaded = true};
  host.switches = {
      .cpuid = true, .cpuid_default = true, .cpuid_time = true, .time = true, .histogram = true};
  host.lockdown = Lockdown::kNone;
  host.debugfs = {
      .in_kernel = true, .mounted = true, .total = FileAccess::kReadable, .exits = 677887};
  host.tracefs = {.in_kernel = true, .mounted = true, .kvm_exit = FileAccess::kReadable};
  host.rights = {.uid = 0, .capabilities = 0x1ffffffffff, .of_host = true};
  host.has_bpf = true;
  host.config_bpf_events = true;
  host.clocksource = "tsc";
  host.tsc_stable = true;
  host.vms = 3;
  return host;
}

// The same host before anybody has heard of kvm-exits.
inline HostFacts MakeStockHost() {
  HostFacts host = MakeHost();
  for (ModuleFacts* module : {&host.kvm, &host.vendor}) {
    module->file.replace(module->file.find("updates/kvm-exits"), 17, "kernel/arch/x86/kvm");
    module->file_patched = false;
  }
  host.kvm_exits = {.name = "kvm_exits"};
  host.switches = {};
  host.debugfs.total = FileAccess::kMissing;
  host.debugfs.exits = std::nullopt;
  return host;
}

// A virtual machine in which no KVM runs, and whose host tells it its exits.
inline HostFacts MakeGuest() {
  HostFacts guest;
  guest.release = "6.1.0-guest";
  guest.has_module_tree = true;
  guest.cpu = {.vendor = "AuthenticAMD", .hypervisor = true};
  guest.kvm = {.name = "kvm", .file = "/lib/modules/6.1.0-guest/kernel/arch/x86/kvm/kvm.ko"};
  guest.kvm_exits = {.name = "kvm_exits"};
  guest.rights = {.uid = 1000, .of_host = true};
  guest.guest = {
      .hypervisor = "KVMKVMKVM", .is_guest = true, .has_signature = true, .has_counts = true};
  return guest;
}

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_FAKE_HOST_H_
