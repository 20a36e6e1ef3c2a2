// SPDX-License-Identifier: GPL-2.0-only
/*
 * The leaves that tell a guest that, and what, KVM counts.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* The same whatever ECX is. */
static const u32 indices[] = { 0, 1, 10, 444, 0xffffffff };

static u32 host_tsc_khz;

static void guest_code_signature(void)
{
	/* The characters in the order of the registers' bytes, low first. */
	const struct leaf wanted = {
		.rax = LEAF_EXITS_TOTAL,
		.rbx = 'K' | 'V' << 8 | 'M' << 16 | 'E' << 24,
		.rcx = 'x' | 'i' << 8 | 't' << 16 | 'C' << 24,
		.rdx = 'o' | 'u' << 8 | 'n' << 16 | 't' << 24,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indices); i++)
		GUEST_ASSERT_LEAF_EQ(LEAF_SIGNATURE, indices[i],
				     guest_cpuid(LEAF_SIGNATURE, indices[i]),
				     wanted);
	GUEST_DONE();
}

static void guest_code_features(void)
{
	struct leaf l, wanted = {
		.rax = FEATURE_COUNTS,
		.rbx = exit_isa()->number,
		.rcx = nr_reasons(),
		.rdx = host_tsc_khz,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		l = guest_cpuid(LEAF_FEATURES, indices[i]);
		wanted.rax |= l.rax & FEATURE_CYCLES;
		GUEST_ASSERT_LEAF_EQ(LEAF_FEATURES, indices[i], l, wanted);
	}
	GUEST_DONE();
}

static void guest_code_total(void)
{
	u64 total, next = guest_exits_total();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		total = next;
		next = guest_count_of(guest_cpuid(LEAF_EXITS_TOTAL, indices[i]),
				      LEAF_EXITS_TOTAL, indices[i]);
		__GUEST_ASSERT(next > total, "total %lu after %lu",
			       (unsigned long)next, (unsigned long)total);
	}
	GUEST_DONE();
}

KVM_ONE_VCPU_TEST_SUITE(signature);

KVM_ONE_VCPU_TEST(signature, signature, guest_code_signature)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

/* That the guest's TSC is the host's is what a new vCPU starts with. */
KVM_ONE_VCPU_TEST(signature, features, guest_code_features)
{
	struct ucall uc;

	host_tsc_khz = __vcpu_ioctl(vcpu, KVM_GET_TSC_KHZ, NULL);
	TEST_ASSERT_EQ(host_tsc_khz,
		       (u32)__vm_ioctl(vcpu->vm, KVM_GET_TSC_KHZ, NULL));
	sync_global_to_guest(vcpu->vm, host_tsc_khz);
	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

KVM_ONE_VCPU_TEST(signature, total_has_no_index, guest_code_total)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
