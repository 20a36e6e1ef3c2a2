// SPDX-License-Identifier: GPL-2.0-only
#include "model/counting_findings.h"

#include "model/kvm_findings.h"

namespace kvm_exits {
namespace {

std::string SetParameter(std::string_view parameter) {
  return "'echo Y > /sys/module/kvm/parameters/" + std::string(parameter) + "'";
}

}  // namespace

Finding FindTsc(const HostFacts& facts) {
  if (!facts.tsc_stable) {
    return {"tsc", Verdict::kProblem,
            "not stable, so that no time can be kept" +
                (facts.clocksource.empty() ? "" : "; the clock is " + facts.clocksource),
            "'dmesg | grep -i tsc' says why. Exits are counted without it."};
  }
  std::string found = "stable";
  if (facts.clocksource != "tsc") found += ", though the clock is " + facts.clocksource;
  // The kernel takes it all the same, and watches it.
  if (!facts.cpu.constant_tsc) found += ", without constant_tsc";
  if (!facts.cpu.nonstop_tsc) found += ", without nonstop_tsc";
  return {"tsc", Verdict::kOk, found};
}

Finding FindTime(const HostFacts& facts) {
  if (!facts.switches.time.value_or(false)) {
    return {"time", Verdict::kNote, "not kept: exit_counters_time is N",
            facts.tsc_stable ? SetParameter("exit_counters_time") : ""};
  }
  if (!facts.switches.histogram.value_or(false)) {
    return {"time", Verdict::kOk, "kept, without histograms: exit_counters_histogram is N"};
  }
  return {"time", Verdict::kOk, "kept, with histograms"};
}

Finding FindGuestsTold(const HostFacts& facts) {
  const SwitchFacts& switches = facts.switches;
  if (!switches.cpuid.value_or(false)) {
    return {"guests_told", Verdict::kNote, "no guest is told: exit_counters_cpuid is N",
            "If they may know: " + SetParameter("exit_counters_cpuid")};
  }
  const bool cycles = switches.cpuid_time.value_or(false) && switches.time.value_or(false);
  const std::string what = cycles ? "their exits and times" : "their exits, but no times";
  if (!switches.cpuid_default.value_or(false)) {
    return {"guests_told", Verdict::kNote,
            "a new guest is told nothing: exit_counters_cpuid_default is N",
            "One that may know: 'echo \"<pid>-<fd> 1\" > "
            "/sys/module/kvm_exits/parameters/guest_visible'"};
  }
  return {"guests_told", Verdict::kOk, "guests are told " + what};
}

Finding FindVms(const HostFacts& facts) {
  if (!facts.vms) return {"vms", Verdict::kNote, "not known without debugfs"};
  if (*facts.vms == 0) {
    return {"vms", Verdict::kNote, "no VM runs",
            facts.debugfs.exits ? "Those that have ended are in the host's totals." : ""};
  }
  return {"vms", Verdict::kOk,
          std::to_string(*facts.vms) + (*facts.vms == 1 ? " VM runs" : " VMs run")};
}

Finding FindGuest(const HostFacts& facts) {
  const GuestFacts& guest = facts.guest;
  if (guest.has_counts) {
    return {"guest", Verdict::kOk,
            std::string("the host tells this VM its exits, ") +
                (guest.has_cycles ? "and their times" : "but no times")};
  }
  // A host that is itself a guest has enough to show.
  const Verdict missed = CanRunVms(facts) ? Verdict::kNote : Verdict::kProblem;
  if (guest.has_signature) {
    return {"guest", missed, "the host counts, but CPUID leaf 0x4FFFFFF1 says that it does not"};
  }
  const std::string nothing = "the hypervisor " +
                              (guest.hypervisor.empty() ? "" : "\"" + guest.hypervisor + "\" ") +
                              "tells this VM no exits";
  if (guest.hypervisor.starts_with("TCG")) {
    return {"guest", HasVirtualization(facts) ? Verdict::kNote : Verdict::kProblem, nothing,
            "It is QEMU without KVM, which has none."};
  }
  // KVM also goes by the name of Hyper-V, for Windows.
  if (guest.hypervisor == "KVMKVMKVM" || guest.hypervisor == "Microsoft Hv") {
    return {"guest", missed, nothing,
            "On its host, 'kvm-exits doctor' must say patches ok and guests_told ok; this VM's "
            "own switch is 'guest_visible'."};
  }
  return {"guest", missed, nothing, "Only a KVM that is patched does."};
}

}  // namespace kvm_exits
