// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel log tells: a guest's queries, a VM's end, the table. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kvm_exits.h"

enum {
	QUERIES_OF_A_VM = 10,
	QUERIES_OF_A_VM_SECONDS = 5,
	QUERIES_OF_A_VM_AN_HOUR = 50,
	SECONDS_AN_HOUR = 3600,
};

static bool __read_mostly log_queries = true;
module_param(log_queries, bool, 0644);
MODULE_PARM_DESC(log_queries,
		 "Log when a guest reads a count, at most 10 lines in 5 s and 50 in an hour a VM");

static bool __read_mostly log_ends = true;
module_param(log_ends, bool, 0644);
MODULE_PARM_DESC(log_ends, "Log the exits of a VM when it ends");

static unsigned int __read_mostly log_limit = 250;
module_param(log_limit, uint, 0644);
MODULE_PARM_DESC(log_limit,
		 "Lines an hour over all VMs, of queries as well as of ends (default 250)");

/*
 * VMs are free to make for whoever may open /dev/kvm, and each has limits of its
 * own.  So there is one over all of them, of which the kernel's log holds hours.
 * That of a VM in an hour leaves some of this one to others.
 */
struct limit_of_all {
	struct kvm_exit_counters_limit limit;
	/* The end of the hour in which it was said that there are more. */
	unsigned long told;
	const char *what;
};

static struct limit_of_all all_queries = {
	.limit.lock = __SPIN_LOCK_UNLOCKED(all_queries.limit.lock),
	.what = "queries",
};

static struct limit_of_all all_ends = {
	.limit.lock = __SPIN_LOCK_UNLOCKED(all_ends.limit.lock),
	.what = "ends",
};

/* False if there have been @most lines already. */
static bool take_line(struct kvm_exit_counters_limit *limit, unsigned int most,
		      unsigned int seconds)
{
	bool taken;

	spin_lock(&limit->lock);
	if (!limit->lines || time_after(jiffies, limit->ends)) {
		limit->lines = 0;
		limit->ends = jiffies + seconds * HZ;
	}
	taken = limit->lines < most;
	limit->lines += taken;
	spin_unlock(&limit->lock);

	return taken;
}

static bool take_line_of_all(struct limit_of_all *all)
{
	unsigned int most = READ_ONCE(log_limit);
	unsigned long ends;

	if (!most)
		return false;
	if (take_line(&all->limit, most, SECONDS_AN_HOUR))
		return true;

	/* Once an hour, whatever the limit becomes meanwhile. */
	ends = READ_ONCE(all->limit.ends);
	if (xchg(&all->told, ends) != ends)
		pr_info("%u lines about %s, no more in this hour (parameter log_limit)\n",
			most, all->what);
	return false;
}

static bool take_line_of_vm(struct kvm_exit_counters_vm *vm,
			    struct kvm_exit_counters_limit *limit,
			    unsigned int most, unsigned int seconds)
{
	if (take_line(limit, most, seconds))
		return true;

	/* Once a VM, whatever the vCPUs do at this moment. */
	if (!xchg(&vm->queries_told, true) && take_line_of_all(&all_queries))
		pr_info("VM %s: reads more than %u counts in %u s, not all are logged\n",
			vm->name, most, seconds);
	return false;
}

static bool query_within_limits(struct kvm_exit_counters_vm *vm)
{
	return take_line_of_vm(vm, &vm->queries, QUERIES_OF_A_VM,
			       QUERIES_OF_A_VM_SECONDS) &&
	       take_line_of_vm(vm, &vm->queries_of_hour,
			       QUERIES_OF_A_VM_AN_HOUR, SECONDS_AN_HOUR) &&
	       take_line_of_all(&all_queries);
}

/* A guest reads as often as it likes. */
void kvm_exits_log_query(struct kvm_exit_counters_vm *vm, int vcpu_id,
			 u32 function, const struct kvm_exit_reason *reason,
			 u64 count)
{
	if (!READ_ONCE(log_queries) || !query_within_limits(vm))
		return;

	if (reason)
		pr_info("VM %s vCPU %d: CPUID 0x%x, reason %s %s: %llu exits\n",
			vm->name, vcpu_id, function, reason->number, reason->name,
			count);
	else
		pr_info("VM %s vCPU %d: CPUID 0x%x: %llu exits\n", vm->name,
			vcpu_id, function, count);
}

/* Where the ledger knows: the time in exits, and the reason that took most of it. */
static void describe_times_of_ended_vm(struct kvm_exit_counters_vm *vm, char *text,
				       size_t size)
{
	unsigned int slot, most = EXIT_COUNTERS_SLOT_UNKNOWN;
	struct kvm_exit_ledger_row row;
	u64 cycles, us, most_us, most_cycles = 0, sum = 0;

	*text = '\0';
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		if (!kvm_exit_counters_row_of_ended_vm(vm, slot, &row))
			return;
		cycles = kvm_exits_cycles(&row);
		sum += cycles;
		if (cycles > most_cycles) {
			most_cycles = cycles;
			most = slot;
		}
	}

	us = kvm_exits_us(sum);
	most_us = kvm_exits_us(most_cycles);
	snprintf(text, size, "; %llu.%03llu ms in exits, most in %s %llu.%03llu",
		 us / 1000, us % 1000, kvm_exit_counters_reason(most)->name,
		 most_us / 1000, most_us % 1000);
}

/* A VM that was never run has nothing to tell. */
void kvm_exits_log_vm_end(struct kvm_exit_counters_vm *vm)
{
	unsigned int slot, most = EXIT_COUNTERS_SLOTS, least = EXIT_COUNTERS_SLOTS;
	const u64 *counts = vm->counts;
	char times[96];

	if (!READ_ONCE(log_ends))
		return;

	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		if (!counts[slot])
			continue;
		if (most == EXIT_COUNTERS_SLOTS || counts[slot] > counts[most])
			most = slot;
		if (least == EXIT_COUNTERS_SLOTS || counts[slot] < counts[least])
			least = slot;
	}

	if (most == EXIT_COUNTERS_SLOTS || !take_line_of_all(&all_ends))
		return;

	describe_times_of_ended_vm(vm, times, sizeof(times));
	pr_info("VM %s ended: %llu exits, most %s %llu, least %s %llu%s\n", vm->name,
		kvm_exits_sum(counts), kvm_exit_counters_reason(most)->name,
		counts[most], kvm_exit_counters_reason(least)->name, counts[least],
		times);
}

/* All VMs since KVM was loaded, in the order of the reasons' numbers. */
int kvm_exits_log_table(void)
{
	u64 *counts = kvm_exits_alloc_counts();
	const struct kvm_exit_reason *reason;
	unsigned int slot, never = 0;
	int r;

	if (!counts)
		return -ENOMEM;

	r = kvm_exit_counters_read_host(counts);
	if (r)
		goto out;

	pr_info("all VMs: %llu exits\n", kvm_exits_sum(counts));
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
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
out:
	kfree(counts);
	return r;
}
