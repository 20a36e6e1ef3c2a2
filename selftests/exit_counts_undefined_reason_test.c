// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the manual does not define is told apart from what did not happen.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

static const struct leaf undefined = { .rdx = 0xffffffff };
static const struct leaf never = { 0 };

/* Where the numbers are dense, and where sign and width matter. */
static const struct reason_range swept[] = {
	{ 0, 0x500 }, { 0xfff, 0x1000 }, { 0x7fff, 0x8000 },
	{ 0xffff, 0x10001 }, { 0x1000a, 0x1000a }, { 0x10072, 0x10072 },
	{ 0x7fffffff, 0x80000014 }, { 0x80000021, 0x80000021 },
	{ 0x80000072, 0x80000072 }, { 0xefffffff, 0xf0000004 },
	{ 0xfffffff0, 0xffffffff },
};

static void guest_assert_undefined(u32 reason)
{
	GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, reason,
			     guest_cpuid(LEAF_EXITS_OF_REASON, reason),
			     undefined);
}

static void guest_code_named(void)
{
	const u32 *undefined = exit_isa()->undefined;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exit_isa()->undefined); i++)
		guest_assert_undefined(undefined[i]);
	GUEST_DONE();
}

static void guest_code_all(void)
{
	unsigned int i;
	u64 nr = 0;
	u64 reason;

	for (i = 0; i < ARRAY_SIZE(swept); i++) {
		for (reason = swept[i].first; reason <= swept[i].last; reason++) {
			if (reason_is_defined(reason))
				guest_exits_of(reason);
			else
				guest_assert_undefined(reason);
			nr++;
		}
	}
	GUEST_SYNC1(nr);
}

static void guest_code_never(void)
{
	const u32 *reasons = exit_isa()->never;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exit_isa()->never); i++)
		GUEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, reasons[i],
				     guest_cpuid(LEAF_EXITS_OF_REASON, reasons[i]),
				     never);
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

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_SYNC);

	/* To ask for one is not to take one. */
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(counts[UNKNOWN_BUCKET], 0);
	TEST_ASSERT_EQ(counts[bucket_of(EXIT_CPUID)], uc.args[0]);
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
