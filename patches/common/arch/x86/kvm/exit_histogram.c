// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long VM exits take: a histogram of durations for each exit reason that occurs,
 * while the ledger of the time is on.
 */
#include <linux/kstrtox.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "exit_counters.h"
#include "exit_counters_glue.h"

/* Serializes who switches, which sleeps for nobody. */
static DEFINE_MUTEX(exit_histogram_mutex);
/* Changed under it; whether there may be histograms. */
static bool exit_histogram_wanted;

/* Whether entries look for one. */
DEFINE_STATIC_KEY_FALSE(kvm_exit_histogram_on);
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exit_histogram_on);

/*
 * No memory can be had in the middle of an entry.  So the duration waits in the ledger
 * until the vCPU comes by where it can, which is before the next entry.
 */
void __kvm_exit_histogram_add(struct kvm_vcpu *vcpu, struct kvm_exit_account *account,
			      u64 cycles)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);

	if (!l)
		return;

	if (l->without_histogram)
		WRITE_ONCE(l->missed, l->missed + 1);
	l->without_histogram = account;
	l->duration = cycles;
	kvm_make_request(KVM_REQ_EXIT_HISTOGRAM, vcpu);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(__kvm_exit_histogram_add);

/* The vCPU's thread, which does nothing else with the ledger at this moment. */
static void install(struct kvm_exit_ledger *l, struct kvm_exit_histogram **h)
{
	struct kvm_exit_account *account = l->without_histogram;

	l->without_histogram = NULL;
	if (!account || !READ_ONCE(exit_histogram_wanted))
		return;

	if (!account->histogram) {
		if (!*h) {
			WRITE_ONCE(l->missed, l->missed + 1);
			return;
		}
		/* Who sees it sees zeros in it. */
		smp_store_release(&account->histogram, *h);
		*h = NULL;
	}
	account->histogram->exits[kvm_exit_histogram_bin(l->duration)]++;
}

void kvm_exit_histogram_allocate(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_counters_vm *vm = exit_counters_of(vcpu->kvm);
	struct kvm_exit_histogram *h;
	struct kvm_exit_ledger *l;

	h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);

	spin_lock(&vm->lock);
	l = kvm_exit_ledger_of(vcpu);
	if (l)
		install(l, &h);
	spin_unlock(&vm->lock);

	kfree(h);
}

/* False if there is no such vCPU. */
static bool remove_histograms(struct kvm_exit_counters_vm *vm, unsigned int vcpu_index)
{
	struct kvm_exit_histogram *h;
	struct kvm_exit_ledger *l;
	struct kvm_vcpu *vcpu;
	unsigned int i;

	spin_lock(&vm->lock);
	vcpu = vm->kvm ? kvm_get_vcpu(vm->kvm, vcpu_index) : NULL;
	l = vcpu ? kvm_exit_ledger_of(vcpu) : NULL;
	for (i = 0; l && i < EXIT_LEDGER_ROWS; i++) {
		h = l->accounts[i].histogram;
		WRITE_ONCE(l->accounts[i].histogram, NULL);
		kfree_rcu(h, rcu);
	}
	if (l)
		WRITE_ONCE(l->missed, 0);
	spin_unlock(&vm->lock);

	return vcpu;
}

static void remove_all_histograms(void)
{
	struct kvm_exit_counters_vm *vm = NULL;
	unsigned int i;

	while ((vm = kvm_exit_counters_next_vm(vm))) {
		for (i = 0; remove_histograms(vm, i); i++)
			cond_resched();
	}
}

static int exit_histogram_set(const char *text, const struct kernel_param *kp)
{
	bool on;
	int r;

	r = kstrtobool(text, &on);
	if (r)
		return r;

	mutex_lock(&exit_histogram_mutex);
	if (on != exit_histogram_wanted) {
		WRITE_ONCE(exit_histogram_wanted, on);
		if (on) {
			static_branch_enable(&kvm_exit_histogram_on);
		} else {
			static_branch_disable(&kvm_exit_histogram_on);
			remove_all_histograms();
		}
	}
	mutex_unlock(&exit_histogram_mutex);

	return 0;
}

static const struct kernel_param_ops exit_histogram_ops = {
	.set = exit_histogram_set,
	.get = param_get_bool,
};

module_param_cb(exit_counters_histogram, &exit_histogram_ops, &exit_histogram_wanted,
		0644);
MODULE_PARM_DESC(exit_counters_histogram,
		 "Keep histograms of VM exits' durations, while exit_counters_time is on");

static unsigned int add_bins(const struct kvm_exit_histogram *h,
			     u64 exits[EXIT_HISTOGRAM_BINS])
{
	unsigned int bin;

	for (bin = 0; bin < EXIT_HISTOGRAM_BINS; bin++)
		exits[bin] += READ_ONCE(h->exits[bin]);

	return 1;
}

/**
 * kvm_exit_counters_read_durations - how long a vCPU's exits for one reason took
 * @vm: its VM
 * @i: its index, in the order of creation, from 0
 * @slot: of the exit reason
 * @exits: by duration, from kvm_exit_histogram_begin_of() cycles on
 * @missed: exits for any reason that are in no histogram, for want of memory
 *
 * Return: how many histograms that are, 0 or more; -ENODATA if the ledger or the
 * histograms are off, -ENODEV if the VM has ended, -ENOENT if it has no such vCPU.
 */
int kvm_exit_counters_read_durations(struct kvm_exit_counters_vm *vm, unsigned int i,
				     unsigned int slot,
				     u64 exits[EXIT_HISTOGRAM_BINS], u64 *missed)
{
	const struct kvm_exit_histogram *h;
	const struct kvm_exit_ledger *l;
	struct kvm_vcpu *vcpu;
	int r = -ENODATA;

	memset(exits, 0, EXIT_HISTOGRAM_BINS * sizeof(*exits));

	spin_lock(&vm->lock);
	vcpu = vm->kvm ? kvm_get_vcpu(vm->kvm, i) : NULL;
	l = vcpu ? kvm_exit_ledger_of(vcpu) : NULL;
	if (!vcpu) {
		r = vm->kvm ? -ENOENT : -ENODEV;
	} else if (l && READ_ONCE(exit_histogram_wanted)) {
		*missed = READ_ONCE(l->missed);
		r = 0;
		for (i = 0; i < EXIT_COUNTERS_SLOTS; i++) {
			h = READ_ONCE(l->accounts[i].histogram);
			if (h && kvm_exit_counters_shown_slot(i) == slot)
				r += add_bins(h, exits);
		}
	}
	spin_unlock(&vm->lock);

	/* The first two bins share what is below four cycles. */
	exits[0] += exits[1];
	exits[1] = 0;
	return r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_durations);
