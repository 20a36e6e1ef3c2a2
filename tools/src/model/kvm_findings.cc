// SPDX-License-Identifier: GPL-2.0-only
#include "model/kvm_findings.h"

namespace kvm_exits {
namespace {

// Secure Boot locks the kernel down, which then wants to know who has signed a module: dkms does
// so with a key of this machine's own.
std::string IfRefused(const HostFacts& facts) {
  if (!facts.lockdown || *facts.lockdown == Lockdown::kNone) return "";
  return " If the kernel refuses its key: 'mokutil --import /var/lib/dkms/mok.pub', then reboot.";
}

// Below /lib/modules/<release>, where the kernel's own are in kernel/ and all others
// elsewhere.
bool IsKernelsOwn(const HostFacts& facts, const ModuleFacts& module) {
  return module.file.starts_with("/lib/modules/" + facts.release + "/kernel/");
}

// Whether there should be VMs to see.  A VM that is told its own exits has enough.
bool ExpectsVms(const HostFacts& facts) {
  return HasVirtualization(facts) && !facts.guest.has_counts;
}

bool IsPatchedFile(const ModuleFacts& module) { return module.file_patched.value_or(false); }

}  // namespace

bool HasVirtualization(const HostFacts& facts) { return facts.cpu.vmx || facts.cpu.svm; }

bool CanRunVms(const HostFacts& facts) { return facts.kvm.loaded && facts.vendor.loaded; }

bool IsPatched(const HostFacts& facts) {
  return facts.kvm.loaded && facts.switches.cpuid.has_value();
}

Finding FindCpu(const HostFacts& facts) {
  const CpuFacts& cpu = facts.cpu;
  const std::string vendor = cpu.vendor.empty() ? "" : " (" + cpu.vendor + ")";
  if (cpu.vmx || cpu.svm) {
    return {"cpu", Verdict::kOk,
            (cpu.vmx ? "VMX" : "SVM") + vendor +
                (cpu.hypervisor ? ", given to this virtual machine by its host" : "")};
  }
  if (cpu.hypervisor) {
    return {"cpu", Verdict::kNote,
            "no VMX or SVM" + vendor + ": this is a virtual machine without nesting",
            "Only if VMs are to run in it: 'nested=1' for kvm_intel or kvm_amd on its host, and "
            "'-cpu host' for this VM."};
  }
  return {"cpu", Verdict::kProblem, "no VMX or SVM" + vendor,
          "Switch on virtualization (VT-x, SVM) in the firmware's setup."};
}

Finding FindKvm(const HostFacts& facts) {
  const Verdict if_not = ExpectsVms(facts) ? Verdict::kProblem : Verdict::kNote;
  std::string load =
      "'modprobe " + facts.vendor.name + "'; if it fails, 'dmesg' says why." + IfRefused(facts);
  if (facts.guest.is_guest) load = "If VMs are to run here: " + load;
  if (!HasVirtualization(facts)) load.clear();
  if (!facts.kvm.loaded) return {"kvm", if_not, "not loaded", load};
  const std::string loaded = facts.kvm.built_in ? "built in" : "loaded";
  if (!facts.vendor.loaded) {
    const std::string vendor = facts.vendor.name.empty() ? ", but neither kvm_intel nor kvm_amd is"
                                                         : ", but " + facts.vendor.name + " is not";
    return {"kvm", if_not, "kvm is " + loaded + vendor + ": no VM can run", load};
  }
  const std::string both = "kvm and " + facts.vendor.name + " are " + loaded;
  if (!facts.has_dev_kvm) {
    return {"kvm", Verdict::kNote, both + ", but there is no /dev/kvm: no VM can start here",
            "A container needs '--device /dev/kvm'; on a host, 'dmesg' says why."};
  }
  return {"kvm", Verdict::kOk, both + ", /dev/kvm is there"};
}

Finding FindKvmFile(const HostFacts& facts) {
  const ModuleFacts& kvm = facts.kvm;
  const bool missed = !facts.kvm.loaded && ExpectsVms(facts);
  const Verdict if_missing = missed ? Verdict::kProblem : Verdict::kNote;
  if (!facts.has_module_tree) {
    return {"kvm_file", if_missing, "the running kernel has no /lib/modules/" + facts.release,
            missed ? "If an update removed it: reboot into the kernel that is installed." : ""};
  }
  if (kvm.file.empty()) {
    return {"kvm_file", if_missing, "no kvm.ko is installed for the kernel " + facts.release,
            missed ? "Run a kernel that has one; if this one has, 'depmod' finds it." : ""};
  }
  if (!kvm.file_release.empty() && kvm.file_release != facts.release) {
    return {
        "kvm_file", Verdict::kProblem,
        kvm.file + " is for the kernel " + kvm.file_release + ", and " + facts.release + " runs",
        "'make modules modules_install' in kvm-exits builds one for this kernel."};
  }
  if (!facts.vendor.file.empty() && IsKernelsOwn(facts, kvm) != IsKernelsOwn(facts, facts.vendor)) {
    return {
        "kvm_file", Verdict::kProblem,
        kvm.file + " and " + facts.vendor.file + " are not of one build: they refuse each other",
        "'make modules_install reload' in kvm-exits installs both."};
  }
  if (facts.kvm.loaded && IsPatchedFile(kvm) && !IsPatched(facts)) {
    return {"kvm_file", Verdict::kProblem, kvm.file + " is patched, but another kvm.ko is loaded",
            "Shut down all VMs, then 'kvm-exits reload'. If that helps only until the next boot: "
            "'update-initramfs -u'." +
                IfRefused(facts)};
  }
  if (IsPatched(facts) && kvm.file_patched == false) {
    return {"kvm_file", Verdict::kProblem,
            kvm.file + " is not patched: the patched one that is loaded is gone with the next boot",
            "'make modules_install' in kvm-exits."};
  }
  if (kvm.file_loaded == false) {
    return {"kvm_file", Verdict::kNote, kvm.file + " is not the build that is loaded",
            IsPatchedFile(kvm) ? "To load it, shut down all VMs, then 'kvm-exits reload'."
                               : "An update has replaced it; the next boot loads it."};
  }
  std::string found = kvm.file;
  if (kvm.file_patched) found += *kvm.file_patched ? ", patched" : ", not patched";
  if (kvm.file_loaded == true) found += ", is loaded";
  return {"kvm_file", Verdict::kOk, found};
}

Finding FindPatches(const HostFacts& facts) {
  if (IsPatched(facts)) return {"patches", Verdict::kOk, "the loaded KVM counts VM exits"};
  if (facts.config_exit_counters == false) {
    return {"patches", Verdict::kProblem,
            "the loaded KVM is built without CONFIG_KVM_EXIT_COUNTERS",
            "Build the kernel with Kconfig.fragment of kvm-exits."};
  }
  // FindKvmFile() has said what to do.
  if (IsPatchedFile(facts.kvm)) {
    return {"patches", Verdict::kProblem, "the loaded KVM is not patched and does not count"};
  }
  return {"patches", Verdict::kNote, "the loaded KVM is not patched and does not count",
          "To have it count, install the package kvm-exits-dkms, or 'make modules "
          "modules_install' in kvm-exits; then shut down all VMs, and 'kvm-exits reload'. BPF "
          "needs no patch, see bpf."};
}

Finding FindKvmExits(const HostFacts& facts) {
  if (facts.kvm_exits.loaded) return {"kvm_exits", Verdict::kOk, "loaded"};
  if (!IsPatched(facts)) {
    return {"kvm_exits", Verdict::kNote, "not loaded; it needs a KVM that is patched"};
  }
  if (facts.kvm_exits.file.empty()) {
    return {"kvm_exits", Verdict::kProblem, "not loaded, and not installed",
            "'make modules_install' in kvm-exits, then 'modprobe kvm_exits'." + IfRefused(facts)};
  }
  return {"kvm_exits", Verdict::kProblem, "not loaded", "'modprobe kvm_exits'." + IfRefused(facts)};
}

}  // namespace kvm_exits
