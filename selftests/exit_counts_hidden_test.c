// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switched off, the leaves are answered as KVM answers any other leaf that it
 * does not have, register for register.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* A leaf that nobody has, of the same class as the counters'. */
#define LEAF_OF_NOBODY		0x4ffffe00u

static const u32 indices[] = {
	0, 1, 2, 10, 12, 48, 0x72, 444, 0x400, 0xffffffff,
};

#define NR_LEAVES		16

/* [NR_LEAVES] is LEAF_OF_NOBODY. */
static struct leaf answers[NR_LEAVES + 1][ARRAY_SIZE(indices)];

static void guest_code(void)
{
	unsigned int i, j;

	for (;;) {
		for (j = 0; j < ARRAY_SIZE(indices); j++) {
			for (i = 0; i < NR_LEAVES; i++)
				answers[i][j] = guest_cpuid(LEAF_SIGNATURE + i,
							    indices[j]);
			answers[i][j] = guest_cpuid(LEAF_OF_NOBODY, indices[j]);
		}
		GUEST_SYNC(0);
	}
}

static void assert_unpatched(struct kvm_vcpu *vcpu)
{
	unsigned int i, j;
	struct leaf wanted;
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vcpu->vm, answers);

	for (j = 0; j < ARRAY_SIZE(indices); j++) {
		wanted = unpatched_answer(vcpu, indices[j]);
		TEST_ASSERT_LEAF_EQ(LEAF_OF_NOBODY, indices[j],
				    answers[NR_LEAVES][j], wanted);
		for (i = 0; i < NR_LEAVES; i++)
			TEST_ASSERT_LEAF_EQ(LEAF_SIGNATURE + i, indices[j],
					    answers[i][j], wanted);
	}
}

static void assert_visible(struct kvm_vcpu *vcpu)
{
	const struct leaf *l = &answers[LEAF_SIGNATURE & 0xf][0];
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vcpu->vm, answers);
	TEST_ASSERT(l->rax == LEAF_EXITS_TOTAL && !memcmp(&l->rbx, "KVME", 4),
		    "No signature: " LEAF_FMT, l->rax, l->rbx, l->rcx, l->rdx);
}

FIXTURE(hidden)
{
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(hidden)
{
	vm_create_with_one_vcpu(&self->vcpu, guest_code);
	write_file(PARAM_CPUID, "Y");
}

FIXTURE_TEARDOWN(hidden)
{
	kvm_vm_free(self->vcpu->vm);
}

TEST_F(hidden, by_parameter)
{
	assert_visible(self->vcpu);
	write_file(PARAM_CPUID, "N");
	assert_unpatched(self->vcpu);
	write_file(PARAM_CPUID, "Y");
	assert_visible(self->vcpu);
}

/*
 * Hidden or not, nothing is lost: no exit goes uncounted while nobody is told.
 */
TEST_F(hidden, but_counted)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS];
	unsigned int bucket = bucket_of(EXIT_CPUID);
	struct ucall uc;

	run_until_ucall(self->vcpu, &uc);
	read_exit_counts(self->vcpu, before);
	write_file(PARAM_CPUID, "N");
	run_until_ucall(self->vcpu, &uc);
	read_exit_counts(self->vcpu, after);
	TEST_ASSERT_EQ(after[bucket] - before[bucket],
		       (NR_LEAVES + 1) * ARRAY_SIZE(indices));
}

/*
 * What the highest basic leaf is, is the VMM's choice, and so is the vendor.
 * Leaf 0xb also has a rule for indices that it does not have.
 */
TEST_F(hidden, whatever_the_highest_leaf_is)
{
	static const u32 highest[] = { 0x4, 0x7, 0xb, 0xd };
	const struct kvm_cpuid_entry2 topology = {
		.function = 0xb,
		.index = 1,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		.eax = 4,
		.ebx = 1,
		.ecx = 0x201,
		.edx = 7,
	};
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	unsigned int i;
	u32 max;

	write_file(PARAM_CPUID, "N");
	max = get_cpuid_entry(kvm_get_supported_cpuid(), 0, 0)->eax;
	for (i = 0; i < ARRAY_SIZE(highest); i++) {
		if (highest[i] > max)
			break;
		vm = vm_create_with_one_vcpu(&vcpu, guest_code);
		vcpu_set_vendor(vcpu, "GenuineIntel");
		vcpu_get_cpuid_entry(vcpu, 0)->eax = highest[i];
		vcpu_set_cpuid(vcpu);
		if (highest[i] == topology.function)
			vcpu_add_cpuid_entry(vcpu, &topology);
		assert_unpatched(vcpu);
		kvm_vm_free(vm);
	}
}

/* Not the data of the highest basic leaf, but zeros. */
TEST_F(hidden, for_amd_cpu_models)
{
	static const char * const vendors[] = { "AuthenticAMD", "HygonGenuine" };
	const struct leaf zeros = { 0 };
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	unsigned int i;

	write_file(PARAM_CPUID, "N");
	for (i = 0; i < ARRAY_SIZE(vendors); i++) {
		vm = vm_create_with_one_vcpu(&vcpu, guest_code);
		vcpu_set_vendor(vcpu, vendors[i]);
		assert_unpatched(vcpu);
		TEST_ASSERT_LEAF_EQ(LEAF_SIGNATURE, indices[0], answers[0][0],
				    zeros);
		kvm_vm_free(vm);
	}
}

int main(int argc, char **argv)
{
	require_exit_counts();
	restore_at_exit(PARAM_CPUID);

	return test_harness_run(argc, argv);
}
