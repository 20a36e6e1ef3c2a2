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

static void guest_code_flushes(void)
{
	unsigned int i;

	for (;;) {
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

/* Host cycles in exits are all but those of the guest, of nobody, and of no exit. */
TEST_F(cycles, total_is_between)
{
	struct ledger_states before, after;
	unsigned int state;
	struct ucall uc;
	char path[128];
	u64 cycles;

	vm_debugfs_file(self->vm, "states", path, sizeof(path));
	run_until_ucall(self->other, &uc);
	run_reader(self->reader);
	read_ledger_states(path, &before);
	run_reader(self->reader);
	read_ledger_states(path, &after);
	for (state = 0; state < NR_LEDGER_STATES; state++) {
		cycles = cycles_of(of_state[state]);
		TEST_ASSERT(cycles >= before.cycles[state] &&
			    cycles <= after.cycles[state],
			    "%s: %lu, in debugfs %lu before and %lu after",
			    ledger_state_names[state], cycles, before.cycles[state],
			    after.cycles[state]);
	}
	cycles = cycles_of(total);
	TEST_ASSERT(cycles && cycles <= after.booked - after.cycles[LEDGER_GUEST] -
		    after.cycles[LEDGER_STOPPED], "%lu cycles in exits", cycles);
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
