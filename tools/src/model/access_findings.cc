// SPDX-License-Identifier: GPL-2.0-only
#include "model/access_findings.h"

#include "model/kvm_findings.h"

namespace kvm_exits {
namespace {

// linux/capability.h
enum Capability : unsigned {
  kCapDacOverride = 1,
  kCapDacReadSearch = 2,
  kCapSysAdmin = 21,
  kCapPerfmon = 38,
  kCapBpf = 39,
};

bool Has(const RightsFacts& rights, Capability capability) {
  return (rights.capabilities >> capability & 1U) != 0;
}

bool MayReadDebugfs(const RightsFacts& rights) {
  return rights.of_host &&
         (rights.uid == 0U || Has(rights, kCapDacOverride) || Has(rights, kCapDacReadSearch));
}

bool MayUseBpf(const RightsFacts& rights) {
  return rights.of_host &&
         (Has(rights, kCapSysAdmin) || (Has(rights, kCapBpf) && Has(rights, kCapPerfmon)));
}

std::string Who(const RightsFacts& rights) {
  if (rights.uid == 0U) return "root";
  return rights.uid ? "user " + std::to_string(*rights.uid) : "user unknown";
}

constexpr const char* kWhoForbids =
    "'dmesg', or the log of a security module, may say who forbids it.";
constexpr const char* kRunAsRoot = "Run it as root: 'sudo kvm-exits doctor'";

// Why BPF can not be used; no text where it can.
Finding WhyNoBpf(const HostFacts& facts) {
  Finding why{"bpf", Verdict::kOk, ""};
  if (!facts.has_bpf) {
    why.found = "not possible: this kernel has no bpf(2), CONFIG_BPF_SYSCALL";
  } else if (facts.config_bpf_events == false) {
    why.found = "not possible: this kernel has no CONFIG_BPF_EVENTS";
  } else if (facts.lockdown == Lockdown::kConfidentiality) {
    why.found = "not possible: the kernel is locked down for confidentiality";
  } else if (!MayUseBpf(facts.rights)) {
    why.found = "not possible with these rights";
  } else if (!facts.tracefs.in_kernel) {
    why.found = "not possible: this kernel has no tracefs, CONFIG_TRACING";
  } else if (facts.tracefs.kvm_exit == FileAccess::kDenied) {
    why.found = "not possible: the tracepoint kvm:kvm_exit may not be read";
    why.advice = kWhoForbids;
  } else if (facts.tracefs.kvm_exit == FileAccess::kMissing && !facts.tracefs.mounted) {
    why.found = "not possible: tracefs is not mounted";
    why.advice = "'mount -t tracefs tracefs /sys/kernel/tracing'";
  } else if (facts.tracefs.kvm_exit == FileAccess::kMissing) {
    why.found = "not possible: there is no tracepoint kvm:kvm_exit";
  }
  return why;
}

}  // namespace

bool CanUseBpf(const HostFacts& facts) { return CanRunVms(facts) && WhyNoBpf(facts).found.empty(); }

Finding FindDebugfs(const HostFacts& facts) {
  const DebugfsFacts& debugfs = facts.debugfs;
  if (debugfs.exits) return {"debugfs", Verdict::kOk, "mounted, kvm_exits can be read"};
  // Nobody misses it where nothing is in it.
  const Verdict missed = facts.kvm_exits.loaded ? Verdict::kProblem : Verdict::kNote;
  if (!debugfs.in_kernel) {
    return {"debugfs", missed,
            debugfs.off_by_cmdline ? "off, by the kernel's command line" : "not in this kernel",
            std::string(debugfs.off_by_cmdline ? "Reboot without 'debugfs=off'."
                                               : "It needs CONFIG_DEBUG_FS.") +
                " Without it: CPUID in guests, 'info stats' of QEMU, dmesg."};
  }
  if (!debugfs.mounted && debugfs.total == FileAccess::kMissing) {
    return {"debugfs", missed, "not mounted", "'mount -t debugfs debugfs /sys/kernel/debug'"};
  }
  // FindRights() says what to do.
  if (!MayReadDebugfs(facts.rights)) {
    return {"debugfs", missed, "mounted, but not to be read by " + Who(facts.rights)};
  }
  if (debugfs.total == FileAccess::kDenied) {
    return {"debugfs", missed, "mounted, but kvm_exits may not be read", kWhoForbids};
  }
  if (!facts.kvm_exits.loaded) {
    return {"debugfs", Verdict::kOk, "mounted; without kvm_exits, no exits are in it"};
  }
  return {"debugfs", Verdict::kProblem,
          debugfs.total == FileAccess::kReadable
              ? "mounted, but kvm_exits/total has no number in it"
              : "mounted, but without kvm_exits' files",
          "'rmmod kvm_exits', 'modprobe kvm_exits', and see 'dmesg'."};
}

Finding FindLockdown(const HostFacts& facts) {
  if (!facts.lockdown) {
    return {"lockdown", Verdict::kNote, "not known, as /sys/kernel/security/lockdown is not there"};
  }
  switch (*facts.lockdown) {
    case Lockdown::kNone:
      return {"lockdown", Verdict::kOk, "none"};
    case Lockdown::kIntegrity:
      return {"lockdown", Verdict::kNote,
              "integrity: modules must be signed, and kvm_exits/log can not be written; all else "
              "works",
              "In place of the log: 'echo 1 > /sys/module/kvm_exits/parameters/log'"};
    case Lockdown::kConfidentiality:
      return {"lockdown", Verdict::kNote,
              "confidentiality: no BPF, modules must be signed, and kvm_exits/log can not be "
              "written; all else of kvm_exits works",
              "In place of the log: 'echo 1 > /sys/module/kvm_exits/parameters/log'"};
  }
  return {};
}

Finding FindRights(const HostFacts& facts) {
  const RightsFacts& rights = facts.rights;
  const std::string who = Who(rights);
  if (!rights.of_host) {
    return {"rights", Verdict::kProblem, who + " in a container, who has no rights on the host",
            "Run it on the host, outside of this container."};
  }
  const bool debugfs = MayReadDebugfs(rights);
  const bool bpf = MayUseBpf(rights);
  if (debugfs && bpf) {
    return {"rights", Verdict::kOk, who + ", who may read debugfs and use BPF"};
  }
  if (debugfs) {
    return {"rights", Verdict::kNote, who + ", who may read debugfs, but not use BPF",
            "BPF needs CAP_BPF and CAP_PERFMON."};
  }
  return {"rights", Verdict::kProblem,
          who + (bpf ? ", who may use BPF, but not read debugfs"
                     : ", who may neither read debugfs nor use BPF"),
          kRunAsRoot};
}

Finding FindBpf(const HostFacts& facts) {
  Finding finding = WhyNoBpf(facts);
  if (finding.found.empty()) {
    finding.found = "possible, on the tracepoint kvm:kvm_exit";
    return finding;
  }
  finding.verdict = facts.debugfs.exits ? Verdict::kNote : Verdict::kProblem;
  return finding;
}

}  // namespace kvm_exits
