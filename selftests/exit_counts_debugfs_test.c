// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of the module kvm_exits show what the vCPUs' statistics say.
 */
#include <ftw.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

/* Of the vCPUs, whose indices are 0 and 1 */
static const u32 ids[] = { 0, 5 };

#define NR_VCPUS	ARRAY_SIZE(ids)

static void guest_code(u64 times)
{
	u64 i;

	for (;;) {
		for (i = 0; i < times; i++)
			guest_cpuid(0, 0);
		GUEST_SYNC(0);
	}
}

FIXTURE(debugfs)
{
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[NR_VCPUS];
};

FIXTURE_SETUP(debugfs)
{
	struct ucall uc;
	int i;

	self->vm = vm_create(NR_VCPUS + 1);
	for (i = 0; i < NR_VCPUS; i++) {
		self->vcpus[i] = vm_vcpu_add(self->vm, ids[i], guest_code);
		vcpu_args_set(self->vcpus[i], 1, 10 * (i + 1));
		run_until_ucall(self->vcpus[i], &uc);
	}
}

FIXTURE_TEARDOWN(debugfs)
{
	if (self->vm)
		kvm_vm_free(self->vm);
}

static void assert_equal(const char *path, const u64 seen[NR_BUCKETS],
			 const u64 wanted[NR_BUCKETS])
{
	unsigned int bucket;

	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		TEST_ASSERT(seen[bucket] == wanted[bucket],
			    "%s: %lu exits of reason %s, wanted %lu", path,
			    (unsigned long)seen[bucket], bucket_str(bucket),
			    (unsigned long)wanted[bucket]);
}

TEST_F(debugfs, vm_is_sum_of_vcpus)
{
	u64 counts[NR_BUCKETS], seen[NR_BUCKETS], sum[NR_BUCKETS] = { 0 };
	char path[128], file[32];
	unsigned int bucket;
	int i;

	for (i = 0; i < NR_VCPUS; i++) {
		snprintf(file, sizeof(file), "vcpu%u/reasons", ids[i]);
		vm_debugfs_file(self->vm, file, path, sizeof(path));
		read_debugfs_reasons(path, seen);
		read_exit_counts(self->vcpus[i], counts);
		TEST_ASSERT_EQ(counts[bucket_of(EXIT_CPUID)], 10 * (i + 1));
		assert_equal(path, seen, counts);
		for (bucket = 0; bucket < NR_BUCKETS; bucket++)
			sum[bucket] += counts[bucket];
	}

	vm_debugfs_file(self->vm, "reasons", path, sizeof(path));
	read_debugfs_reasons(path, seen);
	assert_equal(path, seen, sum);

	vm_debugfs_file(self->vm, "total", path, sizeof(path));
	TEST_ASSERT_EQ(read_debugfs_total(path), sum_exit_counts(sum));
}

TEST_F(debugfs, host_is_sum_of_reasons)
{
	u64 before, after, reasons[NR_BUCKETS];

	/* Other VMs may run meanwhile. */
	before = read_debugfs_total(DEBUGFS_DIR "/total");
	read_debugfs_reasons(DEBUGFS_DIR "/reasons", reasons);
	after = read_debugfs_total(DEBUGFS_DIR "/total");
	TEST_ASSERT(sum_exit_counts(reasons) >= before &&
		    sum_exit_counts(reasons) <= after,
		    "Sum of reasons %lu, total %lu to %lu",
		    (unsigned long)sum_exit_counts(reasons),
		    (unsigned long)before, (unsigned long)after);
	TEST_ASSERT(before, "No exits at all");
}

TEST_F(debugfs, host_keeps_counts_of_dead_vms)
{
	u64 before, after, vm_total, alone;
	char path[128];

	vm_debugfs_file(self->vm, "total", path, sizeof(path));
	vm_total = read_debugfs_total(path);
	before = read_debugfs_total(DEBUGFS_DIR "/total");
	TEST_ASSERT(before >= vm_total, "Host %lu, VM %lu",
		    (unsigned long)before, (unsigned long)vm_total);
	alone = wait_until(nr_entries(VMS_DIR) == 1);

	kvm_vm_free(self->vm);
	self->vm = NULL;

	wait_until_gone(path);
	after = read_debugfs_total(DEBUGFS_DIR "/total");
	TEST_ASSERT(after >= before, "Host %lu, before the VM ended %lu",
		    (unsigned long)after, (unsigned long)before);
	if (alone)
		TEST_ASSERT_EQ(after, before);
}

TEST_F(debugfs, host_never_decreases)
{
	u64 total, last = 0;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	for (i = 0; i < 5; i++) {
		vm = vm_create_with_one_vcpu(&vcpu, guest_code);
		vcpu_args_set(vcpu, 1, 10);
		run_until_ucall(vcpu, &uc);
		total = read_debugfs_total(DEBUGFS_DIR "/total");
		TEST_ASSERT(total > last, "%lu after %lu",
			    (unsigned long)total, (unsigned long)last);
		last = total;
		kvm_vm_free(vm);
		total = read_debugfs_total(DEBUGFS_DIR "/total");
		TEST_ASSERT(total >= last, "%lu after %lu",
			    (unsigned long)total, (unsigned long)last);
		last = total;
	}
}

TEST_F(debugfs, late_vcpu_appears)
{
	u64 seen[NR_BUCKETS], counts[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	char path[128];
	struct ucall uc;

	vm_debugfs_path(self->vm, "vcpu2/reasons", path, sizeof(path));
	TEST_ASSERT(!file_exists(path), "%s exists without a vCPU", path);
	vcpu = vm_vcpu_add(self->vm, 2, guest_code);
	vcpu_args_set(vcpu, 1, 7);
	wait_for_file(path);
	read_debugfs_reasons(path, seen);
	TEST_ASSERT_EQ(sum_exit_counts(seen), 0);
	run_until_ucall(vcpu, &uc);
	read_debugfs_reasons(path, seen);
	read_exit_counts(vcpu, counts);
	assert_equal(path, seen, counts);
	TEST_ASSERT_EQ(seen[bucket_of(EXIT_CPUID)], 7);
}

/* A VM has one name. */
TEST_F(debugfs, name_is_that_of_kvm)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%ld-%d",
		 syscall(SYS_gettid), self->vm->fd);
	TEST_ASSERT(file_exists(path), "%s does not exist", path);
	vm_debugfs_file(self->vm, "total", path, sizeof(path));
}

/* Each table says what it is about: who reads several in one go has to know. */
TEST_F(debugfs, first_line)
{
	char path[128], line[128], wanted[128], file[32];
	int i;

	read_line(DEBUGFS_DIR "/reasons", line, sizeof(line));
	TEST_ASSERT(!strcmp(line, "# all VMs since kvm.ko was loaded, ended ones included"),
		    "\"%s\"", line);

	vm_debugfs_file(self->vm, "reasons", path, sizeof(path));
	read_line(path, line, sizeof(line));
	snprintf(wanted, sizeof(wanted), "# VM %ld-%d of process %d",
		 syscall(SYS_gettid), self->vm->fd, getpid());
	TEST_ASSERT(!strcmp(line, wanted), "\"%s\", wanted \"%s\"", line, wanted);

	for (i = 0; i < NR_VCPUS; i++) {
		snprintf(file, sizeof(file), "vcpu%u/reasons", ids[i]);
		vm_debugfs_file(self->vm, file, path, sizeof(path));
		read_line(path, line, sizeof(line));
		snprintf(wanted, sizeof(wanted), "# VM %ld-%d of process %d, vCPU %u",
			 syscall(SYS_gettid), self->vm->fd, getpid(), ids[i]);
		TEST_ASSERT(!strcmp(line, wanted), "\"%s\", wanted \"%s\"", line,
			    wanted);
	}
}

static int check_mode(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	mode_t mode = st->st_mode & 07777;

	TEST_ASSERT(!st->st_uid, "%s belongs to user %u", path, st->st_uid);
	/* What is only read stays readable on a kernel that is locked down. */
	if (type == FTW_F)
		TEST_ASSERT(mode == (strcmp(path, DEBUGFS_DIR "/log") ? 0400 : 0200),
			    "%s: mode %o", path, mode);
	else if (!ftw->level)
		TEST_ASSERT(mode == 0700, "%s: mode %o", path, mode);
	return 0;
}

TEST_F(debugfs, modes)
{
	char path[128];

	vm_debugfs_file(self->vm, "vcpu5/reasons", path, sizeof(path));
	TEST_ASSERT(!nftw(DEBUGFS_DIR, check_mode, 8, FTW_PHYS),
		    "nftw() failed, errno: %i", errno);
}

static void assert_rejects(const char *path, const char *garbage)
{
	int r = try_write_file(path, garbage);

	TEST_ASSERT(r == -EINVAL, "write(%s, \"%s\"): %i, wanted %i", path,
		    garbage, r, -EINVAL);
}

TEST_F(debugfs, garbage)
{
	static const char * const garbage[] = {
		"2", "-1", "x", "1x", "\n", "0x2", "4294967296", "Y", "1 ",
		"1\n0", "18446744073709551616", "00000000000000000000000x",
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		assert_rejects(DEBUGFS_DIR "/log", garbage[i]);
		assert_rejects(PARAM_LOG, garbage[i]);
	}
	assert_rejects(DEBUGFS_DIR "/log", "0");
	assert_rejects(PARAM_LOG, "0");
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");

	return test_harness_run(argc, argv);
}
