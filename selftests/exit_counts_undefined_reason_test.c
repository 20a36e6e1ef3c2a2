// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the manual does not define is told apart from what did not happen.
 */
#include "exit_counts.h"
#include "kvm_test_harness.h"

static const struct leaf undefined = { .rdx = 0xffffffff };
static const struct leaf never = { 0 };

/* From above the table's end to the last one, where sign and width matter. */
static const u32 high_reasons[] = {
	1024, 4095, 4096, 0x7fff, 0x8000, 0xffff, 0x10000, 0x1000a, 0x10001,
	0x7fffffff, 0x80000000, 0x80000021, 0x8000000a, 0xfffffffe, 0xffffffff,
};

static void guest_assert_undefined(u32 reason)
{
	GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, reason,
			     guest_cpuid(LEAF_EXITS_OF_REASON, reason),
			     undefined);
}

static void guest_code_named(void)
{
	guest_assert_undefined(444);
	guest_assert_undefined(35);
	guest_assert_undefined(38);
	guest_assert_undefined(42);
	guest_assert_undefined(71);
	guest_assert_undefined(82);
	guest_assert_undefined(83);
	guest_assert_undefined(86);
	guest_assert_undefined(87);
	guest_assert_undefined(0xffffffff);
	GUEST_DONE();
}

static void guest_code_all(void)
{
	unsigned int i;
	u32 reason;

	for (reason = 0; reason < 1024; reason++) {
		if (reason_is_defined(reason))
			guest_exits_of(reason);
		else
			guest_assert_undefined(reason);
	}

	for (i = 0; i < ARRAY_SIZE(high_reasons); i++)
		guest_assert_undefined(high_reasons[i]);

	GUEST_DONE();
}

/* INIT, RSM, and WRMSR with an immediate: KVM does not let a guest take them. */
static void guest_code_never(void)
{
	GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, 3,
			     guest_cpuid(LEAF_EXITS_OF_REASON, 3), never);
	GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, 17,
			     guest_cpuid(LEAF_EXITS_OF_REASON, 17), never);
	GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, 85,
			     guest_cpuid(LEAF_EXITS_OF_REASON, 85), never);
	GUEST_DONE();
}

KVM_ONE_VCPU_TEST_SUITE(undefined_reason);

KVM_ONE_VCPU_TEST(undefined_reason, named, guest_code_named)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

KVM_ONE_VCPU_TEST(undefined_reason, all, guest_code_all)
{
	u64 counts[NR_BUCKETS];
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);

	/* To ask for one is not to take one. */
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(counts[UNKNOWN_BUCKET], 0);
	TEST_ASSERT_EQ(counts[EXIT_REASON_CPUID],
		       1024 + ARRAY_SIZE(high_reasons));
}

KVM_ONE_VCPU_TEST(undefined_reason, defined_but_never_taken, guest_code_never)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
