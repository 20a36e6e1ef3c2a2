// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPUID that KVM's emulator executes answers like one that exits.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* Those whose answer does not depend on when it is asked for. */
static const struct {
	u32 function;
	u32 index;
} constant[] = {
	{ LEAF_SIGNATURE, 0 }, { LEAF_SIGNATURE, 444 },
	{ LEAF_FEATURES, 0 }, { LEAF_FEATURES, 444 },
	{ LEAF_EXITS_OF_REASON, 2 }, { LEAF_EXITS_OF_REASON, 3 },
	{ LEAF_EXITS_OF_REASON, 35 }, { LEAF_EXITS_OF_REASON, 86 },
	{ LEAF_EXITS_OF_REASON, 444 }, { LEAF_EXITS_OF_REASON, 0x403 },
	{ LEAF_EXITS_OF_REASON, 0xfffffffe },
	{ LEAF_EXITS_OF_REASON, 0xffffffff },
	{ LEAF_SIGNATURE + 2, 0 }, { LEAF_SIGNATURE + 4, 444 },
	{ LEAF_OCCURRED, 0 }, { LEAF_OCCURRED, 1 }, { LEAF_OCCURRED, 2 },
	{ LEAF_EXITS_OF_REASON - 2, 1 },
};

static void guest_code_constant(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(constant); i++)
		GUEST_ASSERT_LEAF_EQ(constant[i].function, constant[i].index,
				     guest_emulated_cpuid(constant[i].function,
							  constant[i].index),
				     guest_cpuid(constant[i].function,
						 constant[i].index));
	GUEST_DONE();
}

/* What exits is the #UD of the prefix, that is what the hardware says. */
static void guest_code_counts(void)
{
	u32 cpuid_reason = reason_of(EXIT_CPUID);
	u32 ud_reason = reason_of(EXIT_EXCP_UD);
	u64 cpuid, ud, total;
	struct leaf l;

	for (;;) {
		cpuid = guest_exits_of(cpuid_reason);
		ud = guest_exits_of(ud_reason);

		l = guest_emulated_cpuid(LEAF_EXITS_OF_REASON, cpuid_reason);
		cpuid = guest_count_of(l, LEAF_EXITS_OF_REASON, cpuid_reason) -
			cpuid;

		l = guest_emulated_cpuid(LEAF_EXITS_OF_REASON, ud_reason);
		ud = guest_count_of(l, LEAF_EXITS_OF_REASON, ud_reason) - ud;

		total = guest_exits_total();
		l = guest_emulated_cpuid(LEAF_EXITS_TOTAL, 0);
		GUEST_SYNC4(cpuid, ud, total,
			    guest_count_of(l, LEAF_EXITS_TOTAL, 0));
	}
}

KVM_ONE_VCPU_TEST_SUITE(emulated_cpuid);

KVM_ONE_VCPU_TEST(emulated_cpuid, same_answer, guest_code_constant)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

KVM_ONE_VCPU_TEST(emulated_cpuid, counts_as_exception, guest_code_counts)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS], asynchronous;
	unsigned int bucket;
	struct ucall uc;

	/* All of what only happens the first time, #PF above all. */
	run_until_ucall(vcpu, &uc);

	read_exit_counts(vcpu, before);
	run_until_ucall(vcpu, &uc);
	read_exit_counts(vcpu, after);

	TEST_ASSERT_EQ(uc.args[0], 1);
	TEST_ASSERT_EQ(uc.args[1], 2);
	bucket = bucket_of(EXIT_CPUID);
	TEST_ASSERT_EQ(after[bucket] - before[bucket], 3);
	bucket = bucket_of(EXIT_EXCP_UD);
	TEST_ASSERT_EQ(after[bucket] - before[bucket], 3);

	asynchronous = sum_asynchronous(after) - sum_asynchronous(before);
	TEST_ASSERT(uc.args[3] > uc.args[2] &&
		    uc.args[3] <= uc.args[2] + 1 + asynchronous,
		    "total %lu, wanted %lu + 1 + at most %lu",
		    (unsigned long)uc.args[3], (unsigned long)uc.args[2],
		    (unsigned long)asynchronous);
	TEST_ASSERT(uc.args[3] <= sum_exit_counts(after) - 1,
		    "total %lu, in the end %lu", (unsigned long)uc.args[3],
		    (unsigned long)sum_exit_counts(after));
}

int main(int argc, char **argv)
{
	require_exit_counts();
	TEST_REQUIRE(file_exists(PARAM_FEP));
	restore_at_exit(PARAM_FEP);
	__TEST_REQUIRE(!try_write_file(PARAM_FEP, "1"),
		       "kvm.force_emulation_prefix is read-only");

	return test_harness_run(argc, argv);
}
