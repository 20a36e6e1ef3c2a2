// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where vCPUs' time goes: what the ledger books beside VM entries and exits, how
 * it is switched on and off, and how it is read.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kstrtox.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/tsc.h>

#include "exit_counters.h"
#include "exit_counters_glue.h"

#define LEDGER_SIZE	offsetof(struct kvm_exit_ledger, accounts[EXIT_LEDGER_ROWS])

/*
 * What a vCPU has that has no ledger: nothing is written to it, as its clock is half of its
 * range away from any TSC, see fault_of_tsc().
 */
static struct kvm_exit_ledger no_ledger = { .clock = EXIT_LEDGER_SLOW };

/* Whether any vCPU has another. */
DEFINE_STATIC_KEY_FALSE(kvm_exit_ledger_on);
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exit_ledger_on);

/* Serializes who switches, which sleeps for nobody but RCU. */
static DEFINE_MUTEX(exit_ledger_mutex);
/* Changed under it; whether vCPUs that are made have a ledger. */
static bool exit_ledger_wanted;
/* Under it as well: until then, the above is only a wish. */
static bool exit_ledger_initialized;

static bool __read_mostly exit_counters_cpuid_time;
module_param(exit_counters_cpuid_time, bool, 0644);
MODULE_PARM_DESC(exit_counters_cpuid_time,
		 "Tell guests the cycles of their VM exits as well, if they are told their exits");

/*
 * The slow ways.  With preemption disabled, so that who reads finds an odd sequence
 * for some instructions only, and who takes the ledger away can wait for RCU.
 */
static void begin_booking(struct kvm_exit_ledger *l)
{
	WRITE_ONCE(l->sequence, l->sequence + 1);
	/* Seen before anything of the booking, see kvm_exit_ledger_end_reading(). */
	smp_wmb();
}

static void end_booking(struct kvm_exit_ledger *l)
{
	/* Seen after all of the booking. */
	smp_wmb();
	WRITE_ONCE(l->sequence, l->sequence + 1);
}

/*
 * Book the time until @now to the state that has been.  The ledger begins at its
 * first booking, and with nothing: what was before may have begun when it was not
 * there.  A clock that ran backwards has lost time that nobody can book.
 */
static void book(struct kvm_exit_ledger *l, unsigned int state, u64 now)
{
	u64 cycles = now - kvm_exit_ledger_last(l);
	struct kvm_exit_ledger_row *row;

	if (!l->begun) {
		WRITE_ONCE(l->first, now);
		WRITE_ONCE(l->begun, true);
	} else if ((s64)cycles < 0) {
		WRITE_ONCE(l->lost, l->lost - cycles);
		WRITE_ONCE(l->first, l->first + cycles);
	} else {
		row = &l->account->row;
		WRITE_ONCE(row->cycles[state], row->cycles[state] + cycles);
		if (state != EXIT_LEDGER_KERNEL)
			WRITE_ONCE(l->cycles[state], l->cycles[state] + cycles);
		if (state != EXIT_LEDGER_GUEST && state != EXIT_LEDGER_STOPPED)
			l->of_exit += cycles;
	}
	WRITE_ONCE(l->clock, now);
}

/* The vCPU enters or exits its guest now: the other of the two is past, whatever the TSC. */
static void set_entered(struct kvm_exit_ledger *l)
{
	WRITE_ONCE(l->entered, l->clock);
	WRITE_ONCE(l->exited, 0);
}

static void set_exited(struct kvm_exit_ledger *l)
{
	WRITE_ONCE(l->exited, l->clock);
	WRITE_ONCE(l->entered, 0);
}

/* The vCPU does something now that the clock does not say. */
static void set_state(struct kvm_exit_ledger *l, unsigned int state)
{
	WRITE_ONCE(l->last, l->clock);
	WRITE_ONCE(l->state, state);
	WRITE_ONCE(l->clock, EXIT_LEDGER_SLOW);
}

/* NULL if there is none. */
struct kvm_exit_ledger *kvm_exit_ledger_of(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = READ_ONCE(vcpu->arch.exit_ledger);

	return l == &no_ledger ? NULL : l;
}

void __kvm_exit_ledger_enter(struct kvm_vcpu *vcpu, u64 now)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);
	struct kvm_exit_account *account;
	u64 duration;

	if (!l)
		return;

	account = l->account;
	begin_booking(l);
	book(l, EXIT_LEDGER_KERNEL, now);
	duration = l->of_exit;
	l->of_exit = 0;
	if (duration > account->row.longest)
		WRITE_ONCE(account->row.longest, duration);
	set_entered(l);
	end_booking(l);

	if (static_branch_unlikely(&kvm_exit_histogram_on) &&
	    account != &l->accounts[EXIT_LEDGER_NO_EXIT])
		kvm_exit_histogram_add(vcpu, account, duration);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(__kvm_exit_ledger_enter);

void __kvm_exit_ledger_exit(struct kvm_vcpu *vcpu, unsigned long slot, u64 now)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);

	if (!l)
		return;

	begin_booking(l);
	book(l, EXIT_LEDGER_GUEST, now);
	WRITE_ONCE(l->account, &l->accounts[slot]);
	set_exited(l);
	end_booking(l);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(__kvm_exit_ledger_exit);

/* The processor has refused to enter: the guest has not run, and not exited. */
void __kvm_exit_ledger_no_entry(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);

	if (!l)
		return;

	begin_booking(l);
	WRITE_ONCE(l->account, &l->accounts[EXIT_LEDGER_NO_EXIT]);
	book(l, EXIT_LEDGER_KERNEL, rdtsc());
	set_state(l, EXIT_LEDGER_KERNEL);
	end_booking(l);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(__kvm_exit_ledger_no_entry);

static void move(struct kvm_exit_ledger *l, unsigned int state)
{
	begin_booking(l);
	book(l, kvm_exit_ledger_state(l), rdtsc());
	set_state(l, state);
	end_booking(l);
}

void __kvm_exit_ledger_move(struct kvm_vcpu *vcpu, unsigned int state)
{
	struct kvm_exit_ledger *l;

	preempt_disable();
	l = kvm_exit_ledger_of(vcpu);
	if (l)
		move(l, state);
	preempt_enable();
}

/*
 * With work for userspace, or for no exit's sake.  The VMM can write to vcpu->run at any
 * time; one that does so now confuses its own time in the VMM with its time stopped.
 */
void __kvm_exit_ledger_leave(struct kvm_vcpu *vcpu, int r)
{
	bool stopped = r == -EINTR || r == -EAGAIN ||
		       READ_ONCE(vcpu->run->exit_reason) == KVM_EXIT_DEBUG;

	__kvm_exit_ledger_move(vcpu, stopped ? EXIT_LEDGER_STOPPED : EXIT_LEDGER_VMM);
}

/*
 * A halted vCPU stays that, and userspace's time is userspace's.  A ledger does not
 * begin here: it can not tell yet what the vCPU sleeps for.
 */
void __kvm_exit_ledger_sched_out(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);

	if (l && l->begun && is_scheduled_out(vcpu) &&
	    kvm_exit_ledger_state(l) == EXIT_LEDGER_KERNEL)
		move(l, vcpu->preempted ? EXIT_LEDGER_PREEMPTED :
					  EXIT_LEDGER_WAITING);
}

void __kvm_exit_ledger_sched_in(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);

	if (l && (kvm_exit_ledger_state(l) == EXIT_LEDGER_PREEMPTED ||
		  kvm_exit_ledger_state(l) == EXIT_LEDGER_WAITING))
		move(l, EXIT_LEDGER_KERNEL);
}

/* False if there is a ledger already, or none wanted. */
static bool install(struct kvm_vcpu *vcpu, struct kvm_exit_ledger *l)
{
	if (!READ_ONCE(exit_ledger_wanted) ||
	    READ_ONCE(vcpu->arch.exit_ledger) != &no_ledger)
		return false;

	l->state = EXIT_LEDGER_KERNEL;
	l->account = &l->accounts[EXIT_LEDGER_NO_EXIT];
	l->clock = EXIT_LEDGER_SLOW;
	/* Who sees it sees what it has been initialized to. */
	smp_store_release(&vcpu->arch.exit_ledger, l);
	return true;
}

bool kvm_exit_ledger_is_wanted(void)
{
	return READ_ONCE(exit_ledger_wanted);
}

/* Before anybody can run it. */
void kvm_exit_ledger_init_vcpu(struct kvm_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.exit_ledger, &no_ledger);
}

/* Without memory the vCPU has none, and its time is not in the sum. */
static int add_ledger(struct kvm_exit_counters_vm *vm, struct kvm_vcpu *vcpu,
		      unsigned int i)
{
	struct kvm_exit_ledger *l;
	int r = 0;

	/* Who makes a vCPU pays for it, who throws the switch does not pay for all. */
	l = kvzalloc(LEDGER_SIZE, vcpu ? GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!l)
		return -ENOMEM;

	spin_lock(&vm->lock);
	if (!vcpu && vm->kvm)
		vcpu = kvm_get_vcpu(vm->kvm, i);
	if (!vcpu)
		r = -ENOENT;
	else if (install(vcpu, l))
		l = NULL;
	spin_unlock(&vm->lock);

	kvfree(l);
	return r;
}

/* When nothing runs it, reads it, or looks for it in its VM. */
void kvm_exit_ledger_free_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = kvm_exit_ledger_of(vcpu);
	unsigned int i;

	for (i = 0; l && i < EXIT_LEDGER_ROWS; i++)
		kfree(l->accounts[i].histogram);
	kvfree(l);
}

void kvm_exit_ledger_create_vcpu(struct kvm_exit_counters_vm *vm,
				 struct kvm_vcpu *vcpu)
{
	if (READ_ONCE(exit_ledger_wanted))
		add_ledger(vm, vcpu, 0);
}

static int add_ledgers(struct kvm_exit_counters_vm *vm)
{
	unsigned int i = 0;
	int r;

	r = kvm_exit_times_remember_vm(vm, GFP_KERNEL);
	while (!r)
		r = add_ledger(vm, NULL, i++);

	return r == -ENOENT ? 0 : r;
}

/* False if there is no such vCPU.  Who books now is in a section that RCU waits for. */
static bool remove_ledger(struct kvm_exit_counters_vm *vm, unsigned int i)
{
	struct kvm_exit_ledger *l = NULL;
	struct kvm_vcpu *vcpu;

	spin_lock(&vm->lock);
	vcpu = vm->kvm ? kvm_get_vcpu(vm->kvm, i) : NULL;
	if (vcpu) {
		l = kvm_exit_ledger_of(vcpu);
		WRITE_ONCE(vcpu->arch.exit_ledger, &no_ledger);
	}
	spin_unlock(&vm->lock);

	if (l) {
		for (i = 0; i < EXIT_LEDGER_ROWS; i++)
			kfree_rcu(l->accounts[i].histogram, rcu);
		kvfree_rcu(l, rcu);
	}
	return vcpu;
}

static void remove_ledgers(struct kvm_exit_counters_vm *vm)
{
	unsigned int i = 0;

	while (remove_ledger(vm, i++))
		cond_resched();
	kvm_exit_times_forget_vm(vm);
}

static void switch_off(void)
{
	struct kvm_exit_counters_vm *vm = NULL;

	WRITE_ONCE(exit_ledger_wanted, false);
	static_branch_disable(&kvm_exit_ledger_on);
	while ((vm = kvm_exit_counters_next_vm(vm)))
		remove_ledgers(vm);
	kvm_exit_counters_forget_times();
}

/*
 * A TSC that starts with 0 takes a century to get half of its range on; one that was set to
 * there would make clocks of that look like EXIT_LEDGER_SLOW, and the other way round.
 */
static const char *fault_of_tsc(void)
{
	if (check_tsc_unstable())
		return "not stable";
	if (rdtsc() >= EXIT_LEDGER_SLOW)
		return "2^63 or above";

	return NULL;
}

static int switch_on(void)
{
	struct kvm_exit_counters_vm *vm = NULL;
	const char *fault = fault_of_tsc();
	int r;

	if (fault) {
		pr_warn("exit_counters_time: the TSC of this machine is %s\n", fault);
		return -EOPNOTSUPP;
	}

	WRITE_ONCE(exit_ledger_wanted, true);
	r = kvm_exit_counters_keep_times();
	while (!r && (vm = kvm_exit_counters_next_vm(vm)))
		r = add_ledgers(vm);
	if (vm)
		kvm_exit_counters_put_vm(vm);
	if (r) {
		switch_off();
		return r;
	}

	static_branch_enable(&kvm_exit_ledger_on);
	return 0;
}

/*
 * KVM is loaded, or its turn has come at boot: before that, there may be neither memory
 * nor a TSC that is known, and another parameter may yet keep KVM from loading.  What
 * is refused does not: it is off.
 */
void __init kvm_exit_ledger_module_init(void)
{
	mutex_lock(&exit_ledger_mutex);
	exit_ledger_initialized = true;
	if (exit_ledger_wanted) {
		WRITE_ONCE(exit_ledger_wanted, false);
		switch_on();
	}
	mutex_unlock(&exit_ledger_mutex);
}

static int exit_counters_time_set(const char *text, const struct kernel_param *kp)
{
	bool on;
	int r;

	r = kstrtobool(text, &on);
	if (r)
		return r;

	mutex_lock(&exit_ledger_mutex);
	if (!exit_ledger_initialized) {
		exit_ledger_wanted = on;
	} else if (on != exit_ledger_wanted) {
		if (on)
			r = switch_on();
		else
			switch_off();
	}
	mutex_unlock(&exit_ledger_mutex);

	return r;
}

static const struct kernel_param_ops exit_counters_time_ops = {
	.set = exit_counters_time_set,
	.get = param_get_bool,
};

module_param_cb(exit_counters_time, &exit_counters_time_ops, &exit_ledger_wanted,
		0644);
MODULE_PARM_DESC(exit_counters_time, "Account for the time of vCPUs, per exit reason");

static u64 cycles_in_exit(const struct kvm_exit_ledger_row *row)
{
	u64 cycles = 0;
	unsigned int state;

	for (state = 0; state < EXIT_LEDGER_STATES; state++) {
		if (state != EXIT_LEDGER_GUEST && state != EXIT_LEDGER_STOPPED)
			cycles += row->cycles[state];
	}

	return cycles;
}

static u64 cycles_in_exits_for(const struct kvm_exit_ledger *l, unsigned int slot)
{
	return cycles_in_exit(&l->accounts[slot].row);
}

static u64 cycles_in_state(const struct kvm_exit_ledger *l, unsigned int state)
{
	u64 cycles;

	if (state != EXIT_LEDGER_KERNEL)
		return l->cycles[state];

	cycles = kvm_exit_ledger_last(l) - l->first;
	for (state = 0; state < EXIT_LEDGER_STATES; state++)
		cycles -= l->cycles[state];

	return cycles;
}

/* Without what no exit has caused. */
static u64 cycles_in_exits(const struct kvm_exit_ledger *l, unsigned int unused)
{
	return kvm_exit_ledger_last(l) - l->first - l->cycles[EXIT_LEDGER_GUEST] -
	       l->cycles[EXIT_LEDGER_STOPPED] -
	       cycles_in_exit(&l->accounts[EXIT_LEDGER_NO_EXIT].row);
}

/*
 * What guests are told: the sum over the vCPUs, each as it was at one moment.  It is
 * racy to look, but what was seen is not taken if something was booked meanwhile.
 */
static __always_inline u64
sum_of_vcpus(struct kvm_exit_counters_vm *vm,
	     u64 (*cycles)(const struct kvm_exit_ledger *l, unsigned int arg),
	     unsigned int arg)
{
	const struct kvm_exit_ledger *l;
	struct kvm_vcpu *vcpu;
	struct kvm_exit_ledger_mark mark;
	u64 of_vcpu, sum = 0;

	for_each_vcpu_of(vcpu, vm) {
		rcu_read_lock();
		l = READ_ONCE(vcpu->arch.exit_ledger);
		if (READ_ONCE(l->begun)) {
			do {
				mark = kvm_exit_ledger_begin_reading(l);
				/* Racy: what is not of one moment is not taken. */
				of_vcpu = data_race(cycles(l, arg));
			} while (!kvm_exit_ledger_end_reading(l, mark));
			sum += of_vcpu;
		}
		rcu_read_unlock();
		cond_resched();
	}

	return sum;
}

u64 kvm_exit_ledger_cycles(struct kvm_exit_counters_vm *vm)
{
	return sum_of_vcpus(vm, cycles_in_exits, 0);
}

u64 kvm_exit_ledger_cycles_of_state(struct kvm_exit_counters_vm *vm,
				    unsigned int state)
{
	return sum_of_vcpus(vm, cycles_in_state,
			    array_index_nospec(state, EXIT_LEDGER_STATES));
}

u64 kvm_exit_ledger_cycles_of_slot(struct kvm_exit_counters_vm *vm,
				   unsigned int slot)
{
	return sum_of_vcpus(vm, cycles_in_exits_for, slot);
}

bool kvm_exit_ledger_is_told(void)
{
	return static_key_enabled(&kvm_exit_ledger_on) &&
	       READ_ONCE(exit_counters_cpuid_time);
}
