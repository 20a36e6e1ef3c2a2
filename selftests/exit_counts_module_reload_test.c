// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module kvm_exits comes and goes under running VMs, and nothing is lost.
 * Needs the module's file: KVM_EXITS_KO=/path/to/kvm_exits.ko
 */
#include <pthread.h>
#include <sched.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define RELOADS		5

static void assert_loads(void)
{
	int r = load_module();

	TEST_ASSERT(!r, "finit_module(kvm_exits): %i", r);
	TEST_ASSERT(file_exists(DEBUGFS_DIR), "Loaded, but no " DEBUGFS_DIR);
}

static void assert_unloads(void)
{
	int r = unload_module();

	TEST_ASSERT(!r, "delete_module(kvm_exits): %i", r);
	TEST_ASSERT(!file_exists(DEBUGFS_DIR), "Unloaded, but " DEBUGFS_DIR);
}

static bool stop;

static void guest_code(void)
{
	for (;;) {
		/* The client's function is called for these. */
		guest_exits_total();
		guest_exits_of(reason_of(EXIT_CPUID));
		if (READ_ONCE(stop))
			GUEST_SYNC(0);
	}
}

static void guest_code_once(void)
{
	for (;;)
		GUEST_SYNC1(guest_exits_total());
}

static void assert_vm_files(struct kvm_vm *vm, struct kvm_vcpu *vcpu)
{
	u64 counts[NR_BUCKETS], of_vm[NR_BUCKETS], of_vcpu[NR_BUCKETS];
	char path[128];
	unsigned int bucket;

	read_exit_counts(vcpu, counts);
	vm_debugfs_file(vm, "reasons", path, sizeof(path));
	read_debugfs_reasons(path, of_vm);
	vm_debugfs_file(vm, "vcpu0/reasons", path, sizeof(path));
	read_debugfs_reasons(path, of_vcpu);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		TEST_ASSERT(of_vm[bucket] == counts[bucket] &&
			    of_vcpu[bucket] == counts[bucket],
			    "Reason %s: VM %lu, vCPU %lu, wanted %lu",
			    bucket_str(bucket), (unsigned long)of_vm[bucket],
			    (unsigned long)of_vcpu[bucket],
			    (unsigned long)counts[bucket]);
}

static void *run_vcpu(void *vcpu)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	return NULL;
}

static u64 cpuid_exits(int stats_fd)
{
	u64 counts[NR_BUCKETS];

	read_exit_counts_fd(stats_fd, counts);
	return counts[bucket_of(EXIT_CPUID)];
}

TEST(under_a_running_vm)
{
	struct kvm_vcpu *vcpu;
	pthread_t thread;
	struct kvm_vm *vm;
	int stats_fd, i;
	u64 before;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	stats_fd = vcpu_get_stats_fd(vcpu);
	TEST_ASSERT(!pthread_create(&thread, NULL, run_vcpu, vcpu),
		    "pthread_create() failed");

	for (i = 0; i < 2 * RELOADS; i++) {
		if (i % 2)
			assert_loads();
		else
			assert_unloads();
		before = cpuid_exits(stats_fd);
		while (cpuid_exits(stats_fd) == before)
			sched_yield();
	}

	write_guest_global(vm, stop, true);
	TEST_ASSERT(!pthread_join(thread, NULL), "pthread_join() failed");
	assert_vm_files(vm, vcpu);
	close(stats_fd);
	kvm_vm_free(vm);
}

/* The VM that ends, the one that goes on, and the one that begins meanwhile. */
TEST(host_total_lacks_nothing)
{
	struct kvm_vcpu *ends, *goes_on, *begins;
	u64 before, after, wanted, counts[NR_BUCKETS];
	struct kvm_vm *vms[3];
	struct ucall uc;

	vms[0] = vm_create_with_one_vcpu(&ends, guest_code_once);
	vms[1] = vm_create_with_one_vcpu(&goes_on, guest_code_once);
	run_until_ucall(ends, &uc);
	run_until_ucall(goes_on, &uc);

	before = read_debugfs_total(DEBUGFS_DIR "/total");
	read_exit_counts(goes_on, counts);
	wanted = before - sum_exit_counts(counts);
	assert_unloads();

	kvm_vm_free(vms[0]);
	run_until_ucall(goes_on, &uc);
	vms[2] = vm_create_with_one_vcpu(&begins, guest_code_once);
	run_until_ucall(begins, &uc);

	assert_loads();
	assert_vm_files(vms[1], goes_on);
	assert_vm_files(vms[2], begins);
	read_exit_counts(goes_on, counts);
	wanted += sum_exit_counts(counts);
	read_exit_counts(begins, counts);
	wanted += sum_exit_counts(counts);
	after = read_debugfs_total(DEBUGFS_DIR "/total");
	TEST_ASSERT(after >= wanted, "Host total %lu, wanted %lu or more",
		    (unsigned long)after, (unsigned long)wanted);

	kvm_vm_free(vms[1]);
	kvm_vm_free(vms[2]);
	TEST_ASSERT(read_debugfs_total(DEBUGFS_DIR "/total") >= after,
		    "Host total has decreased");
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	require_module_file();

	return test_harness_run(argc, argv);
}
