// SPDX-License-Identifier: GPL-2.0-only
/*
 * However many VMs there are and whatever their guests read, the lines in the
 * kernel log are limited, and a limit that is exceeded says so once.
 *
 * Needs the module's file, as lines are counted from when it is loaded:
 * KVM_EXITS_KO=/path/to/kvm_exits.ko
 */
#include <time.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

/* An hour over all VMs, unless log_limit says something else */
#define LINES_OF_ALL	250

static void guest_code(u64 nr_reads)
{
	u64 i;

	for (;;) {
		for (i = 0; i < nr_reads; i++)
			guest_cpuid(LEAF_EXITS_OF_REASON, i);
		GUEST_SYNC(0);
	}
}

enum {
	QUERIES,
	ENDS,
	HINTS_OF_VMS,
	HINTS_OF_HOURS,
	HINTS_OF_ALL,
};

/* Of all VMs, the test's own being all there are. */
static struct kmsg_lines lines[] = {
	[QUERIES]	= { KMSG_MODULE "VM ", ": CPUID 0x" },
	[ENDS]		= { KMSG_MODULE "VM ", " ended: " },
	[HINTS_OF_VMS]	= { KMSG_MODULE "VM ",
			    ": reads more than 10 counts in 5 s, not all are logged" },
	[HINTS_OF_HOURS] = { KMSG_MODULE "VM ",
			     ": reads more than 50 counts in 3600 s, not all are logged" },
	[HINTS_OF_ALL]	= { KMSG_MODULE, "log_limit" },
	{ }
};

static void assert_lines(unsigned int what, unsigned int wanted)
{
	kmsg_count(lines);
	TEST_ASSERT(lines[what].nr == wanted, "%u lines of \"%s\", wanted %u",
		    lines[what].nr, lines[what].part, wanted);
}

static void run_vm(u64 nr_reads)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	vcpu_args_set(vcpu, 1, nr_reads);
	run_until_ucall(vcpu, &uc);
	kvm_vm_free(vm);
}

static void run_vms(unsigned int nr, u64 nr_reads)
{
	while (nr--)
		run_vm(nr_reads);
}

FIXTURE(log_limits) { };

FIXTURE_SETUP(log_limits)
{
	int r = unload_module();

	TEST_ASSERT(!r, "delete_module(kvm_exits): %i", r);
	r = load_module();
	TEST_ASSERT(!r, "finit_module(kvm_exits): %i", r);
	kmsg_start();
}

FIXTURE_TEARDOWN(log_limits) { }

/* Each VM has its own limit, and new ones are free to make. */
TEST_F(log_limits, many_vms)
{
	unsigned int nr = LINES_OF_ALL / LOG_LINES_OF_A_VM;

	run_vms(nr, LOG_LINES_OF_A_VM);
	assert_lines(QUERIES, LINES_OF_ALL);
	assert_lines(HINTS_OF_ALL, 0);

	run_vms(nr, LOG_LINES_OF_A_VM);
	assert_lines(QUERIES, LINES_OF_ALL);
	assert_lines(HINTS_OF_ALL, 1);
	assert_lines(HINTS_OF_VMS, 0);
	/* Which have a limit of their own. */
	assert_lines(ENDS, 2 * nr);
}

TEST_F(log_limits, many_ends)
{
	write_file(PARAM_LOG_LIMIT, "20");
	run_vms(20, 0);
	assert_lines(ENDS, 20);
	assert_lines(HINTS_OF_ALL, 0);
	run_vms(20, 0);
	assert_lines(ENDS, 20);
	assert_lines(HINTS_OF_ALL, 1);
	assert_lines(QUERIES, 0);
}

TEST_F(log_limits, vms_that_never_ran)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int fd, i;

	for (i = 0; i < 400; i++) {
		fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
		TEST_ASSERT(fd >= 0, "KVM_CREATE_VM failed, errno: %i", errno);
		close(fd);
	}
	assert_lines(ENDS, 0);
	close(kvm_fd);
}

TEST_F(log_limits, ends_switched_off)
{
	write_file(PARAM_LOG_ENDS, "N");
	run_vms(3, 1);
	assert_lines(ENDS, 0);
	assert_lines(QUERIES, 3);

	write_file(PARAM_LOG_ENDS, "Y");
	run_vm(1);
	assert_lines(ENDS, 1);
}

TEST_F(log_limits, queries_switched_off)
{
	write_file(PARAM_LOG_QUERIES, "N");
	run_vms(3, 70);
	assert_lines(QUERIES, 0);
	assert_lines(HINTS_OF_VMS, 0);
	assert_lines(ENDS, 3);
}

/* A guest that asks for all reasons: who reads the log is told that it is not all. */
TEST_F(log_limits, one_vm)
{
	struct timespec start, elapsed;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	unsigned int most;
	struct ucall uc;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	vcpu_args_set(vcpu, 1, 70);
	for (i = 0; i < 3; i++) {
		run_until_ucall(vcpu, &uc);
		kmsg_count(lines);
		elapsed = timespec_elapsed(start);
		most = LOG_LINES_OF_A_VM * (1 + elapsed.tv_sec / LOG_INTERVAL_S);
		TEST_ASSERT(lines[QUERIES].nr >= LOG_LINES_OF_A_VM &&
			    lines[QUERIES].nr <= most,
			    "%u lines, wanted %u to %u", lines[QUERIES].nr,
			    LOG_LINES_OF_A_VM, most);
		assert_lines(HINTS_OF_VMS, 1);
	}
	kvm_vm_free(vm);

	/* As it is told of each. */
	run_vm(70);
	assert_lines(HINTS_OF_VMS, 2);
	assert_lines(HINTS_OF_ALL, 0);
}

/* A guest that never reads many at once leaves some of the hour's lines to others. */
TEST_F_TIMEOUT(log_limits, one_vm_an_hour, 300)
{
	unsigned int lines_wanted = 0;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	vcpu_args_set(vcpu, 1, LOG_LINES_OF_A_VM);
	while (lines_wanted < LOG_LINES_OF_A_VM_AN_HOUR) {
		lines_wanted += LOG_LINES_OF_A_VM;
		run_until_ucall(vcpu, &uc);
		assert_lines(QUERIES, lines_wanted);
		/* The limit is the VM's: nothing but time brings new lines. */
		usleep((LOG_INTERVAL_S * 1000 + 100) * 1000);
	}
	assert_lines(HINTS_OF_HOURS, 0);

	run_until_ucall(vcpu, &uc);
	assert_lines(QUERIES, LOG_LINES_OF_A_VM_AN_HOUR);
	assert_lines(HINTS_OF_HOURS, 1);
	assert_lines(HINTS_OF_VMS, 0);
	assert_lines(HINTS_OF_ALL, 0);
	kvm_vm_free(vm);

	run_vm(LOG_LINES_OF_A_VM);
	assert_lines(QUERIES, LOG_LINES_OF_A_VM_AN_HOUR + LOG_LINES_OF_A_VM);
}

/* Exactly the limit is not more than it. */
TEST_F(log_limits, one_vm_within_limits)
{
	run_vm(LOG_LINES_OF_A_VM);
	assert_lines(QUERIES, LOG_LINES_OF_A_VM);
	assert_lines(HINTS_OF_VMS, 0);
}

/* Lines that have been written count, whatever the limit was. */
TEST_F(log_limits, changed_meanwhile)
{
	write_file(PARAM_LOG_LIMIT, "0");
	run_vms(2, 5);
	assert_lines(QUERIES, 0);
	assert_lines(ENDS, 0);

	write_file(PARAM_LOG_LIMIT, "8");
	run_vms(1, 5);
	assert_lines(QUERIES, 5);
	assert_lines(ENDS, 1);
	assert_lines(HINTS_OF_ALL, 0);

	write_file(PARAM_LOG_LIMIT, "3");
	run_vms(1, 5);
	assert_lines(QUERIES, 5);
	assert_lines(ENDS, 2);
	assert_lines(HINTS_OF_ALL, 1);

	write_file(PARAM_LOG_LIMIT, "1000000");
	run_vms(3, 5);
	assert_lines(QUERIES, 5 + 3 * 5);
	assert_lines(ENDS, 2 + 3);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	require_module_file();

	return test_harness_run(argc, argv);
}
