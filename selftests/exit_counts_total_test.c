// SPDX-License-Identifier: GPL-2.0-only
/*
 * The total is the sum of the reasons, at all times.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

#define ROUNDS		200

static void guest_code_reads_total(void)
{
	for (;;)
		GUEST_SYNC1(guest_exits_total());
}

static void guest_code_reads_both(void)
{
	unsigned int bucket;
	u64 sum, total;
	u32 reason;

	for (;;) {
		sum = 0;
		for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++) {
			reason = reason_of_bucket(bucket);
			if (reason != NO_REASON)
				sum += guest_exits_of(reason);
		}
		total = guest_exits_total();
		GUEST_SYNC2(sum, total);
	}
}

KVM_ONE_VCPU_TEST_SUITE(total);

/*
 * The host knows the sum before the guest is entered; the guest's first exit
 * is the one that asks for the total.  Asynchronous exits can come before
 * that, but do not in every round.
 */
KVM_ONE_VCPU_TEST(total, is_sum_of_host, guest_code_reads_total)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS], sum, asynchronous;
	unsigned int i, nr_exact = 0;
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	read_exit_counts(vcpu, after);

	for (i = 0; i < ROUNDS; i++) {
		memcpy(before, after, sizeof(before));
		sum = sum_exit_counts(before);

		run_until_ucall(vcpu, &uc);
		read_exit_counts(vcpu, after);
		asynchronous = sum_asynchronous(after) - sum_asynchronous(before);

		TEST_ASSERT(uc.args[0] >= sum + 1 &&
			    uc.args[0] <= sum + 1 + asynchronous,
			    "total %lu, wanted %lu + 1 + at most %lu",
			    (unsigned long)uc.args[0], (unsigned long)sum,
			    (unsigned long)asynchronous);

		/* The ucall was the last exit of all. */
		TEST_ASSERT(sum_exit_counts(after) == sum + 2 + asynchronous,
			    "sum %lu, wanted %lu + 2 + %lu",
			    (unsigned long)sum_exit_counts(after),
			    (unsigned long)sum, (unsigned long)asynchronous);
		nr_exact += !asynchronous;
	}

	TEST_ASSERT(nr_exact, "No round of %u without asynchronous exits",
		    ROUNDS);
}

/*
 * Reading the reasons one after the other misses what happens meanwhile to
 * those that have been read: the reads, once CPUID's own number is read, and
 * asynchronous exits.
 */
KVM_ONE_VCPU_TEST(total, is_sum_of_guest, guest_code_reads_both)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS], wanted, asynchronous;
	unsigned int i, bucket, nr_exact = 0;
	struct ucall uc;
	u64 unseen = 1;

	/* The reasons after CPUID, and the read of the total. */
	for (bucket = bucket_of(EXIT_CPUID) + 1; bucket < UNKNOWN_BUCKET; bucket++)
		unseen += reason_of_bucket(bucket) != NO_REASON;

	run_until_ucall(vcpu, &uc);
	read_exit_counts(vcpu, after);

	for (i = 0; i < ROUNDS; i++) {
		memcpy(before, after, sizeof(before));
		run_until_ucall(vcpu, &uc);
		read_exit_counts(vcpu, after);
		asynchronous = sum_asynchronous(after) - sum_asynchronous(before);

		wanted = uc.args[0] + unseen;
		TEST_ASSERT(uc.args[1] >= wanted &&
			    uc.args[1] <= wanted + asynchronous,
			    "total %lu, sum %lu, wanted %lu more and at most %lu",
			    (unsigned long)uc.args[1], (unsigned long)uc.args[0],
			    (unsigned long)unseen, (unsigned long)asynchronous);
		nr_exact += !asynchronous;
	}

	TEST_ASSERT(nr_exact, "No round of %u without asynchronous exits",
		    ROUNDS);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
