// SPDX-License-Identifier: GPL-2.0-only
/*
 * An entry for one of the leaves in a vCPU's KVM_SET_CPUID2 table wins.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

static const u32 leaves[] = {
	LEAF_SIGNATURE, LEAF_FEATURES, LEAF_OCCURRED, LEAF_EXITS_OF_REASON,
	LEAF_EXITS_TOTAL,
};

/* The index that all are asked with. */
#define INDEX	reason_of(EXIT_CPUID)

static struct leaf answers[ARRAY_SIZE(leaves)];

static const struct leaf of_userspace = {
	.rax = 0x11111111,
	.rbx = 0x22222222,
	.rcx = 0x33333333,
	.rdx = 0x44444444,
};

static void guest_code(void)
{
	unsigned int i;

	for (;;) {
		for (i = 0; i < ARRAY_SIZE(leaves); i++)
			answers[i] = guest_cpuid(leaves[i], INDEX);
		GUEST_SYNC(0);
	}
}

/* All but @overridden are KVM's. */
static void assert_answers(struct kvm_vm *vm, u32 overridden)
{
	const struct leaf *l = answers;
	unsigned int i;

	sync_global_from_guest(vm, answers);
	for (i = 0; i < ARRAY_SIZE(leaves); i++, l++) {
		if (leaves[i] == overridden) {
			TEST_ASSERT_LEAF_EQ(leaves[i], INDEX, *l, of_userspace);
			continue;
		}

		TEST_ASSERT(!leaf_equals(l, &of_userspace),
			    "CPUID %x.%x is not overridden, but is: " LEAF_FMT,
			    leaves[i], INDEX, l->rax, l->rbx, l->rcx, l->rdx);
		switch (leaves[i]) {
		case LEAF_SIGNATURE:
			TEST_ASSERT_EQ(l->rax, LEAF_EXITS_TOTAL);
			break;
		case LEAF_FEATURES:
			TEST_ASSERT_EQ(l->rcx, nr_reasons());
			break;
		case LEAF_OCCURRED:
			/* There are no slots of that number. */
			TEST_ASSERT(!l->rax && !l->rbx && !l->rcx && !l->rdx,
				    "CPUID %x.%x: " LEAF_FMT, leaves[i], INDEX,
				    l->rax, l->rbx, l->rcx, l->rdx);
			break;
		default:
			TEST_ASSERT(l->rax && !l->rbx && !l->rcx && !l->rdx,
				    "CPUID %x.%x is no count: " LEAF_FMT,
				    leaves[i], INDEX, l->rax, l->rbx, l->rcx, l->rdx);
		}
	}
}

TEST(for_the_vcpu)
{
	struct kvm_vcpu *vcpus[2];
	struct kvm_cpuid_entry2 entry = {
		.eax = of_userspace.rax,
		.ebx = of_userspace.rbx,
		.ecx = of_userspace.rcx,
		.edx = of_userspace.rdx,
	};
	struct kvm_vm *vm;
	struct ucall uc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		vm = vm_create_with_vcpus(2, guest_code, vcpus);
		entry.function = leaves[i];
		vcpu_add_cpuid_entry(vcpus[1], &entry);

		run_until_ucall(vcpus[0], &uc);
		assert_answers(vm, 0);
		run_until_ucall(vcpus[1], &uc);
		assert_answers(vm, leaves[i]);

		kvm_vm_free(vm);
	}
}

static void guest_code_indices(void)
{
	answers[0] = guest_cpuid(LEAF_EXITS_OF_REASON, INDEX);
	answers[1] = guest_cpuid(LEAF_EXITS_OF_REASON, INDEX + 1);
	answers[2] = guest_cpuid(LEAF_EXITS_OF_REASON, 444);
	GUEST_SYNC(0);
}

/* Of one exit reason, the others are KVM's. */
TEST(for_one_index)
{
	struct kvm_cpuid_entry2 entry = {
		.function = LEAF_EXITS_OF_REASON,
		.index = INDEX,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		.eax = of_userspace.rax,
		.ebx = of_userspace.rbx,
		.ecx = of_userspace.rcx,
		.edx = of_userspace.rdx,
	};
	const struct leaf never = { 0 }, undefined = { .rdx = 0xffffffff };
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_indices);
	vcpu_add_cpuid_entry(vcpu, &entry);
	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vm, answers);

	TEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, INDEX, answers[0],
			    of_userspace);
	TEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, INDEX + 1, answers[1], never);
	TEST_ASSERT_LEAF_EQ(LEAF_EXITS_OF_REASON, 444, answers[2], undefined);

	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
