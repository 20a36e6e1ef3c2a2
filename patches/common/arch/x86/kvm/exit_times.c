// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where vCPUs' time went, for the host to read: of a vCPU, of a VM, of all VMs, those that
 * have ended included.
 */
#include <linux/kvm_host.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "exit_counters.h"
#include "exit_counters_glue.h"

#define COPY_SIZE	offsetof(struct ledger_copy, ledger.accounts[EXIT_LEDGER_ROWS])

/* What is read of a ledger, and of which rows. */
struct ledger_copy {
	unsigned int nr_rows;
	u8 rows[EXIT_LEDGER_ROWS];
	struct kvm_exit_ledger ledger;
};

/*
 * The rows of the reasons that have occurred, for a copy of all takes too long to
 * find no booking made meanwhile.  An exit is counted before any time is booked to
 * it, but for the guest's, which is booked to the row of the exit before.
 */
static bool list_rows(struct kvm_vcpu *vcpu, struct ledger_copy *copy)
{
	unsigned int slot, nr = 0;

	copy->rows[nr++] = EXIT_LEDGER_NO_EXIT;
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		if (READ_ONCE(vcpu->stat.exit_reasons[slot]))
			copy->rows[nr++] = slot;
	}
	swap(copy->nr_rows, nr);

	return copy->nr_rows == nr;
}

static bool copy_ledger_once(struct kvm_vcpu *vcpu, const struct kvm_exit_ledger *l,
			     struct ledger_copy *copy)
{
	struct kvm_exit_ledger_mark mark = kvm_exit_ledger_begin_reading(l);
	unsigned int i, row;

	copy->ledger.clock = mark.clock;
	copy->ledger.entered = READ_ONCE(l->entered);
	copy->ledger.exited = READ_ONCE(l->exited);
	copy->ledger.state = READ_ONCE(l->state);
	copy->ledger.begun = READ_ONCE(l->begun);
	copy->ledger.last = READ_ONCE(l->last);
	copy->ledger.first = READ_ONCE(l->first);
	copy->ledger.lost = READ_ONCE(l->lost);
	for (i = 0; i < copy->nr_rows; i++) {
		row = copy->rows[i];
		/* Racy: what is not of one moment is not taken. */
		copy->ledger.accounts[row].row = data_race(l->accounts[row].row);
	}

	return kvm_exit_ledger_end_reading(l, mark) && list_rows(vcpu, copy);
}

/* Not for ever, as others may wait for the VM's lock: a vCPU can book all the time. */
static bool copy_ledger(struct kvm_vcpu *vcpu, const struct kvm_exit_ledger *l,
			struct ledger_copy *copy)
{
	unsigned int tries;

	copy->nr_rows = 0;
	list_rows(vcpu, copy);
	for (tries = 0; tries < 100; tries++) {
		if (copy_ledger_once(vcpu, l, copy))
			return true;
		cpu_relax();
	}

	return false;
}

static unsigned int shown_row(unsigned int row)
{
	return row == EXIT_LEDGER_NO_EXIT ? row : kvm_exit_counters_shown_slot(row);
}

static void add_row(const struct kvm_exit_ledger_row *from,
		    struct kvm_exit_ledger_row *to)
{
	unsigned int state;

	for (state = 0; state < EXIT_LEDGER_STATES; state++)
		to->cycles[state] += from->cycles[state];
	to->longest = max(to->longest, from->longest);
}

static void add_copy(const struct ledger_copy *copy, struct kvm_exit_times *times)
{
	const struct kvm_exit_ledger *l = &copy->ledger;
	unsigned int i;
	s64 open;

	if (!l->begun)
		return;

	times->booked += kvm_exit_ledger_last(l) - l->first;
	times->lost += l->lost;
	for (i = 0; i < copy->nr_rows; i++)
		add_row(&l->accounts[copy->rows[i]].row,
			&times->rows[shown_row(copy->rows[i])]);

	open = rdtsc() - kvm_exit_ledger_last(l);
	if (open > 0)
		times->open[kvm_exit_ledger_state(l)] += open;
}

static void add_times(const struct kvm_exit_times *from, struct kvm_exit_times *to)
{
	unsigned int i;

	to->booked += from->booked;
	to->lost += from->lost;
	for (i = 0; i < EXIT_LEDGER_STATES; i++)
		to->open[i] += from->open[i];
	for (i = 0; i < EXIT_LEDGER_ROWS; i++)
		add_row(&from->rows[i], &to->rows[i]);
}

static int copy_vcpu_of(struct kvm_exit_counters_vm *vm, unsigned int i,
			struct ledger_copy *copy)
{
	const struct kvm_exit_ledger *l;
	struct kvm_vcpu *vcpu;

	lockdep_assert_held(&vm->lock);

	if (!vm->kvm)
		return -ENODEV;
	vcpu = kvm_get_vcpu(vm->kvm, i);
	if (!vcpu)
		return -ENOENT;
	l = kvm_exit_ledger_of(vcpu);
	if (!l)
		return -ENODATA;

	return copy_ledger(vcpu, l, copy) ? 0 : -EAGAIN;
}

static int add_vcpu_of(struct kvm_exit_counters_vm *vm, unsigned int i,
		       struct ledger_copy *copy, struct kvm_exit_times *times)
{
	int r;

	do {
		spin_lock(&vm->lock);
		r = copy_vcpu_of(vm, i, copy);
		spin_unlock(&vm->lock);
		cond_resched();
		if (r == -EAGAIN && fatal_signal_pending(current))
			r = -EINTR;
	} while (r == -EAGAIN);

	if (!r)
		add_copy(copy, times);
	return r;
}

/**
 * kvm_exit_counters_read_vcpu_times - where the time of a vCPU went
 * @vm: its VM
 * @i: its index, in the order of creation, from 0
 * @times: what is read
 *
 * Return: 0; -ENODATA if the ledger is off, -ENODEV if the VM has ended, -ENOENT
 * if it has no such vCPU, -ENOMEM, -EINTR if the caller is killed.
 */
int kvm_exit_counters_read_vcpu_times(struct kvm_exit_counters_vm *vm,
				      unsigned int i, struct kvm_exit_times *times)
{
	struct ledger_copy *copy = kvmalloc(COPY_SIZE, GFP_KERNEL);
	int r;

	if (!copy)
		return -ENOMEM;

	memset(times, 0, sizeof(*times));
	r = add_vcpu_of(vm, i, copy, times);
	kvfree(copy);
	return r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_vcpu_times);

static int add_vcpus_of(struct kvm_exit_counters_vm *vm, struct ledger_copy *copy,
			struct kvm_exit_times *times)
{
	unsigned int i = 0;
	int r;

	do {
		r = add_vcpu_of(vm, i++, copy, times);
	} while (!r || r == -ENODATA);

	return r == -ENOENT ? 0 : r;
}

/**
 * kvm_exit_counters_read_vm_times - where the time of a VM's vCPUs went
 * @vm: the VM
 * @times: what is read
 *
 * Return: 0; -ENODATA if the ledger is off, -ENODEV if the VM has ended, -ENOMEM,
 * -EINTR if the caller is killed.
 */
int kvm_exit_counters_read_vm_times(struct kvm_exit_counters_vm *vm,
				    struct kvm_exit_times *times)
{
	struct ledger_copy *copy;
	int r;

	if (!static_key_enabled(&kvm_exit_ledger_on))
		return READ_ONCE(vm->ended) ? -ENODEV : -ENODATA;
	copy = kvmalloc(COPY_SIZE, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	memset(times, 0, sizeof(*times));
	r = add_vcpus_of(vm, copy, times);
	kvfree(copy);
	return r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_vm_times);

/* The sum of a VM, which it keeps when it has ended. */
int kvm_exit_times_remember_vm(struct kvm_exit_counters_vm *vm, gfp_t gfp)
{
	struct kvm_exit_times *times = kvzalloc(sizeof(*times), gfp);

	if (!times)
		return -ENOMEM;

	spin_lock(&vm->lock);
	if (kvm_exit_ledger_is_wanted() && !vm->times)
		swap(vm->times, times);
	spin_unlock(&vm->lock);

	kvfree(times);
	return 0;
}

/* Without memory, the VM's time is not in the host's sum when it has ended. */
void kvm_exit_times_create_vm(struct kvm_exit_counters_vm *vm)
{
	if (kvm_exit_ledger_is_wanted())
		kvm_exit_times_remember_vm(vm, GFP_KERNEL_ACCOUNT);
}

void kvm_exit_times_forget_vm(struct kvm_exit_counters_vm *vm)
{
	struct kvm_exit_times *times = NULL;

	spin_lock(&vm->lock);
	swap(vm->times, times);
	spin_unlock(&vm->lock);
	kvfree(times);
}

void kvm_exit_times_module_exit(void)
{
	kvm_exit_counters_forget_times();
}

static void add_ended_vcpu(const struct kvm_exit_ledger *l, struct kvm_exit_times *times)
{
	unsigned int i;

	if (!l->begun)
		return;

	times->booked += kvm_exit_ledger_last(l) - l->first;
	times->lost += l->lost;
	for (i = 0; i < EXIT_LEDGER_ROWS; i++)
		add_row(&l->accounts[i].row, &times->rows[shown_row(i)]);
}

/* Nobody runs the VM's vCPUs any more, and @vm->times is not read before it has ended. */
void kvm_exit_times_end_vm(struct kvm_exit_counters_vm *vm)
{
	const struct kvm_exit_ledger *l;
	struct kvm_vcpu *vcpu;

	for_each_vcpu_of(vcpu, vm) {
		spin_lock(&vm->lock);
		l = kvm_exit_ledger_of(vcpu);
		if (l && vm->times)
			add_ended_vcpu(l, vm->times);
		spin_unlock(&vm->lock);
		cond_resched();
	}
}

/* What an ended VM has spent, if that is known. */
void kvm_exit_times_add_ended_vm(struct kvm_exit_counters_vm *vm,
				 struct kvm_exit_times *times)
{
	spin_lock(&vm->lock);
	if (vm->times)
		add_times(vm->times, times);
	spin_unlock(&vm->lock);
}

/**
 * kvm_exit_counters_row_of_ended_vm - where the time for one exit reason went
 * @vm: a VM that has ended
 * @slot: of the exit reason, or EXIT_LEDGER_NO_EXIT
 * @row: what is read
 *
 * Return: false if that is not known, as the ledger is or was off.
 */
bool kvm_exit_counters_row_of_ended_vm(struct kvm_exit_counters_vm *vm,
				       unsigned int slot,
				       struct kvm_exit_ledger_row *row)
{
	bool known;

	spin_lock(&vm->lock);
	known = vm->times && slot < EXIT_LEDGER_ROWS;
	if (known)
		*row = vm->times->rows[slot];
	spin_unlock(&vm->lock);

	return known;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_row_of_ended_vm);

/**
 * kvm_exit_counters_read_host_times - where the time of all VMs' vCPUs went
 * @times: what is read, VMs that have ended since the switch was thrown included
 *
 * Return: 0; -ENODATA if the ledger is off, -ENOMEM, -EINTR if the caller is killed.
 */
int kvm_exit_counters_read_host_times(struct kvm_exit_times *times)
{
	struct kvm_exit_counters_vm *vm = NULL;
	struct kvm_exit_times *of_vm;
	u64 vms_ended;
	int r = 0;

	if (!static_key_enabled(&kvm_exit_ledger_on))
		return -ENODATA;
	of_vm = kvmalloc(sizeof(*of_vm), GFP_KERNEL);
	if (!of_vm)
		return -ENOMEM;

	vms_ended = kvm_exit_counters_begin_host_reading(NULL, times);
	while ((vm = kvm_exit_counters_next_vm_since(vm, vms_ended))) {
		r = kvm_exit_counters_read_vm_times(vm, of_vm);
		if (!r) {
			add_times(of_vm, times);
		} else if (r == -ENODEV) {
			kvm_exit_times_add_ended_vm(vm, times);
		} else if (r == -ENOMEM || r == -EINTR) {
			kvm_exit_counters_put_vm(vm);
			break;
		}
	}
	kvm_exit_counters_end_host_reading();

	kvfree(of_vm);
	return r == -ENOMEM || r == -EINTR ? r : 0;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_host_times);
