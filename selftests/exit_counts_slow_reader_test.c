// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers of the counts that hardly ever have a CPU, as another task always has it,
 * make nobody wait who creates or ends a VM: they have lost it with no lock held.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

/* So many that a reading takes a while. */
#define NR_VCPUS	64
#define NR_CREATED	60
/*
 * A reader waited for took more than a second now and then, as idle tasks have 3 of
 * 1,000 parts of a CPU; without one the slowest emulated host takes a tenth of this.
 */
#define MOST_MS		250

static void guest_code(void)
{
	GUEST_DONE();
}

static void set_policy(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	TEST_ASSERT(!sched_setscheduler(0, policy, &param),
		    "sched_setscheduler(%d) failed", policy);
}

/* A child that does @work for as long as the test lives. */
static pid_t start(void (*work)(const char *path), const char *path, int policy)
{
	pid_t parent = getpid(), child = fork();

	TEST_ASSERT(child >= 0, "fork() failed");
	if (child)
		return child;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	set_policy(policy, 0);
	for (;;)
		work(path);
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void work_hard(const char *unused)
{
}

static void read_all_of(const char *path)
{
	char buffer[32768];
	int fd = open(path, O_RDONLY);

	TEST_ASSERT(fd >= 0, "open(%s) failed, errno: %i", path, errno);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
}

static s64 now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return timespec_to_ns(now);
}

/* Not running: what an emulated host loses of its own CPU is not for a lock's sake. */
static s64 waited_ns(void)
{
	return now_ns(CLOCK_MONOTONIC) - now_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* By an ioctl of @fd, which has a number if it is one for vCPUs. */
static u64 longest_wait_ms(int fd, unsigned long request)
{
	s64 started, longest = 0;
	int i, created;

	for (i = 0; i < NR_CREATED; i++) {
		/* The others' turn. */
		usleep(5000);
		started = waited_ns();
		created = ioctl(fd, request,
				request == KVM_CREATE_VCPU ? NR_VCPUS + i : 0);
		longest = max(longest, waited_ns() - started);
		TEST_ASSERT(created >= 0, "Nr %d: errno %i", i, errno);
		close(created);
	}

	return longest / 1000000;
}

static void expect_no_wait(const char *read, int fd, unsigned long request)
{
	cpu_set_t all, one;
	pid_t hog, reader;
	u64 longest;

	TEST_ASSERT(!sched_getaffinity(0, sizeof(all), &all), "sched_getaffinity()");
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity()");

	/* This task waits for no CPU, hence for nothing but a lock. */
	set_policy(SCHED_FIFO, 1);
	reader = start(read_all_of, read, SCHED_IDLE);
	hog = start(work_hard, NULL, SCHED_OTHER);

	longest = longest_wait_ms(fd, request);

	stop(hog);
	stop(reader);
	set_policy(SCHED_OTHER, 0);
	sched_setaffinity(0, sizeof(all), &all);

	printf("# the longest waited %lu ms\n", (unsigned long)longest);
	TEST_ASSERT(longest <= MOST_MS, "It waited %lu ms", (unsigned long)longest);
}

static struct kvm_vm *create_large_vm(void)
{
	struct kvm_vm *vm = vm_create(NR_VCPUS);
	int i;

	for (i = 0; i < NR_VCPUS; i++)
		vm_vcpu_add(vm, i, guest_code);

	return vm;
}

static void expect_no_wait_for_host(const char *read)
{
	struct kvm_vm *vm = create_large_vm();

	expect_no_wait(read, vm->kvm_fd, KVM_CREATE_VM);
	kvm_vm_free(vm);
}

static void expect_no_wait_for_vm(const char *read)
{
	struct kvm_vm *vm = create_large_vm();
	char path[128];

	vm_debugfs_file(vm, read, path, sizeof(path));
	expect_no_wait(path, vm->fd, KVM_CREATE_VCPU);
	kvm_vm_free(vm);
}

TEST(of_the_host)
{
	expect_no_wait_for_host(DEBUGFS_DIR "/total");
}

TEST(of_a_vm)
{
	expect_no_wait_for_vm("total");
}

FIXTURE(of_time) { };

FIXTURE_SETUP(of_time)
{
	write_file(PARAM_HISTOGRAM, "Y");
	if (try_write_file(PARAM_TIME, "Y"))
		SKIP(return, "No ledger");
}

FIXTURE_TEARDOWN(of_time)
{
	write_file(PARAM_TIME, "N");
	write_file(PARAM_HISTOGRAM, "N");
}

TEST_F(of_time, of_the_host)
{
	expect_no_wait_for_host(DEBUGFS_DIR "/states");
}

TEST_F(of_time, of_a_vm)
{
	expect_no_wait_for_vm("states");
}

TEST_F(of_time, durations)
{
	expect_no_wait_for_vm("vcpu0/durations");
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_HISTOGRAM);

	return test_harness_run(argc, argv);
}
