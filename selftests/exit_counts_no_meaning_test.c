// SPDX-License-Identifier: GPL-2.0-only
/*
 * The group of leaves is the counters' own: what has no meaning in it is zeros, not
 * what an unpatched KVM answers out of its range.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_LEAVES		16

static const u32 indices[] = {
	0, 1, 2, 10, 12, 48, 0x72, 444, 0x400, 0xffffffff,
};

static struct leaf answers[NR_LEAVES][ARRAY_SIZE(indices)];
static u32 features;

static void guest_code(void)
{
	unsigned int i, j;

	for (i = 0; i < NR_LEAVES; i++)
		for (j = 0; j < ARRAY_SIZE(indices); j++)
			answers[i][j] = guest_cpuid(LEAF_SIGNATURE + i, indices[j]);
	features = guest_cpuid(LEAF_FEATURES, 0).rax;
	GUEST_SYNC(0);
}

static bool has_meaning(u32 function)
{
	switch (function) {
	case LEAF_SIGNATURE:
	case LEAF_FEATURES:
	case LEAF_OCCURRED:
	case LEAF_EXITS_OF_REASON:
	case LEAF_EXITS_TOTAL:
		return true;
	case LEAF_CYCLES_IN_STATE:
	case LEAF_CYCLES_OF_REASON:
	case LEAF_CYCLES_TOTAL:
		return features & FEATURE_CYCLES;
	default:
		return false;
	}
}

/* Returns how many leaves that are. */
static unsigned int assert_zeros(struct kvm_vcpu *vcpu)
{
	const struct leaf zeros = { 0 };
	unsigned int i, j, nr = 0;
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vcpu->vm, answers);
	sync_global_from_guest(vcpu->vm, features);
	for (i = 0; i < NR_LEAVES; i++) {
		if (has_meaning(LEAF_SIGNATURE + i))
			continue;
		nr++;
		for (j = 0; j < ARRAY_SIZE(indices); j++)
			TEST_ASSERT_LEAF_EQ(LEAF_SIGNATURE + i, indices[j],
					    answers[i][j], zeros);
	}
	return nr;
}

KVM_ONE_VCPU_TEST_SUITE(no_meaning);

KVM_ONE_VCPU_TEST(no_meaning, zeros, guest_code)
{
	unsigned int nr = assert_zeros(vcpu);

	TEST_ASSERT(nr == 8 || nr == 11, "%u leaves of no meaning", nr);
}

/* Whose CPUs answer zeros anyway, or anything but. */
KVM_ONE_VCPU_TEST(no_meaning, zeros_for_any_vendor, guest_code)
{
	static const char * const vendors[] = {
		"GenuineIntel", "AuthenticAMD", "HygonGenuine",
	};
	struct kvm_vcpu *other;
	struct kvm_vm *vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vendors); i++) {
		vm = vm_create_with_one_vcpu(&other, guest_code);
		vcpu_set_vendor(other, vendors[i]);
		assert_zeros(other);
		kvm_vm_free(vm);
	}
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
