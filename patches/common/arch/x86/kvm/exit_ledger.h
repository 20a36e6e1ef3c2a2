/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a vCPU's time goes: a ledger, in which each change of state books the
 * cycles since the last one.  See Documentation/virt/kvm/x86/exit-counters.rst.
 *
 * What is here is on the way of every VM exit: patched out while the ledger is
 * off, and then as few instructions as it takes.
 */
#ifndef ARCH_X86_KVM_EXIT_LEDGER_H
#define ARCH_X86_KVM_EXIT_LEDGER_H

#include <linux/jump_label.h>
#include <linux/kvm_host.h>

#include <asm/kvm_exit_counters.h>
#include <asm/msr.h>

#ifdef CONFIG_KVM_EXIT_COUNTERS

/**
 * struct kvm_exit_histogram - how long the exits for one reason took
 * @exits: by bin, see kvm_exit_histogram_bin()
 * @rcu: for who counts while it is taken away
 */
struct kvm_exit_histogram {
	u64 exits[EXIT_HISTOGRAM_BINS];
	struct rcu_head rcu;
};

/**
 * struct kvm_exit_account - what is booked to one exit reason
 * @histogram: of the durations, if they are wanted and there was one
 * @row: where the time went
 */
struct kvm_exit_account {
	struct kvm_exit_histogram *histogram;
	struct kvm_exit_ledger_row row;
};

/**
 * struct kvm_exit_ledger - what has been booked for one vCPU
 * @account: that of the last exit
 * @clock: the TSC at the last booking, or EXIT_LEDGER_SLOW
 * @entered: the TSC at the last VM entry, stored before that is booked
 * @exited: the TSC at the last VM exit, stored before that is booked
 * @cycles: those of each state, of all rows; those of the kernel are the rest
 * @state: what the vCPU does, where @clock does not say it
 * @sequence: odd while the slow ways book
 * @begun: something was booked, if only nothing
 * @last: the TSC at the last booking, where @clock does not say it
 * @first: the TSC at the first booking, earlier by what the clock has lost
 * @lost: cycles by which the TSC was seen to run backwards
 * @of_exit: cycles since the last exit that are booked, but for those of the fast ways
 * @without_histogram: of an exit that there was no histogram for
 * @duration: how long it took
 * @missed: exits that are in no histogram, for want of memory
 * @rcu: for who books while it is taken away
 * @accounts: by slot of the exit reason; the last is for what no exit has caused
 *
 * Only the vCPU's thread writes it, and never while it could lose its CPU in the
 * middle, so who reads it does not wait long.  What is read belongs together if the
 * sequence was even and is the same after it, and the later of @entered and @exited is
 * then what @clock was before it: x86 lets stores be seen in the order in which they are
 * made.  The later one says also whether the guest runs, where the clock does not say
 * that it does something else.
 */
struct kvm_exit_ledger {
	struct kvm_exit_account *account;
	u64 clock;
	u64 entered;
	u64 exited;
	u64 cycles[EXIT_LEDGER_STATES];
	unsigned int state;
	unsigned int sequence;
	bool begun;
	u64 last;
	u64 first;
	u64 lost;
	u64 of_exit;
	struct kvm_exit_account *without_histogram;
	u64 duration;
	u64 missed;
	struct rcu_head rcu;
	struct kvm_exit_account accounts[];
};

/*
 * A clock that is half of its range away from any time that the TSC will show, so that
 * one comparison finds whatever takes more than entries and exits that follow each
 * other do: the ledger has not begun, or has booked something since the last exit; or
 * else the TSC ran backwards.
 */
#define EXIT_LEDGER_SLOW	BIT_ULL(63)

DECLARE_STATIC_KEY_FALSE(kvm_exit_ledger_on);
DECLARE_STATIC_KEY_FALSE(kvm_exit_histogram_on);

void __kvm_exit_ledger_enter(struct kvm_vcpu *vcpu, u64 now);
void __kvm_exit_ledger_exit(struct kvm_vcpu *vcpu, unsigned long slot, u64 now);
void __kvm_exit_ledger_no_entry(struct kvm_vcpu *vcpu);
void __kvm_exit_ledger_move(struct kvm_vcpu *vcpu, unsigned int state);
void __kvm_exit_ledger_leave(struct kvm_vcpu *vcpu, int r);
void __kvm_exit_ledger_sched_out(struct kvm_vcpu *vcpu);
void __kvm_exit_ledger_sched_in(struct kvm_vcpu *vcpu);
struct kvm_exit_ledger *kvm_exit_ledger_of(struct kvm_vcpu *vcpu);
void kvm_exit_histogram_allocate(struct kvm_vcpu *vcpu);
void __kvm_exit_histogram_add(struct kvm_vcpu *vcpu, struct kvm_exit_account *account,
			      u64 cycles);

/* The first two bins share what is below four cycles, as if there was such a thing. */
static __always_inline unsigned int kvm_exit_histogram_bin(u64 cycles)
{
	unsigned int power;

	cycles |= 2;
	power = __fls(cycles);

	return (cycles >> (power - 1)) + 2 * power - 4;
}

/* Not part of what readers find consistent: an exit is a number in a bin. */
static __always_inline void kvm_exit_histogram_add(struct kvm_vcpu *vcpu,
						   struct kvm_exit_account *account,
						   u64 cycles)
{
	struct kvm_exit_histogram *h = READ_ONCE(account->histogram);

	if (unlikely(!h)) {
		__kvm_exit_histogram_add(vcpu, account, cycles);
		return;
	}

	/* Racy, but a reader sees the old or the new number. */
	data_race(h->exits[kvm_exit_histogram_bin(cycles)]++);
}

/*
 * Racy, as whoever reads notices and reads again; WRITE_ONCE() would be an instruction
 * more where something is added.
 */
#define ledger_store(what, value)	data_race((what) = (value))
/* Racy as well. */
#define ledger_add(what, cycles)	data_race((what) += (cycles))

/* Right before the VM entry, with interrupts disabled. */
static __always_inline void kvm_exit_ledger_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_account *account;
	struct kvm_exit_ledger *l;
	u64 now, cycles;

	if (!static_branch_unlikely(&kvm_exit_ledger_on))
		return;

	l = READ_ONCE(vcpu->arch.exit_ledger);
	now = rdtsc();
	cycles = now - l->clock;
	if (unlikely((s64)cycles < 0)) {
		__kvm_exit_ledger_enter(vcpu, now);
		return;
	}

	account = l->account;
	ledger_store(l->entered, now);
	barrier();
	ledger_add(account->row.cycles[EXIT_LEDGER_KERNEL], cycles);
	if (cycles > account->row.longest)
		ledger_store(account->row.longest, cycles);
	barrier();
	ledger_store(l->clock, now);

	if (static_branch_unlikely(&kvm_exit_histogram_on))
		kvm_exit_histogram_add(vcpu, account, cycles);
}

/* Right after a VM exit, with interrupts disabled. */
static __always_inline void kvm_exit_ledger_exit(struct kvm_vcpu *vcpu,
						 unsigned long slot)
{
	struct kvm_exit_ledger *l;
	u64 now, cycles;

	if (!static_branch_unlikely(&kvm_exit_ledger_on))
		return;

	l = READ_ONCE(vcpu->arch.exit_ledger);
	now = rdtsc();
	cycles = now - l->clock;
	if (unlikely((s64)cycles < 0)) {
		__kvm_exit_ledger_exit(vcpu, slot, now);
		return;
	}

	ledger_store(l->exited, now);
	barrier();
	ledger_add(l->account->row.cycles[EXIT_LEDGER_GUEST], cycles);
	ledger_add(l->cycles[EXIT_LEDGER_GUEST], cycles);
	ledger_store(l->account, &l->accounts[slot]);
	barrier();
	ledger_store(l->clock, now);
}

/* A VM entry has failed, and left no VM exit. */
static inline void kvm_exit_ledger_no_entry(struct kvm_vcpu *vcpu)
{
	if (static_branch_unlikely(&kvm_exit_ledger_on))
		__kvm_exit_ledger_no_entry(vcpu);
}

/* What is neither an entry nor an exit is not on the way of most exits. */
static inline void kvm_exit_ledger_move(struct kvm_vcpu *vcpu, unsigned int state)
{
	if (static_branch_unlikely(&kvm_exit_ledger_on))
		__kvm_exit_ledger_move(vcpu, state);
}

/* Where the vCPU loses and gets back its CPU. */
static inline void kvm_exit_ledger_sched_out(struct kvm_vcpu *vcpu)
{
	if (static_branch_unlikely(&kvm_exit_ledger_on))
		__kvm_exit_ledger_sched_out(vcpu);
}

static inline void kvm_exit_ledger_sched_in(struct kvm_vcpu *vcpu)
{
	if (static_branch_unlikely(&kvm_exit_ledger_on))
		__kvm_exit_ledger_sched_in(vcpu);
}

/* What could not be done in the middle of an entry: to get memory. */
static inline void kvm_exit_histogram_service_request(struct kvm_vcpu *vcpu)
{
	if (kvm_check_request(KVM_REQ_EXIT_HISTOGRAM, vcpu))
		kvm_exit_histogram_allocate(vcpu);
}

/* KVM_RUN returns @r. */
static inline void kvm_exit_ledger_leave(struct kvm_vcpu *vcpu, int r)
{
	if (static_branch_unlikely(&kvm_exit_ledger_on))
		__kvm_exit_ledger_leave(vcpu, r);
}

/* What the vCPU does. */
static inline unsigned int kvm_exit_ledger_state(const struct kvm_exit_ledger *l)
{
	if (l->clock == EXIT_LEDGER_SLOW)
		return l->state;

	return l->entered > l->exited ? EXIT_LEDGER_GUEST : EXIT_LEDGER_KERNEL;
}

/* The TSC at the last booking. */
static inline u64 kvm_exit_ledger_last(const struct kvm_exit_ledger *l)
{
	u64 clock = READ_ONCE(l->clock);

	return clock == EXIT_LEDGER_SLOW ? READ_ONCE(l->last) : clock;
}

/* How far the books are, which is what a reader looks at before and after it reads. */
struct kvm_exit_ledger_mark {
	unsigned int sequence;
	u64 clock;
};

static inline struct kvm_exit_ledger_mark
kvm_exit_ledger_begin_reading(const struct kvm_exit_ledger *l)
{
	struct kvm_exit_ledger_mark mark;

	mark.sequence = READ_ONCE(l->sequence) & ~1u;
	/* The clock is that of this sequence number, or of a later one. */
	smp_rmb();
	mark.clock = READ_ONCE(l->clock);
	/* What is read now was booked by then, or is found to be of a later booking. */
	smp_rmb();

	return mark;
}

/* False if something was booked meanwhile. */
static inline bool kvm_exit_ledger_end_reading(const struct kvm_exit_ledger *l,
					       struct kvm_exit_ledger_mark mark)
{
	/* If any of what was read is of a later booking, so is what is read now. */
	smp_rmb();

	return READ_ONCE(l->sequence) == mark.sequence &&
	       (mark.clock == EXIT_LEDGER_SLOW ||
		mark.clock == max(READ_ONCE(l->entered), READ_ONCE(l->exited)));
}

void kvm_exit_ledger_module_init(void);
void kvm_exit_ledger_init_vcpu(struct kvm_vcpu *vcpu);
void kvm_exit_ledger_create_vcpu(struct kvm_exit_counters_vm *vm,
				 struct kvm_vcpu *vcpu);
void kvm_exit_ledger_free_vcpu(struct kvm_vcpu *vcpu);
bool kvm_exit_ledger_is_wanted(void);

void kvm_exit_times_create_vm(struct kvm_exit_counters_vm *vm);
int kvm_exit_times_remember_vm(struct kvm_exit_counters_vm *vm, gfp_t gfp);
void kvm_exit_times_forget_vm(struct kvm_exit_counters_vm *vm);
void kvm_exit_times_end_vm(struct kvm_exit_counters_vm *vm);
void kvm_exit_times_add_ended_vm(struct kvm_exit_counters_vm *vm,
				 struct kvm_exit_times *times);
void kvm_exit_times_module_exit(void);

bool kvm_exit_ledger_is_told(void);
u64 kvm_exit_ledger_cycles(struct kvm_exit_counters_vm *vm);
u64 kvm_exit_ledger_cycles_of_state(struct kvm_exit_counters_vm *vm,
				    unsigned int state);
u64 kvm_exit_ledger_cycles_of_slot(struct kvm_exit_counters_vm *vm,
				   unsigned int slot);

#else

static __always_inline void kvm_exit_ledger_enter(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_ledger_move(struct kvm_vcpu *vcpu, unsigned int state) {}
static inline void kvm_exit_ledger_sched_out(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_ledger_sched_in(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_ledger_leave(struct kvm_vcpu *vcpu, int r) {}
static inline void kvm_exit_histogram_service_request(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_times_module_exit(void) {}
static inline void kvm_exit_ledger_module_init(void) {}
static inline void kvm_exit_ledger_init_vcpu(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_ledger_free_vcpu(struct kvm_vcpu *vcpu) {}

#endif /* CONFIG_KVM_EXIT_COUNTERS */

#endif /* ARCH_X86_KVM_EXIT_LEDGER_H */
