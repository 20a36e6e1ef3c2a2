// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guests are told of their time: the leaves of cycles.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

static struct leaf total, of_state[NR_LEDGER_STATES], of_wbinvd, of_unknown, no_state;
static u32 features;

static void read_leaves(u32 wbinvd)
{
	unsigned int state;

	features = guest_cpuid(LEAF_FEATURES, 0).rax;
	total = guest_cpuid(LEAF_CYCLES_TOTAL, 0);
	for (state = 0; state < NR_LEDGER_STATES; state++)
		of_state[state] = guest_cpuid(LEAF_CYCLES_IN_STATE, state);
	no_state = guest_cpuid(LEAF_CYCLES_IN_STATE, NR_LEDGER_STATES);
	of_wbinvd = guest_cpuid(LEAF_CYCLES_OF_REASON, wbinvd);
	of_unknown = guest_cpuid(LEAF_CYCLES_OF_REASON, 444);
}

static void guest_code_reads(u32 wbinvd)
{
	for (;;) {
		read_leaves(wbinvd);
		GUEST_SYNC(0);
	}
}

/* One exit of its own before it ends in another. */
static void guest_code_reads_total(void)
{
	total = guest_cpuid(LEAF_CYCLES_TOTAL, 0);
	GUEST_SYNC(0);
}

static void guest_code_flushes(void)
{
	unsigned int i;

	for (;;) {
		/* For who writes it next, the host has mapped it. */
		total.rax = 0;
		for (i = 0; i < 10; i++)
			asm volatile("wbinvd" : : : "memory");
		GUEST_SYNC(0);
	}
}

FIXTURE(cycles)
{
	struct kvm_vm *vm;
	struct kvm_vcpu *reader, *other;
};

FIXTURE_SETUP(cycles)
{
	write_file(PARAM_TIME, "Y");
	write_file(PARAM_CPUID_TIME, "Y");
	self->vm = vm_create(2);
	self->reader = vm_vcpu_add(self->vm, 0, guest_code_reads);
	self->other = vm_vcpu_add(self->vm, 1, guest_code_flushes);
	vcpu_args_set(self->reader, 1, reason_of(EXIT_WBINVD));
}

FIXTURE_TEARDOWN(cycles)
{
	kvm_vm_free(self->vm);
	write_file(PARAM_TIME, "N");
	write_file(PARAM_CPUID_TIME, "N");
}

/* EBX and ECX, and nothing else. */
static u64 cycles_of(struct leaf l)
{
	TEST_ASSERT(!l.rax && !(l.rbx >> 32) && !(l.rcx >> 32) && !l.rdx,
		    "No cycles: " LEAF_FMT, l.rax, l.rbx, l.rcx, l.rdx);
	return l.rbx << 32 | l.rcx;
}

static void run_reader(struct kvm_vcpu *reader)
{
	struct ucall uc;

	run_until_ucall(reader, &uc);
	sync_global_from_guest(reader->vm, total);
	sync_global_from_guest(reader->vm, of_state);
	sync_global_from_guest(reader->vm, no_state);
	sync_global_from_guest(reader->vm, of_wbinvd);
	sync_global_from_guest(reader->vm, of_unknown);
	sync_global_from_guest(reader->vm, features);
}

/* Of a vCPU that does nothing meanwhile, to the cycle. */
TEST_F(cycles, equal_debugfs)
{
	const struct leaf none = { .rdx = 0xffffffff };
	struct ledger_row row;
	struct ucall uc;

	run_until_ucall(self->other, &uc);
	read_vcpu_row(self->other, reason_of(EXIT_WBINVD), &row);
	run_reader(self->reader);
	TEST_ASSERT(features & FEATURE_CYCLES, "Features %x", features);
	TEST_ASSERT(row.cycles, "WBINVD took no time");
	TEST_ASSERT_EQ(cycles_of(of_wbinvd), row.cycles);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_OF_REASON, 444, of_unknown, none);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_IN_STATE, NR_LEDGER_STATES, no_state, none);
}

/* All but those of the guest, of nobody, and of no exit. */
static u64 cycles_in_exits(struct kvm_vm *vm)
{
	struct ledger_states states;
	struct ledger_row no_exit;
	struct kvm_vcpu *vcpu;
	u64 cycles = 0;

	list_for_each_entry(vcpu, &vm->vcpus, list) {
		read_vcpu_states(vcpu, &states);
		read_vcpu_row_of_no_exit(vcpu, &no_exit);
		cycles += states.booked - states.cycles[LEDGER_GUEST] -
			  states.cycles[LEDGER_STOPPED] - no_exit.cycles;
	}

	return cycles;
}

/* Of vCPUs that run meanwhile. */
TEST_F(cycles, are_between)
{
	u64 exits_before, exits_after;
	struct ledger_states before, after;
	unsigned int state;
	struct ucall uc;
	char path[128];
	u64 cycles;

	vm_debugfs_file(self->vm, "states", path, sizeof(path));
	run_until_ucall(self->other, &uc);
	run_reader(self->reader);
	read_ledger_states(path, &before);
	exits_before = cycles_in_exits(self->vm);
	run_reader(self->reader);
	read_ledger_states(path, &after);
	exits_after = cycles_in_exits(self->vm);
	for (state = 0; state < NR_LEDGER_STATES; state++) {
		cycles = cycles_of(of_state[state]);
		TEST_ASSERT(cycles >= before.cycles[state] &&
			    cycles <= after.cycles[state],
			    "%s: %lu, in debugfs %lu before and %lu after",
			    ledger_state_names[state], cycles, before.cycles[state],
			    after.cycles[state]);
	}
	cycles = cycles_of(total);
	TEST_ASSERT(cycles > exits_before && cycles < exits_after,
		    "%lu cycles in exits, in debugfs %lu before and %lu after", cycles,
		    exits_before, exits_after);
}

/* By the rows of the reasons, without those of some. */
static u64 cycles_of_rows(struct kvm_vcpu *vcpu, const enum exit_kind *but,
			  unsigned int nr_but)
{
	u64 counts[NR_BUCKETS], cycles = 0;
	struct ledger_row row;
	unsigned int bucket, i;

	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		for (i = 0; i < nr_but && bucket != bucket_of(but[i]); i++)
			;
		if (!counts[bucket] || i < nr_but)
			continue;
		read_vcpu_row(vcpu, reason_of_bucket(bucket), &row);
		cycles += row.cycles;
	}

	return cycles;
}

/*
 * Of all exits before the one that asks, to the cycle.  That one and the exit that ends
 * the run are the last ones, unless an interrupt comes between: then it is tried again.
 */
TEST_F(cycles, total_is_sum_of_rows)
{
	static const enum exit_kind last[] = { EXIT_CPUID, EXIT_IO };
	u64 wanted = 0, told = -1;
	struct kvm_vcpu *reader, *other;
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	for (i = 0; i < 20 && told != wanted; i++) {
		vm = vm_create(2);
		reader = vm_vcpu_add(vm, 0, guest_code_reads_total);
		other = vm_vcpu_add(vm, 1, guest_code_flushes);
		run_until_ucall(other, &uc);
		run_until_ucall(reader, &uc);
		sync_global_from_guest(vm, total);
		told = cycles_of(total);
		wanted = cycles_of_rows(other, NULL, 0) +
			 cycles_of_rows(reader, last, ARRAY_SIZE(last));
		kvm_vm_free(vm);
	}
	TEST_ASSERT(told && told == wanted, "%lu cycles are told, of %lu", told, wanted);
}

static void assert_told_nothing(struct kvm_vcpu *reader)
{
	const struct leaf zeros = { 0 };
	unsigned int state;

	run_reader(reader);
	TEST_ASSERT(!(features & FEATURE_CYCLES), "Features %x", features);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_TOTAL, 0, total, zeros);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_OF_REASON, reason_of(EXIT_WBINVD), of_wbinvd,
			    zeros);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_OF_REASON, 444, of_unknown, zeros);
	for (state = 0; state < NR_LEDGER_STATES; state++)
		TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_IN_STATE, state, of_state[state], zeros);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_IN_STATE, NR_LEDGER_STATES, no_state, zeros);
}

TEST_F(cycles, zeros_while_not_told)
{
	struct ucall uc;

	run_until_ucall(self->other, &uc);
	write_file(PARAM_CPUID_TIME, "N");
	assert_told_nothing(self->reader);
	write_file(PARAM_CPUID_TIME, "Y");
	run_reader(self->reader);
	TEST_ASSERT(cycles_of(total), "No cycles, though they are told");
	write_file(PARAM_TIME, "N");
	assert_told_nothing(self->reader);
}

int main(int argc, char **argv)
{
	require_ledger();
	restore_at_exit(PARAM_CPUID_TIME);

	return test_harness_run(argc, argv);
}
