// SPDX-License-Identifier: GPL-2.0-only
/* While the ledger is off. */
#define kvm_exit_ledger_on_IS	false
#define kvm_exit_histogram_on_IS	false

#include "exit_counters.h"
#include "svm/exit_slots.h"

#include "exit_loops.h"
#include "reasons.h"

void count_vmx_exits(struct kvm_vcpu *vcpu, u64 exits)
{
	const u8 failed = 0;
	u32 reason;

	for_each_exit(reason, vmx_reasons, exits)
		kvm_count_vmx_exit(vcpu, reason, &failed);
}

void count_svm_exits(struct kvm_vcpu *vcpu, u64 exits)
{
	u32 reason;

	for_each_exit(reason, svm_reasons, exits)
		kvm_count_svm_exit(vcpu, reason);
}
