// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPUID that KVM's emulator executes answers like one that exits.
 */
#include "exit_counts.h"
#include "kvm_test_harness.h"

/* Those whose answer does not depend on when it is asked for. */
static const struct {
	u32 function;
	u32 index;
} constant[] = {
	{ LEAF_SIGNATURE, 0 }, { LEAF_SIGNATURE, 444 },
	{ LEAF_FEATURES, 0 }, { LEAF_FEATURES, 444 },
	{ LEAF_EXITS_OF_REASON, EXIT_REASON_TRIPLE_FAULT },
	{ LEAF_EXITS_OF_REASON, 3 }, { LEAF_EXITS_OF_REASON, 35 },
	{ LEAF_EXITS_OF_REASON, 86 }, { LEAF_EXITS_OF_REASON, 444 },
	{ LEAF_EXITS_OF_REASON, 0xffffffff },
	{ LEAF_SIGNATURE + 2, 0 }, { LEAF_SIGNATURE + 2, 444 },
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
	u64 cpuid, ud, total;
	struct leaf l;

	cpuid = guest_exits_of(EXIT_REASON_CPUID);
	ud = guest_exits_of(EXIT_REASON_EXCEPTION_NMI);

	l = guest_emulated_cpuid(LEAF_EXITS_OF_REASON, EXIT_REASON_CPUID);
	GUEST_ASSERT_EQ(guest_count_of(l, LEAF_EXITS_OF_REASON,
				       EXIT_REASON_CPUID), cpuid + 1);

	l = guest_emulated_cpuid(LEAF_EXITS_OF_REASON,
				 EXIT_REASON_EXCEPTION_NMI);
	GUEST_ASSERT_EQ(guest_count_of(l, LEAF_EXITS_OF_REASON,
				       EXIT_REASON_EXCEPTION_NMI), ud + 2);

	total = guest_exits_total();
	l = guest_emulated_cpuid(LEAF_EXITS_TOTAL, 0);
	GUEST_SYNC2(total, guest_count_of(l, LEAF_EXITS_TOTAL, 0));
}

KVM_ONE_VCPU_TEST_SUITE(emulated_cpuid);

KVM_ONE_VCPU_TEST(emulated_cpuid, same_answer, guest_code_constant)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

KVM_ONE_VCPU_TEST(emulated_cpuid, counts_as_exception, guest_code_counts)
{
	u64 counts[NR_BUCKETS], asynchronous;
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(counts[EXIT_REASON_CPUID], 3);
	TEST_ASSERT_EQ(counts[EXIT_REASON_EXCEPTION_NMI], 3);

	asynchronous = sum_asynchronous(counts);
	TEST_ASSERT(uc.args[1] > uc.args[0] &&
		    uc.args[1] <= uc.args[0] + 1 + asynchronous,
		    "total %lu, wanted %lu + 1 + at most %lu",
		    (unsigned long)uc.args[1], (unsigned long)uc.args[0],
		    (unsigned long)asynchronous);
	TEST_ASSERT(uc.args[1] <= sum_exit_counts(counts) - 1,
		    "total %lu, in the end %lu", (unsigned long)uc.args[1],
		    (unsigned long)sum_exit_counts(counts));
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
