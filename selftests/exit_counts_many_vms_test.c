// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs come and go, some of their vCPUs later than others: what the host counts
 * is the sum of the living and the dead, at any time, and never goes backwards.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

/* On a slow host less, but not less than a quarter. */
#define NR_VMS		200
#define VMS_S		10
#define MAX_VCPUS	3
/* Of which that many live at the same time. */
#define NR_ALIVE	4

static void guest_code(u64 times)
{
	u64 i;

	for (;;) {
		for (i = 0; i < times; i++)
			guest_cpuid(0, 0);
		guest_outb(PORT_OF_NOBODY, 0);
		GUEST_SYNC(0);
	}
}

static bool stop_watching;
static u64 nr_readings;

/* Looks at the host's total all the time, also while a VM is destroyed. */
static void *watch_total(void *unused)
{
	u64 total, last = 0;

	while (!READ_ONCE(stop_watching)) {
		total = read_debugfs_total(DEBUGFS_DIR "/total");
		TEST_ASSERT(total >= last, "The total went from %lu to %lu",
			    (unsigned long)last, (unsigned long)total);
		last = total;
		nr_readings++;
		/* Some of the CPU is for what is looked at. */
		usleep(5000);
	}

	return NULL;
}

struct test_vm {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[MAX_VCPUS];
	int nr_vcpus;
};

static void add_vcpu(struct test_vm *t)
{
	struct kvm_vcpu *vcpu = vm_vcpu_add(t->vm, t->nr_vcpus, guest_code);

	vcpu_args_set(vcpu, 1, 10 * (t->nr_vcpus + 1));
	t->vcpus[t->nr_vcpus++] = vcpu;
}

static void run_all(struct test_vm *t)
{
	struct ucall uc;
	int i;

	for (i = 0; i < t->nr_vcpus; i++)
		run_until_ucall(t->vcpus[i], &uc);
}

/* Not all of its vCPUs are there from the start, and some never run. */
static void create(struct test_vm *t, int nr)
{
	t->vm = vm_create(MAX_VCPUS);
	t->nr_vcpus = 0;
	if (nr % 5) {
		add_vcpu(t);
		run_all(t);
	}
	while (t->nr_vcpus < 1 + nr % MAX_VCPUS)
		add_vcpu(t);
	if (nr % 7)
		run_all(t);
}

static void add_counts_of(struct test_vm *t, u64 sum[NR_BUCKETS])
{
	u64 counts[NR_BUCKETS];
	u32 bucket;
	int i;

	for (i = 0; i < t->nr_vcpus; i++) {
		read_exit_counts(t->vcpus[i], counts);
		for (bucket = 0; bucket < NR_BUCKETS; bucket++)
			sum[bucket] += counts[bucket];
	}
}

static void assert_equal(const char *what, const u64 seen[NR_BUCKETS],
			 const u64 before[NR_BUCKETS],
			 const u64 wanted[NR_BUCKETS])
{
	u32 bucket;

	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		TEST_ASSERT(seen[bucket] - before[bucket] == wanted[bucket],
			    "%s, bucket %u: %lu, wanted %lu", what, bucket,
			    (unsigned long)(seen[bucket] - before[bucket]),
			    (unsigned long)wanted[bucket]);
}

static const u64 none[NR_BUCKETS];

/* Only a fixture's test can have more time than half a minute. */
FIXTURE(many_vms) { };
FIXTURE_SETUP(many_vms) { }
FIXTURE_TEARDOWN(many_vms) { }

TEST_F_TIMEOUT(many_vms, host_is_sum_of_living_and_dead, 600)
{
	u64 before[NR_BUCKETS], host[NR_BUCKETS], traced[NR_BUCKETS];
	u64 dead[NR_BUCKETS] = { 0 }, all[NR_BUCKETS];
	struct test_vm vms[NR_ALIVE] = { 0 };
	int nr, i, nr_vms = NR_VMS;
	struct timespec start;
	pthread_t watcher;

	if (!no_vms_are_shown())
		SKIP(return, "Other VMs are running");

	read_debugfs_reasons(DEBUGFS_DIR "/reasons", before);
	TEST_ASSERT(!pthread_create(&watcher, NULL, watch_total, NULL),
		    "pthread_create() failed");
	trace_start(syscall(SYS_gettid));

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (nr = 0; nr < nr_vms + NR_ALIVE; nr++) {
		struct test_vm *t = &vms[nr % NR_ALIVE];

		if (nr >= NR_VMS / 4 && nr < nr_vms &&
		    timespec_elapsed(start).tv_sec >= VMS_S)
			nr_vms = nr;
		if (t->vm) {
			add_counts_of(t, dead);
			kvm_vm_free(t->vm);
			t->vm = NULL;
		}
		if (nr < nr_vms)
			create(t, nr);
		if (nr % 10)
			continue;

		memcpy(all, dead, sizeof(all));
		for (i = 0; i < NR_ALIVE; i++)
			if (vms[i].vm)
				add_counts_of(&vms[i], all);
		read_debugfs_reasons(DEBUGFS_DIR "/reasons", host);
		assert_equal("Living and dead", host, before, all);
	}

	ksft_print_msg("%d VMs\n", nr_vms);
	trace_stop(traced);
	WRITE_ONCE(stop_watching, true);
	TEST_ASSERT(!pthread_join(watcher, NULL), "pthread_join() failed");

	read_debugfs_reasons(DEBUGFS_DIR "/reasons", host);
	assert_equal("All dead", host, before, dead);
	assert_equal("The tracepoint", traced, none, dead);
	TEST_ASSERT(nr_readings, "Nobody looked meanwhile");
	TEST_ASSERT(sum_exit_counts(dead) >= 20 * (u64)nr_vms,
		    "Only %lu exits", (unsigned long)sum_exit_counts(dead));
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	__TEST_REQUIRE(trace_is_possible(), "No tracefs, or no hist triggers");
	trace_create_instance();

	return test_harness_run(argc, argv);
}
