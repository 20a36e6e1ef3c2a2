// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel log tells: a guest's queries, a VM's end, the table. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "kvm_exits.h"

static bool __read_mostly log_queries = true;
module_param(log_queries, bool, 0644);
MODULE_PARM_DESC(log_queries,
		 "Log when a guest reads a count, at most 10 lines in 5 s a VM");

/*
 * A guest reads as often as it likes.  Each VM has a limit of its own, so that
 * none can use up another's lines, or slow it down on a shared lock.
 */
void kvm_exits_log_query(struct kvm_exits_vm *vm, struct kvm_vcpu *vcpu,
			 u32 function, const struct kvm_exit_reason *reason,
			 u64 count)
{
	const char *vm_name = vcpu->kvm->arch.exit_counters.name;

	if (!READ_ONCE(log_queries) || !__ratelimit(&vm->queries))
		return;

	if (reason)
		pr_info("VM %s vCPU %d: CPUID 0x%x, reason %s %s: %llu exits\n",
			vm_name, vcpu->vcpu_id, function, reason->number,
			reason->name, count);
	else
		pr_info("VM %s vCPU %d: CPUID 0x%x: %llu exits\n", vm_name,
			vcpu->vcpu_id, function, count);
}

/* A VM's end is the host's doing, but VMs can be many and short-lived. */
void kvm_exits_log_vm_end(struct kvm *kvm)
{
	static DEFINE_RATELIMIT_STATE(ends, DEFAULT_RATELIMIT_INTERVAL, 100);
	unsigned int slot, most = KVM_EXIT_SLOTS, least = KVM_EXIT_SLOTS;
	u64 *counts;

	if (!__ratelimit(&ends))
		return;

	counts = kvm_exits_alloc_counts();
	if (!counts)
		return;

	kvm_exit_counters_read_vm(kvm, counts);
	for (slot = 0; slot < KVM_EXIT_SLOTS; slot++) {
		if (!counts[slot])
			continue;
		if (most == KVM_EXIT_SLOTS || counts[slot] > counts[most])
			most = slot;
		if (least == KVM_EXIT_SLOTS || counts[slot] < counts[least])
			least = slot;
	}

	if (most == KVM_EXIT_SLOTS)
		pr_info("VM %s ended: 0 exits\n", kvm->arch.exit_counters.name);
	else
		pr_info("VM %s ended: %llu exits, most %s %llu, least %s %llu\n",
			kvm->arch.exit_counters.name, kvm_exits_sum(counts),
			kvm_exit_counters_reason(most)->name, counts[most],
			kvm_exit_counters_reason(least)->name, counts[least]);
	kfree(counts);
}

/* All VMs since KVM was loaded, in the order of the reasons' numbers. */
int kvm_exits_log_table(void)
{
	u64 *counts = kvm_exits_alloc_counts();
	const struct kvm_exit_reason *reason;
	unsigned int slot, never = 0;

	if (!counts)
		return -ENOMEM;

	kvm_exit_counters_read_host(counts);
	pr_info("all VMs: %llu exits\n", kvm_exits_sum(counts));
	for (slot = 0; slot < KVM_EXIT_SLOTS; slot++) {
		reason = kvm_exit_counters_reason(slot);
		if (!reason)
			continue;
		if (counts[slot])
			pr_info("%6s %-20s %20llu\n", reason->number,
				reason->name, counts[slot]);
		else
			never++;
	}
	pr_info("%u other reasons: 0 exits\n", never);
	kfree(counts);
	return 0;
}
