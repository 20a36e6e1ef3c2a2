// SPDX-License-Identifier: GPL-2.0-only
/*
 * One leaf tells which reasons have occurred, a bit for each bucket of the binary
 * statistic: exactly those for which another leaf tells a count that is not zero.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_PARTS	4
#define BITS_OF_PART	128

struct occurred {
	struct leaf parts[NR_PARTS];
};

static struct occurred before, after;
static u64 counts[NR_BUCKETS];

static void guest_read_occurred(struct occurred *o)
{
	unsigned int i;

	for (i = 0; i < NR_PARTS; i++)
		o->parts[i] = guest_cpuid(LEAF_OCCURRED, i);
}

static void guest_code(void)
{
	unsigned int bucket;
	u32 reason;

	for (;;) {
		guest_read_occurred(&before);
		for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++) {
			reason = reason_of_bucket(bucket);
			if (reason != NO_REASON)
				counts[bucket] = guest_exits_of(reason);
		}
		guest_read_occurred(&after);
		GUEST_SYNC(0);
	}
}

/* What else a vCPU can do.  The first access may be a page fault instead of MMIO. */
static void guest_code_other(void)
{
	GUEST_SYNC(0);
	READ_ONCE(*(u32 *)MMIO_OF_NOBODY);
	READ_ONCE(*(u32 *)MMIO_OF_NOBODY);
	asm volatile("wbinvd" : : : "memory");
	GUEST_SYNC(0);
}

static bool has_bit(const struct occurred *o, unsigned int bucket)
{
	const struct leaf *l = &o->parts[bucket / BITS_OF_PART];
	unsigned int bit = bucket % BITS_OF_PART;
	const unsigned long registers[] = { l->rax, l->rbx, l->rcx, l->rdx };

	return registers[bit / 32] & BIT(bit % 32);
}

/* Bits that no bucket has. */
static void assert_nothing_else(const struct occurred *o)
{
	const struct leaf zeros = { 0 };
	const struct leaf *l;
	unsigned int i;

	for (i = 0; i < NR_PARTS; i++) {
		l = &o->parts[i];
		TEST_ASSERT(!((l->rax | l->rbx | l->rcx | l->rdx) >> 32),
			    "Part %u has more than 32 bits: " LEAF_FMT, i, l->rax,
			    l->rbx, l->rcx, l->rdx);
	}
	for (i = NR_BUCKETS; i < 2 * BITS_OF_PART; i++)
		TEST_ASSERT(!has_bit(o, i), "There is no bucket %u", i);
	for (i = 2; i < NR_PARTS; i++)
		TEST_ASSERT_LEAF_EQ(LEAF_OCCURRED, i, o->parts[i], zeros);
}

static void run(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vcpu->vm, before);
	sync_global_from_guest(vcpu->vm, after);
	sync_global_from_guest(vcpu->vm, counts);
	assert_nothing_else(&before);
	assert_nothing_else(&after);
}

/* An exit that happens in between sets a bit, nothing ever clears one. */
static void assert_equals_counts(void)
{
	unsigned int bucket, nr = 0;

	for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++) {
		if (reason_of_bucket(bucket) == NO_REASON) {
			TEST_ASSERT(!has_bit(&after, bucket),
				    "Bucket %u is no reason's", bucket);
			continue;
		}
		TEST_ASSERT(!has_bit(&before, bucket) || counts[bucket],
			    "Reason %s has not occurred", bucket_str(bucket));
		TEST_ASSERT(!counts[bucket] || has_bit(&after, bucket),
			    "Reason %s has occurred %lu times", bucket_str(bucket),
			    (unsigned long)counts[bucket]);
		nr += has_bit(&after, bucket);
	}
	/* CPUID and page faults, before the first ucall */
	TEST_ASSERT(nr >= 2, "Only %u reasons have occurred", nr);
	TEST_ASSERT(!has_bit(&after, UNKNOWN_BUCKET), "An unknown one has occurred");
}

KVM_ONE_VCPU_TEST_SUITE(occurred);

KVM_ONE_VCPU_TEST(occurred, equals_counts, guest_code)
{
	run(vcpu);
	assert_equals_counts();
	run(vcpu);
	assert_equals_counts();
}

/* As the counts are, of which it is the summary. */
TEST(sum_of_vcpus)
{
	const enum exit_kind kinds[] = { EXIT_MMIO, EXIT_WBINVD };
	struct kvm_vcpu *asks, *other;
	struct kvm_vm *vm;
	unsigned int i;
	struct ucall uc;

	vm = vm_create(2);
	virt_pg_map(vm, MMIO_OF_NOBODY, MMIO_OF_NOBODY);
	asks = vm_vcpu_add(vm, 0, guest_code);
	other = vm_vcpu_add(vm, 1, guest_code_other);

	run_until_ucall(other, &uc);
	run(asks);
	assert_equals_counts();
	TEST_ASSERT(!has_bit(&after, bucket_of(EXIT_WBINVD)),
		    "Reason %s has occurred", reason_str(reason_of(EXIT_WBINVD)));

	run_until_ucall(other, &uc);
	run(asks);
	assert_equals_counts();
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		TEST_ASSERT(has_bit(&before, bucket_of(kinds[i])),
			    "Reason %s has not occurred",
			    reason_str(reason_of(kinds[i])));

	kvm_vm_free(vm);
}

/* What the host has in the statistic, the guest has as bits. */
KVM_ONE_VCPU_TEST(occurred, equals_statistic, guest_code)
{
	u64 first[NR_BUCKETS], last[NR_BUCKETS];
	unsigned int bucket;

	run(vcpu);
	read_exit_counts(vcpu, first);
	run(vcpu);
	read_exit_counts(vcpu, last);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		TEST_ASSERT(!first[bucket] || has_bit(&before, bucket),
			    "Bucket %u: %lu", bucket, (unsigned long)first[bucket]);
		TEST_ASSERT(!has_bit(&after, bucket) || last[bucket],
			    "Bucket %u: 0", bucket);
	}
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
