// SPDX-License-Identifier: GPL-2.0-only
/*
 * A leaf sums all vCPUs of its VM, and none of another.
 */
#include <pthread.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_VCPUS	4
/* vCPU n takes n + 1 times that many. */
#define TIMES		300

static void guest_code(u64 times)
{
	u64 i, of_cpuid;

	for (;;) {
		for (i = 0; i < times; i++)
			guest_cpuid(0, 0);
		of_cpuid = guest_exits_of(reason_of(EXIT_CPUID));
		GUEST_SYNC2(of_cpuid, guest_exits_total());
	}
}

/* @nr_vcpus' exits, and those of them that are asynchronous. */
static u64 sum_vcpus(struct kvm_vcpu *vcpus[], int nr_vcpus, u64 *asynchronous)
{
	u64 counts[NR_BUCKETS], sum = 0;
	int i;

	*asynchronous = 0;
	for (i = 0; i < nr_vcpus; i++) {
		read_exit_counts(vcpus[i], counts);
		sum += sum_exit_counts(counts);
		*asynchronous += sum_asynchronous(counts);
	}

	return sum;
}

static void *run_once(void *vcpu)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_SYNC);
	return NULL;
}

TEST(sum_of_vcpus)
{
	struct kvm_vcpu *vcpus[NR_VCPUS + 1];
	u64 counts[NR_BUCKETS], wanted = 0, of_cpuid, total, before, after;
	pthread_t threads[NR_VCPUS];
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	/* Memory for one more, which is created when the others have run. */
	vm = vm_create(NR_VCPUS + 1);
	for (i = 0; i < NR_VCPUS; i++) {
		vcpus[i] = vm_vcpu_add(vm, i, guest_code);
		vcpu_args_set(vcpus[i], 1, (i + 1) * TIMES);
	}

	for (i = 0; i < NR_VCPUS; i++)
		TEST_ASSERT(!pthread_create(&threads[i], NULL, run_once,
					    vcpus[i]),
			    "pthread_create() failed");
	for (i = 0; i < NR_VCPUS; i++)
		TEST_ASSERT(!pthread_join(threads[i], NULL),
			    "pthread_join() failed");

	for (i = 0; i < NR_VCPUS; i++) {
		read_exit_counts(vcpus[i], counts);
		of_cpuid = counts[bucket_of(EXIT_CPUID)];
		TEST_ASSERT_EQ(of_cpuid, (i + 1) * TIMES + 2);
		wanted += of_cpuid;
	}

	/* Whichever asks. */
	for (i = 0; i < NR_VCPUS; i++) {
		total = sum_vcpus(vcpus, NR_VCPUS, &before) + (i + 1) * TIMES + 2;
		wanted += (i + 1) * TIMES + 1;
		run_until_ucall(vcpus[i], &uc);
		sum_vcpus(vcpus, NR_VCPUS, &after);
		TEST_ASSERT(uc.args[0] == wanted,
			    "vCPU %d reads %lu CPUID exits, wanted %lu", i,
			    (unsigned long)uc.args[0], (unsigned long)wanted);
		TEST_ASSERT(uc.args[1] >= total &&
			    uc.args[1] <= total + after - before,
			    "vCPU %d reads a total of %lu, wanted %lu + at most %lu",
			    i, (unsigned long)uc.args[1], (unsigned long)total,
			    (unsigned long)(after - before));
		/* The read of the total comes after that of CPUID exits. */
		wanted++;
	}

	vcpus[i] = vm_vcpu_add(vm, i, guest_code);
	vcpu_args_set(vcpus[i], 1, 1);
	wanted += 2;
	run_until_ucall(vcpus[i], &uc);
	TEST_ASSERT(uc.args[0] == wanted,
		    "A late vCPU reads %lu CPUID exits, wanted %lu",
		    (unsigned long)uc.args[0], (unsigned long)wanted);

	wanted += TIMES + 2;
	run_until_ucall(vcpus[0], &uc);
	TEST_ASSERT(uc.args[0] == wanted,
		    "vCPU 0 reads %lu CPUID exits with a late vCPU, wanted %lu",
		    (unsigned long)uc.args[0], (unsigned long)wanted);

	kvm_vm_free(vm);
}

TEST(two_vms)
{
	struct kvm_vcpu *few, *many;
	struct kvm_vm *a, *b;
	struct ucall uc;
	int i;

	a = vm_create_with_one_vcpu(&few, guest_code);
	b = vm_create_with_one_vcpu(&many, guest_code);
	vcpu_args_set(few, 1, 1);
	vcpu_args_set(many, 1, TIMES);

	for (i = 1; i <= 3; i++) {
		run_until_ucall(few, &uc);
		TEST_ASSERT_EQ(uc.args[0], i * 3 - 1);
		run_until_ucall(many, &uc);
		TEST_ASSERT_EQ(uc.args[0], i * (TIMES + 2) - 1);
	}

	/* Nor does a VM inherit from one that is gone. */
	kvm_vm_free(b);
	b = vm_create_with_one_vcpu(&many, guest_code);
	vcpu_args_set(many, 1, TIMES);
	run_until_ucall(many, &uc);
	TEST_ASSERT_EQ(uc.args[0], TIMES + 1);
	run_until_ucall(few, &uc);
	TEST_ASSERT_EQ(uc.args[0], i * 3 - 1);

	kvm_vm_free(a);
	kvm_vm_free(b);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
