// SPDX-License-Identifier: GPL-2.0-only
#include "model/diagnosis.h"

#include "model/access_findings.h"
#include "model/counting_findings.h"
#include "model/kvm_findings.h"

namespace kvm_exits {

Diagnosis Diagnose(const HostFacts& facts) {
  Diagnosis diagnosis{.sources = {.module = facts.debugfs.exits.has_value(),
                                  .bpf = CanUseBpf(facts),
                                  .cpuid = facts.guest.has_counts}};
  std::vector<Finding>& findings = diagnosis.findings;
  findings.push_back(FindCpu(facts));
  findings.push_back(FindKvm(facts));
  const bool is_module = !facts.kvm.built_in && !facts.release.empty();
  if (is_module && (facts.kvm.loaded || HasVirtualization(facts)))
    findings.push_back(FindKvmFile(facts));
  if (CanRunVms(facts)) {
    findings.push_back(FindPatches(facts));
    findings.push_back(FindKvmExits(facts));
    findings.push_back(FindDebugfs(facts));
    findings.push_back(FindLockdown(facts));
    findings.push_back(FindRights(facts));
    findings.push_back(FindBpf(facts));
    if (IsPatched(facts)) {
      findings.push_back(FindTsc(facts));
      findings.push_back(FindTime(facts));
      findings.push_back(FindGuestsTold(facts));
    }
    findings.push_back(FindVms(facts));
  }
  if (facts.guest.is_guest) findings.push_back(FindGuest(facts));
  return diagnosis;
}

}  // namespace kvm_exits
