// SPDX-License-Identifier: GPL-2.0-only
/* While the ledger is on, and histograms are off. */
#define kvm_exit_ledger_on_IS	true
#define kvm_exit_histogram_on_IS	false

#include "exit_counters.h"

#include "exit_loops.h"
#include "reasons.h"

void count_and_book_exits(struct kvm_vcpu *vcpu, u64 exits)
{
	const u8 failed = 0;
	u32 reason;

	for_each_exit(reason, vmx_reasons, exits) {
		kvm_count_vmx_exit(vcpu, reason, &failed);
		kvm_exit_ledger_enter(vcpu);
	}
}
