// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each living VM has a directory of its own, whatever has become of the file that
 * it was named after; and it says whose VM that is.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

/* Of one name, at the same time and one after the other */
#define NR_NAMESAKES	5
/* On a slow host less, but not less than a quarter. */
#define NR_SHORT_VMS	2000
#define SHORT_VMS_S	10

static void guest_code(u64 times)
{
	u64 i;

	for (;;) {
		for (i = 0; i < times; i++)
			guest_cpuid(0, 0);
		GUEST_SYNC(0);
	}
}

/* <VMS_DIR>/<thread>-<fd>, ".<n>" but for 0, and "/<file>" */
static void name_path(int fd, unsigned int n, const char *file, char *path,
		      size_t size)
{
	char number[16] = "";

	if (n)
		snprintf(number, sizeof(number), ".%u", n);
	snprintf(path, size, VMS_DIR "/%ld-%d%s/%s", syscall(SYS_gettid), fd,
		 number, file);
}

/* What debugfs says about names, and what the module does. */
static struct kmsg_lines complaints[] = {
	{ "debugfs: " },
	{ KMSG_MODULE, "already" },
	{ }
};

static void assert_no_complaints(void)
{
	struct kmsg_lines *l;

	kmsg_count(complaints);
	for (l = complaints; l->prefix; l++)
		TEST_ASSERT(!l->nr, "%u lines of \"%s\" in the kernel log", l->nr,
			    l->prefix);
}

static void assert_counts(int fd, unsigned int n, struct kvm_vcpu *vcpu,
			  u64 wanted)
{
	u64 shown[NR_BUCKETS], counts[NR_BUCKETS];
	char path[128];

	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(counts[bucket_of(EXIT_CPUID)], wanted);

	name_path(fd, n, "total", path, sizeof(path));
	wait_for_file(path);
	TEST_ASSERT_EQ(read_debugfs_total(path), sum_exit_counts(counts));

	name_path(fd, n, "vcpu0/reasons", path, sizeof(path));
	wait_for_file(path);
	read_debugfs_reasons(path, shown);
	TEST_ASSERT(!memcmp(shown, counts, sizeof(counts)),
		    "%s: %lu exits, wanted %lu", path,
		    (unsigned long)sum_exit_counts(shown),
		    (unsigned long)sum_exit_counts(counts));
}

/* The file of the VM is closed, those of its vCPUs keep it. */
TEST(number_of_a_living_vm_taken_again)
{
	struct kvm_vcpu *first, *second;
	char path[128], text[64], line[8];
	struct kvm_vm *vm;
	struct ucall uc;
	int spare, fd, next, i;

	/* For /dev/kvm, which the next VM opens before it gets its own file. */
	spare = open("/dev/null", O_RDONLY);
	TEST_ASSERT(spare >= 0, "open(/dev/null) failed, errno: %i", errno);
	kmsg_start();

	vm = vm_create_with_one_vcpu(&first, guest_code);
	vcpu_args_set(first, 1, 10);
	run_until_ucall(first, &uc);
	fd = vm->fd;
	/* Behind all files of that VM, of which the library may have more than these. */
	next = dup(spare);
	close(spare);
	close(fd);
	vm = vm_create_with_one_vcpu(&second, guest_code);
	TEST_ASSERT_EQ(vm->fd, fd);
	vcpu_args_set(second, 1, 200);
	run_until_ucall(second, &uc);
	run_until_ucall(first, &uc);

	assert_counts(fd, 0, first, 20);
	assert_counts(fd, 1, second, 200);

	/* A switch is one VM's, too. */
	snprintf(text, sizeof(text), "%ld-%d.1 0", syscall(SYS_gettid), fd);
	write_file(PARAM_GUEST_VISIBLE, text);
	name_path(fd, 0, "guest_visible", path, sizeof(path));
	read_line(path, line, sizeof(line));
	TEST_ASSERT(!strcmp(line, "1"), "%s: %s, wanted 1", path, line);
	name_path(fd, 1, "guest_visible", path, sizeof(path));
	read_line(path, line, sizeof(line));
	TEST_ASSERT(!strcmp(line, "0"), "%s: %s, wanted 0", path, line);

	/* The end of the one is not that of the other. */
	munmap(first->run, ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL));
	for (i = fd + 1; i < next; i++)
		close(i);
	name_path(fd, 0, "", path, sizeof(path));
	wait_until_gone(path);
	run_until_ucall(second, &uc);
	assert_counts(fd, 1, second, 400);

	close(next);
	kvm_vm_free(vm);
	name_path(fd, 1, "", path, sizeof(path));
	wait_until_gone(path);
	assert_no_complaints();
}

TEST(namesakes)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vcpu_fds[NR_NAMESAKES], fd = -1, last, i;
	char path[128];

	kmsg_start();
	for (i = 0; i < NR_NAMESAKES; i++) {
		last = fd;
		fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
		TEST_ASSERT(fd >= 0, "KVM_CREATE_VM failed, errno: %i", errno);
		vcpu_fds[i] = ioctl(fd, KVM_CREATE_VCPU, 0);
		TEST_ASSERT(vcpu_fds[i] >= 0, "KVM_CREATE_VCPU failed, errno: %i",
			    errno);
		TEST_ASSERT(!i || fd == last, "VM %d has file %d, not %d", i, fd,
			    last);
		close(fd);
	}
	for (i = 0; i < NR_NAMESAKES; i++) {
		name_path(fd, i, "vcpu0/reasons", path, sizeof(path));
		wait_for_file(path);
	}

	for (i = 0; i < NR_NAMESAKES; i++)
		close(vcpu_fds[i]);
	for (i = 0; i < NR_NAMESAKES; i++) {
		name_path(fd, i, "", path, sizeof(path));
		wait_until_gone(path);
	}
	assert_no_complaints();
	close(kvm_fd);
}

static void *create_in_thread(void *unused)
{
	char path[128], line[128], wanted[128];
	int process = getpid();
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	long thread;

	thread = syscall(SYS_gettid);
	TEST_ASSERT(thread != process, "This is the main thread");
	vm = vm_create_with_one_vcpu(&vcpu, guest_code);

	vm_debugfs_file(vm, "reasons", path, sizeof(path));
	read_line(path, line, sizeof(line));
	snprintf(wanted, sizeof(wanted), "# VM %ld-%d of process %d", thread,
		 vm->fd, process);
	TEST_ASSERT(!strcmp(line, wanted), "\"%s\", wanted \"%s\"", line, wanted);

	vm_debugfs_file(vm, "vcpu0/reasons", path, sizeof(path));
	read_line(path, line, sizeof(line));
	snprintf(wanted, sizeof(wanted), "# VM %ld-%d of process %d, vCPU 0", thread,
		 vm->fd, process);
	TEST_ASSERT(!strcmp(line, wanted), "\"%s\", wanted \"%s\"", line, wanted);

	kvm_vm_free(vm);
	return NULL;
}

/* It is called by the thread, as KVM calls it, and says which process that is. */
TEST(vm_of_another_thread)
{
	pthread_t thread;

	TEST_ASSERT(!pthread_create(&thread, NULL, create_in_thread, NULL),
		    "pthread_create() failed");
	TEST_ASSERT(!pthread_join(thread, NULL), "pthread_join() failed");
}

static int to_close[2];

/* Not by who creates them: the number of a file is free before its VM has gone. */
static void *close_all(void *unused)
{
	int fd;

	while (read(to_close[0], &fd, sizeof(fd)) == sizeof(fd))
		close(fd);
	return NULL;
}

/* Of the VM that has a vCPU of this id, under the first or another of its names */
static bool has_directory(int fd, unsigned int vcpu_id)
{
	char path[128], file[32];
	unsigned int n;

	snprintf(file, sizeof(file), "vcpu%u/reasons", vcpu_id);
	for (n = 0; n < NR_NAMESAKES; n++) {
		name_path(fd, n, file, path, sizeof(path));
		if (file_exists(path))
			return true;
	}

	return false;
}

/* Only a fixture's test can have more time than the others. */
FIXTURE(names) { };
FIXTURE_SETUP(names) { }
FIXTURE_TEARDOWN(names) { }

TEST_F_TIMEOUT(names, as_the_last_one_goes_the_next_comes, 900)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int fd, vcpu_fd, first_fd = -1;
	struct timespec start;
	pthread_t thread;
	char path[128];
	unsigned int i;

	kmsg_start();
	TEST_ASSERT(!pipe(to_close), "pipe() failed, errno: %i", errno);
	TEST_ASSERT(!pthread_create(&thread, NULL, close_all, NULL),
		    "pthread_create() failed");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < NR_SHORT_VMS; i++) {
		if (i >= NR_SHORT_VMS / 4 &&
		    timespec_elapsed(start).tv_sec >= SHORT_VMS_S)
			break;
		fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
		TEST_ASSERT(fd >= 0, "KVM_CREATE_VM failed, errno: %i", errno);
		if (!i)
			first_fd = fd;
		TEST_ASSERT_EQ(fd, first_fd);
		vcpu_fd = ioctl(fd, KVM_CREATE_VCPU, i % 200);
		TEST_ASSERT(vcpu_fd >= 0, "KVM_CREATE_VCPU failed, errno: %i", errno);
		close(vcpu_fd);
		TEST_ASSERT(wait_until(has_directory(fd, i % 200)),
			    "VM %u of this name has no directory", i);

		TEST_ASSERT(write(to_close[1], &fd, sizeof(fd)) == sizeof(fd),
			    "write() failed, errno: %i", errno);
		while (fcntl(fd, F_GETFD) >= 0)
			sched_yield();
	}
	ksft_print_msg("%u VMs of one name\n", i);
	close(to_close[1]);
	TEST_ASSERT(!pthread_join(thread, NULL), "pthread_join() failed");

	for (i = 0; i < NR_NAMESAKES; i++) {
		name_path(first_fd, i, "", path, sizeof(path));
		wait_until_gone(path);
	}
	assert_no_complaints();
	close(kvm_fd);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");

	return test_harness_run(argc, argv);
}
