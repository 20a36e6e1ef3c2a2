// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with many vCPUs is told the sum of all of them, while some run.
 */
#include <pthread.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_VCPUS	96
#define NR_READS	200

static bool stop;

/* The first and the last of each that it is told. */
static void guest_code_asks(void)
{
	u64 first_total = guest_exits_total(), total = first_total, last_total;
	u64 first = guest_exits_of(reason_of(EXIT_CPUID)), count = first, last;
	struct leaf l;
	unsigned int i;

	for (i = 0; i < NR_READS; i++) {
		last = count;
		count = guest_exits_of(reason_of(EXIT_CPUID));
		__GUEST_ASSERT(count > last, "%lu exits after %lu", count, last);
		last_total = total;
		total = guest_exits_total();
		__GUEST_ASSERT(total > last_total, "Total %lu after %lu", total,
			       last_total);
		__GUEST_ASSERT(total >= count, "Total %lu, of one reason %lu",
			       total, count);
		l = guest_cpuid(LEAF_OCCURRED, 0);
		__GUEST_ASSERT(l.rax | l.rbx | l.rcx | l.rdx, "Nothing has occurred");
	}
	GUEST_SYNC4(first, count, first_total, total);
}

static void guest_code_runs(void)
{
	do {
		guest_cpuid(0, 0);
	} while (!READ_ONCE(stop));
	GUEST_SYNC(0);
}

static void *run_vcpu(void *vcpu)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	return NULL;
}

struct sums {
	u64 of_cpuid;
	u64 total;
};

/* The first asks, the second runs meanwhile, some have run, the last included. */
static bool has_run(int i)
{
	return i >= 2 && i % 19 == 0;
}

static struct kvm_vm *create_vm(struct kvm_vcpu *vcpus[])
{
	struct kvm_vm *vm = vm_create(NR_VCPUS);
	struct ucall uc;
	int i;

	TEST_ASSERT(has_run(NR_VCPUS - 1), "The last one has not run");
	vcpus[0] = vm_vcpu_add(vm, 0, guest_code_asks);
	vcpus[1] = vm_vcpu_add(vm, 1, guest_code_runs);
	for (i = 2; i < NR_VCPUS; i++)
		vcpus[i] = has_run(i) ? vm_vcpu_add(vm, i, guest_code_runs) :
					__vm_vcpu_add(vm, i);

	write_guest_global(vm, stop, true);
	for (i = 2; i < NR_VCPUS; i++)
		if (has_run(i))
			run_until_ucall(vcpus[i], &uc);
	write_guest_global(vm, stop, false);

	return vm;
}

static struct sums read_sums(struct kvm_vcpu *vcpus[])
{
	u64 counts[NR_BUCKETS];
	struct sums sums = { 0 };
	int i;

	for (i = 0; i < NR_VCPUS; i++) {
		read_exit_counts(vcpus[i], counts);
		sums.of_cpuid += counts[bucket_of(EXIT_CPUID)];
		sums.total += sum_exit_counts(counts);
	}
	return sums;
}

TEST(sum_while_some_run)
{
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct sums before, after;
	pthread_t thread;
	struct kvm_vm *vm;
	char path[128], file[32];
	struct ucall uc;

	vm = create_vm(vcpus);
	before = read_sums(vcpus);
	TEST_ASSERT(!pthread_create(&thread, NULL, run_vcpu, vcpus[1]),
		    "pthread_create() failed");
	run_until_ucall(vcpus[0], &uc);
	write_guest_global(vm, stop, true);
	TEST_ASSERT(!pthread_join(thread, NULL), "pthread_join() failed");
	after = read_sums(vcpus);

	/* The first question is the second leaf's. */
	TEST_ASSERT(uc.args[0] >= before.of_cpuid + 2 &&
		    uc.args[1] >= uc.args[0] + 3 * NR_READS - 2 &&
		    uc.args[1] <= after.of_cpuid,
		    "Told %lu to %lu CPUID exits, wanted %lu to %lu", uc.args[0],
		    uc.args[1], (unsigned long)before.of_cpuid,
		    (unsigned long)after.of_cpuid);
	TEST_ASSERT(uc.args[2] > before.total && uc.args[3] < after.total,
		    "Told a total of %lu to %lu, wanted %lu to %lu", uc.args[2],
		    uc.args[3], (unsigned long)before.total,
		    (unsigned long)after.total);

	/* The host's view is the same. */
	vm_debugfs_file(vm, "total", path, sizeof(path));
	TEST_ASSERT_EQ(read_debugfs_total(path), after.total);
	snprintf(file, sizeof(file), "vcpu%d/reasons", NR_VCPUS - 1);
	vm_debugfs_file(vm, file, path, sizeof(path));

	kvm_vm_free(vm);
}

/* All that runs is who asks: exact. */
TEST(sum_while_none_runs)
{
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct sums before;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = create_vm(vcpus);
	before = read_sums(vcpus);
	run_until_ucall(vcpus[0], &uc);
	TEST_ASSERT_EQ(uc.args[0], before.of_cpuid + 2);
	TEST_ASSERT_EQ(uc.args[1], before.of_cpuid + 3 * NR_READS);
	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");

	return test_harness_run(argc, argv);
}
