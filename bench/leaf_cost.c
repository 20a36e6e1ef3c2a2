// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs a guest to read a leaf: ticks of the TSC, least of many, as in
 * exit_cost.c.
 *
 *	leaf_cost counts|cycles NR_VCPUS	those of either kind, in a VM that has so many
 */
#include "allow_files.h"
#include "kvm_util.h"
#include "leaves.h"

#define ROUNDS		2000
/* A leaf that sums thousands of vCPUs takes a million instructions. */
#define LEAST_ROUNDS	10

static const struct leaf_kind {
	const char *name;
	u32 function;
	u32 index;
	bool of_cycles;
} leaf_kinds[] = {
	{ "TOTAL", LEAF_EXITS_TOTAL },
	{ "OF_REASON", LEAF_EXITS_OF_REASON, 1 },
	{ "OCCURRED_FIRST_HALF", LEAF_OCCURRED, 0 },
	{ "OCCURRED_SECOND_HALF", LEAF_OCCURRED, 1 },
	{ "CYCLES_TOTAL", LEAF_CYCLES_TOTAL, .of_cycles = true },
	{ "CYCLES_OF_REASON", LEAF_CYCLES_OF_REASON, 1, .of_cycles = true },
	{ "CYCLES_IN_STATE", LEAF_CYCLES_IN_STATE, 1, .of_cycles = true },
};

static void guest_code(u32 function, u32 index, unsigned int rounds)
{
	u64 start, ticks, least = ~0ull;

	while (rounds--) {
		start = rdtsc();
		guest_cpuid(function, index);
		ticks = rdtsc() - start;
		if (ticks < least)
			least = ticks;
	}
	GUEST_SYNC(least);
}

int main(int argc, char *argv[])
{
	struct kvm_vcpu *vcpu;
	int i, nr_vcpus;
	struct kvm_vm *vm;
	struct ucall uc;
	unsigned int k;
	bool cycles;

	TEST_ASSERT(argc == 3, "Usage: leaf_cost counts|cycles NR_VCPUS");
	cycles = !strcmp(argv[1], "cycles");
	nr_vcpus = atoi_positive("NR_VCPUS", argv[2]);
	allow_files(nr_vcpus + 100);

	vm = vm_create(1);
	vcpu = vm_vcpu_add(vm, 0, guest_code);
	for (i = 1; i < nr_vcpus; i++)
		__vm_vcpu_add(vm, i);

	for (k = 0; k < ARRAY_SIZE(leaf_kinds); k++) {
		if (leaf_kinds[k].of_cycles != cycles)
			continue;
		vcpu_arch_set_entry_point(vcpu, guest_code);
		vcpu_args_set(vcpu, 3, leaf_kinds[k].function, leaf_kinds[k].index,
			      max(ROUNDS / nr_vcpus, LEAST_ROUNDS));
		vcpu_run(vcpu);
		TEST_ASSERT(get_ucall(vcpu, &uc) == UCALL_SYNC,
			    "%s did not finish: ucall %lu", leaf_kinds[k].name, uc.cmd);
		printf("%s %lu\n", leaf_kinds[k].name, uc.args[1]);
	}
	kvm_vm_free(vm);
	return 0;
}
