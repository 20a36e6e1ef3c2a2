// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU as far as its exits are counted and its time is booked, and what KVM does
 * where the loops never get to.
 */
#define kvm_exit_ledger_on_IS	true
#define kvm_exit_histogram_on_IS	true

#include <stdio.h>
#include <stdlib.h>

#include "exit_counters.h"

#include "exit_loops.h"
#include "reasons.h"

static void *allocate(size_t size)
{
	/* The kernel's slabs begin with a cache line, too, and are no vCPU's neighbours. */
	size_t whole = (size + 127) / 128 * 128;
	char *memory = aligned_alloc(128, whole);

	if (!memory)
		abort();
	for (size_t i = 0; i < whole; i++)
		memory[i] = 0;

	return memory;
}

/* As after a VM exit that no exit reason is known for. */
static struct kvm_exit_ledger *begin_ledger(void)
{
	struct kvm_exit_ledger *l;

	l = allocate(sizeof(*l) + EXIT_LEDGER_ROWS * sizeof(l->accounts[0]));
	l->account = &l->accounts[EXIT_LEDGER_NO_EXIT];
	for (unsigned int i = 0; i < NR_REASONS; i++) {
		struct kvm_exit_account *account = &l->accounts[vmx_reasons[i]];

		if (!account->histogram)
			account->histogram = allocate(sizeof(*account->histogram));
	}
	l->begun = true;
	l->first = l->clock = l->exited = rdtsc();

	return l;
}

struct kvm_vcpu *create_vcpu(void)
{
	struct kvm_vcpu *vcpu = allocate(sizeof(*vcpu));

	vcpu->arch.exit_ledger = begin_ledger();
	return vcpu;
}

void free_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_ledger *l = vcpu->arch.exit_ledger;

	for (unsigned int row = 0; row < EXIT_LEDGER_ROWS; row++)
		free(l->accounts[row].histogram);
	free(l);
	free(vcpu);
}

u64 counted_exits(const struct kvm_vcpu *vcpu)
{
	u64 exits = 0;

	for (unsigned int slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		exits += vcpu->stat.exit_reasons[slot];

	return exits;
}

u64 sorted_exits(const struct kvm_vcpu *vcpu)
{
	const struct kvm_exit_ledger *l = vcpu->arch.exit_ledger;
	u64 exits = 0;

	for (unsigned int row = 0; row < EXIT_LEDGER_ROWS; row++) {
		const struct kvm_exit_histogram *h = l->accounts[row].histogram;

		for (unsigned int bin = 0; h && bin < EXIT_HISTOGRAM_BINS; bin++)
			exits += h->exits[bin];
	}

	return exits;
}

u64 booked_cycles(const struct kvm_vcpu *vcpu)
{
	const struct kvm_exit_ledger *l = vcpu->arch.exit_ledger;
	u64 cycles = 0;

	for (unsigned int row = 0; row < EXIT_LEDGER_ROWS; row++) {
		for (unsigned int state = 0; state < EXIT_LEDGER_STATES; state++)
			cycles += l->accounts[row].row.cycles[state];
	}

	return cycles;
}

bool ledger_balances(const struct kvm_vcpu *vcpu)
{
	const struct kvm_exit_ledger *l = vcpu->arch.exit_ledger;

	return booked_cycles(vcpu) == kvm_exit_ledger_last(l) - l->first;
}

/*
 * The slow ways: for whatever takes more than entries and exits that follow each other
 * do, and for a TSC that runs backwards.  There is nothing to measure then.
 */
static void give_up(const char *what)
{
	fprintf(stderr, "%s was called: the TSC of this machine runs backwards\n", what);
	abort();
}

void __kvm_exit_ledger_enter(struct kvm_vcpu *vcpu, u64 now)
{
	give_up(__func__);
}

void __kvm_exit_ledger_exit(struct kvm_vcpu *vcpu, unsigned long slot, u64 now)
{
	give_up(__func__);
}

void __kvm_exit_ledger_no_entry(struct kvm_vcpu *vcpu)
{
	give_up(__func__);
}

void __kvm_exit_histogram_add(struct kvm_vcpu *vcpu, struct kvm_exit_account *account,
			      u64 cycles)
{
	give_up(__func__);
}
