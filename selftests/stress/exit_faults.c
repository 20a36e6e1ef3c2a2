// SPDX-License-Identifier: GPL-2.0-only
/*
 * Let each single memory allocation fail that the exit counters, or what they
 * hook into, make: the first, the second and so on until none is left.  And let
 * memory run out, after the first page, the second and so on: where kmalloc() fails
 * kvmalloc() tries vmalloc(), so that for a ledger one failure is not enough.  What
 * was asked for then works, or fails with ENOMEM, and leaves nothing behind.
 *
 * Needs CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and KVM_EXITS_KO=/path/to/kvm_exits.ko
 */


#include "exit_counts.h"
#include "kselftest.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define MAKE_IT_FAIL	"/proc/thread-self/make-it-fail"
#define FAILSLAB	"/sys/kernel/debug/failslab"
#define FAIL_PAGES	"/sys/kernel/debug/fail_page_alloc"
/* Something has no end if it is never reached. */
#define MAX_FAULTS	20000
/*
 * The kernel's debugging allocates as well, now and then.  That shifts the others,
 * so that one may be missed in a round, but hardly in all.
 */
#define ROUNDS		3

static int kvm_fd, fail_nth_fd, make_it_fail_fd;

/* All pages after so many fail, and not only one allocation. */
static bool memory_runs_out;
/* More than there are, so that it tells how many failed. */
#define FAILURES	1000000

static void write_fd(int fd, unsigned int number)
{
	char s[16];

	snprintf(s, sizeof(s), "%u", number);
	TEST_ASSERT(pwrite(fd, s, strlen(s), 0) == (ssize_t)strlen(s),
		    "write(\"%s\") failed, errno: %i", s, errno);
}

static void write_file_number(const char *path, unsigned int number)
{
	char s[16];

	snprintf(s, sizeof(s), "%u", number);
	write_file(path, s);
}

/*
 * The @nth allocation of this thread fails from here on, or each after so many pages.
 * What happens is judged after disarm(), as it must not fail itself.
 */
static void arm(unsigned int nth)
{
	if (memory_runs_out) {
		write_file_number(FAIL_PAGES "/space", nth);
		write_file_number(FAIL_PAGES "/times", FAILURES);
		write_file(FAIL_PAGES "/probability", "100");
		write_fd(make_it_fail_fd, 1);
	} else {
		write_fd(fail_nth_fd, nth);
	}
}

/* True if an allocation failed. */
static bool disarm(void)
{
	char s[16] = "";

	if (memory_runs_out) {
		write_fd(make_it_fail_fd, 0);
		write_file(FAIL_PAGES "/probability", "0");
		return read_number(FAIL_PAGES "/times", "%lu") != FAILURES;
	}

	TEST_ASSERT(pread(fail_nth_fd, s, sizeof(s) - 1, 0) > 0,
		    "read(" FAIL_NTH ") failed, errno: %i", errno);
	write_fd(fail_nth_fd, 0);
	return !atoi(s);
}

/* How often something that was made to fail did so, and went on without. */
static struct {
	unsigned int failed;
	unsigned int went_on;
} seen;

/*
 * for_each_fault() { arm(nth); result = ...; injected = disarm(); check(); }
 * @injected is false at last, when the work was done without a fault.
 */
#define for_each_fault(nth, injected)					\
	for (memset(&seen, 0, sizeof(seen)), nth = 1, injected = true;	\
	     injected; nth++)

/* 0, a file descriptor, or -errno. */
static void check(const char *what, unsigned int nth, bool injected, int result)
{
	TEST_ASSERT(nth < MAX_FAULTS, "%s: %u allocations", what, nth);
	TEST_ASSERT(result >= 0 || result == -ENOMEM,
		    "%s, allocation %u failed: %i", what, nth, result);
	TEST_ASSERT(result >= 0 || injected, "%s without a fault: %i", what,
		    result);
	if (!injected)
		ksft_print_msg("%s: %u %s, %u failed it, %u did not\n", what, nth - 1,
			       memory_runs_out ? "pages" : "allocations", seen.failed,
			       seen.went_on);
	else if (result < 0)
		seen.failed++;
	else
		seen.went_on++;
}

static int sys(long r)
{
	return r < 0 ? -errno : r;
}

static int create_vm(void)
{
	return sys(ioctl(kvm_fd, KVM_CREATE_VM, 0));
}

static int create_vcpu(int vm_fd, unsigned long id)
{
	return sys(ioctl(vm_fd, KVM_CREATE_VCPU, id));
}

static void assert_no_vms(void)
{
	TEST_ASSERT(no_vms_are_shown(), "%u directories of VMs that are gone",
		    nr_entries(VMS_DIR));
}

static void vm_path(int vm_fd, const char *file, char *path, size_t size)
{
	snprintf(path, size, VMS_DIR "/%d-%d%s%s", getpid(), vm_fd,
		 *file ? "/" : "", file);
}

static void assert_has_file(int vm_fd, const char *file)
{
	char path[128];

	vm_path(vm_fd, file, path, sizeof(path));
	wait_for_file(path);
}

static void assert_has_no_file(int vm_fd, const char *file)
{
	char path[128];

	vm_path(vm_fd, file, path, sizeof(path));
	TEST_ASSERT(!file_exists(path), "%s exists", path);
}

/* Leaves nothing behind, and the next one is not affected. */
static void faults_creating_vm(void)
{
	int vm_fd, vcpu_fd;
	unsigned int nth;
	bool injected;

	for_each_fault(nth, injected) {
		arm(nth);
		vm_fd = create_vm();
		injected = disarm();
		check("KVM_CREATE_VM", nth, injected, vm_fd);
		if (vm_fd >= 0) {
			/* What the worker allocates is not this thread's. */
			assert_has_file(vm_fd, "total");
			vcpu_fd = create_vcpu(vm_fd, 0);
			TEST_ASSERT(vcpu_fd >= 0, "KVM_CREATE_VCPU: %i", vcpu_fd);
			close(vcpu_fd);
			close(vm_fd);
		}
		assert_no_vms();
	}
}

/* The same vCPU can be created afterwards, and the next one has its directory. */
static void faults_creating_vcpu(void)
{
	int vm_fd, vcpu_fd, second_fd;
	unsigned int nth;
	bool injected;

	for_each_fault(nth, injected) {
		vm_fd = create_vm();
		TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM: %i", vm_fd);
		arm(nth);
		vcpu_fd = create_vcpu(vm_fd, 0);
		injected = disarm();
		check("KVM_CREATE_VCPU", nth, injected, vcpu_fd);
		if (vcpu_fd < 0) {
			/* As there is nothing to make one of. */
			assert_has_no_file(vm_fd, "vcpu0");
			vcpu_fd = create_vcpu(vm_fd, 0);
			TEST_ASSERT(vcpu_fd >= 0, "KVM_CREATE_VCPU again: %i",
				    vcpu_fd);
			assert_has_file(vm_fd, "vcpu0/reasons");
		} else {
			assert_has_file(vm_fd, "vcpu0/reasons");
		}
		second_fd = create_vcpu(vm_fd, 1);
		TEST_ASSERT(second_fd >= 0, "KVM_CREATE_VCPU: %i", second_fd);
		assert_has_file(vm_fd, "vcpu1/reasons");
		close(second_fd);
		close(vcpu_fd);
		close(vm_fd);
		assert_no_vms();
	}
}

/* The end of a VM cannot fail; its line in the log may be missing. */
static void faults_destroying_vm(void)
{
	int vm_fd, vcpu_fd;
	unsigned int nth;
	bool injected;

	for_each_fault(nth, injected) {
		vm_fd = create_vm();
		TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM: %i", vm_fd);
		vcpu_fd = create_vcpu(vm_fd, 0);
		TEST_ASSERT(vcpu_fd >= 0, "KVM_CREATE_VCPU: %i", vcpu_fd);
		close(vcpu_fd);
		arm(nth);
		close(vm_fd);
		injected = disarm();
		check("close()", nth, injected, 0);
		assert_no_vms();
	}
}

/* With VMs there already.  Afterwards it loads, and shows them. */
static void faults_loading(void)
{
	int vm_fds[2], vcpu_fds[2][2], i, j, r;
	unsigned int nth;
	bool injected;

	for (i = 0; i < 2; i++) {
		vm_fds[i] = create_vm();
		TEST_ASSERT(vm_fds[i] >= 0, "KVM_CREATE_VM: %i", vm_fds[i]);
		for (j = 0; j < 2; j++)
			vcpu_fds[i][j] = create_vcpu(vm_fds[i], j);
	}

	for_each_fault(nth, injected) {
		r = unload_module();
		TEST_ASSERT(!r, "delete_module(kvm_exits): %i", r);
		TEST_ASSERT(!file_exists(DEBUGFS_DIR), "Unloaded, but " DEBUGFS_DIR);
		arm(nth);
		r = load_module();
		injected = disarm();
		check("finit_module()", nth, injected, r);
		if (r) {
			TEST_ASSERT(!file_exists(MODULE_DIR), "Failed, but " MODULE_DIR);
			TEST_ASSERT(!file_exists(DEBUGFS_DIR), "Failed, but " DEBUGFS_DIR);
			r = load_module();
			TEST_ASSERT(!r, "finit_module() again: %i", r);
			for (i = 0; i < 2; i++)
				assert_has_file(vm_fds[i], "vcpu1/reasons");
		}
	}

	for (i = 0; i < 2; i++) {
		assert_has_file(vm_fds[i], "vcpu1/reasons");
		for (j = 0; j < 2; j++)
			close(vcpu_fds[i][j]);
		close(vm_fds[i]);
	}
	assert_no_vms();
}

static int read_file(const char *path)
{
	char buffer[32768];
	int fd = open(path, O_RDONLY);
	int r;

	if (fd < 0)
		return -errno;
	r = sys(read(fd, buffer, sizeof(buffer)));
	close(fd);
	return r;
}

static void faults_reading(void)
{
	static const char * const files[] = {
		"total", "reasons", "states", "guest_visible", "vcpu0/reasons",
		"vcpu0/states", "vcpu0/durations",
	};
	int vm_fd, vcpu_fd, fd, r;
	unsigned int nth, i;
	char path[128];
	bool injected;

	vm_fd = create_vm();
	TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM: %i", vm_fd);
	vcpu_fd = create_vcpu(vm_fd, 0);
	TEST_ASSERT(vcpu_fd >= 0, "KVM_CREATE_VCPU: %i", vcpu_fd);
	assert_has_file(vm_fd, "vcpu0/durations");
	write_file(PARAM_TIME, "Y");
	write_file(PARAM_HISTOGRAM, "Y");

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		vm_path(vm_fd, files[i], path, sizeof(path));
		for_each_fault(nth, injected) {
			arm(nth);
			r = read_file(path);
			injected = disarm();
			check(files[i], nth, injected, r);
		}
	}
	for_each_fault(nth, injected) {
		arm(nth);
		r = read_file(DEBUGFS_DIR "/reasons");
		injected = disarm();
		check("reasons of the host", nth, injected, r);
	}
	for_each_fault(nth, injected) {
		arm(nth);
		r = try_write_file(DEBUGFS_DIR "/log", "1");
		injected = disarm();
		check("log", nth, injected, r);
	}
	for_each_fault(nth, injected) {
		arm(nth);
		r = try_write_file(PARAM_LOG, "1");
		injected = disarm();
		check("the parameter log", nth, injected, r);
	}
	for_each_fault(nth, injected) {
		char text[64];

		snprintf(text, sizeof(text), "%d-%d 1", getpid(), vm_fd);
		arm(nth);
		r = try_write_file(PARAM_GUEST_VISIBLE, text);
		injected = disarm();
		check("guest_visible", nth, injected, r);
	}
	for_each_fault(nth, injected) {
		char header[sizeof(struct kvm_stats_header)];

		arm(nth);
		fd = sys(ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL));
		r = fd < 0 ? fd : sys(read(fd, header, sizeof(header)));
		injected = disarm();
		check("KVM_GET_STATS_FD", nth, injected, r);
		if (fd >= 0)
			close(fd);
	}

	write_file(PARAM_HISTOGRAM, "N");
	write_file(PARAM_TIME, "N");
	close(vcpu_fd);
	close(vm_fd);
	assert_no_vms();
}

static void faults_creating_with_ledger(void)
{
	write_file(PARAM_TIME, "Y");
	faults_creating_vm();
	faults_creating_vcpu();
	faults_destroying_vm();
	write_file(PARAM_TIME, "N");
}

/* It is on for all, or it is off.  Of opening the file, nothing fails. */
static void faults_switching(void)
{
	int vm_fd, vcpu_fds[3], time_fd, r;
	unsigned int nth, i;
	char line[8];
	bool injected;

	vm_fd = create_vm();
	TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM: %i", vm_fd);
	for (i = 0; i < ARRAY_SIZE(vcpu_fds); i++) {
		vcpu_fds[i] = create_vcpu(vm_fd, i);
		TEST_ASSERT(vcpu_fds[i] >= 0, "KVM_CREATE_VCPU: %i", vcpu_fds[i]);
	}

	time_fd = open(PARAM_TIME, O_WRONLY);
	TEST_ASSERT(time_fd >= 0, "open(" PARAM_TIME ") failed, errno: %i", errno);
	for_each_fault(nth, injected) {
		arm(nth);
		r = sys(pwrite(time_fd, "Y", 1, 0));
		injected = disarm();
		check("exit_counters_time", nth, injected, r);
		r = min(r, 0);
		read_line(PARAM_TIME, line, sizeof(line));
		TEST_ASSERT(!strcmp(line, r ? "N" : "Y"), "It is %s after %i", line, r);
		write_file(PARAM_TIME, "N");
	}
	TEST_ASSERT(!memory_runs_out || seen.failed, "The switch is never refused");
	close(time_fd);

	for (i = 0; i < ARRAY_SIZE(vcpu_fds); i++)
		close(vcpu_fds[i]);
	close(vm_fd);
	assert_no_vms();
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "the ledger is switched on", faults_switching },
	{ "VMs come and go while it is on", faults_creating_with_ledger },
	{ "a VM is created", faults_creating_vm },
	{ "a vCPU is created", faults_creating_vcpu },
	{ "a VM is destroyed", faults_destroying_vm },
	{ "kvm_exits is loaded", faults_loading },
	{ "counts are read", faults_reading },
};

/* Those that may sleep are nearly all.  Traces are for real problems. */
static const struct {
	const char *path;
	const char *value;
} settings[] = {
	{ FAILSLAB "/ignore-gfp-wait", "N" },
	{ FAILSLAB "/verbose", "0" },
	{ FAIL_PAGES "/ignore-gfp-wait", "N" },
	{ FAIL_PAGES "/ignore-gfp-highmem", "N" },
	{ FAIL_PAGES "/min-order", "0" },
	{ FAIL_PAGES "/task-filter", "Y" },
	{ FAIL_PAGES "/verbose", "0" },
	/* Of which arm() has use. */
	{ FAIL_PAGES "/probability", "0" },
	{ FAIL_PAGES "/space", "0" },
	{ FAIL_PAGES "/times", "0" },
};

static void prepare_faults(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		restore_at_exit(settings[i].path);
		write_file(settings[i].path, settings[i].value);
	}

	/* This program's own pages are there already. */
	TEST_ASSERT(!mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall() failed, errno: %i",
		    errno);
}

int main(void)
{
	unsigned int i, round;

	TEST_REQUIRE(file_exists(KVM_DEV_PATH));
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	require_module_file();
	__TEST_REQUIRE(file_exists(FAIL_NTH) && file_exists(FAILSLAB) &&
		       file_exists(FAIL_PAGES),
		       "The kernel has no CONFIG_FAILSLAB, or no CONFIG_FAIL_PAGE_ALLOC");

	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_HISTOGRAM);
	prepare_faults();
	setvbuf(stdout, NULL, _IOLBF, 0);

	kvm_fd = open_kvm_dev_path_or_exit();
	fail_nth_fd = open(FAIL_NTH, O_RDWR);
	TEST_ASSERT(fail_nth_fd >= 0, "open(" FAIL_NTH ") failed, errno: %i", errno);
	make_it_fail_fd = open(MAKE_IT_FAIL, O_RDWR);
	TEST_ASSERT(make_it_fail_fd >= 0, "open(" MAKE_IT_FAIL ") failed, errno: %i",
		    errno);

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		memory_runs_out = false;
		for (round = 0; round < ROUNDS; round++)
			tests[i].run();
		memory_runs_out = true;
		tests[i].run();
		ksft_test_result_pass("%s\n", tests[i].name);
	}
	ksft_finished();
}
