// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that is open keeps the module, but not the VM that it is about.
 * Needs the module's file: KVM_EXITS_KO=/path/to/kvm_exits.ko
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

static void guest_code(void)
{
	for (;;)
		GUEST_SYNC1(guest_exits_total());
}

static const char * const files[] = {
	"total", "reasons", "states", "guest_visible",
	"vcpu0/reasons", "vcpu0/states", "vcpu0/durations",
};

FIXTURE(open_files)
{
	struct kvm_vcpu *vcpu;
	int fds[ARRAY_SIZE(files)];
	/* Of the host */
	int total_fd;
};

/* What the files are of can be kept or not. */
FIXTURE_VARIANT(open_files)
{
	const char *ledger;
};

FIXTURE_VARIANT_ADD(open_files, without_ledger)
{
	.ledger = "N",
};

FIXTURE_VARIANT_ADD(open_files, with_ledger)
{
	.ledger = "Y",
};

FIXTURE_SETUP(open_files)
{
	struct ucall uc;
	char path[128];
	int i;

	write_file(PARAM_HISTOGRAM, variant->ledger);
	if (try_write_file(PARAM_TIME, variant->ledger))
		SKIP(return, "No ledger");
	vm_create_with_one_vcpu(&self->vcpu, guest_code);
	run_until_ucall(self->vcpu, &uc);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		vm_debugfs_file(self->vcpu->vm, files[i], path, sizeof(path));
		self->fds[i] = open(path, O_RDONLY);
		TEST_ASSERT(self->fds[i] >= 0, "open(%s) failed, errno: %i", path,
			    errno);
	}
	self->total_fd = open(DEBUGFS_DIR "/total", O_RDONLY);
	TEST_ASSERT(self->total_fd >= 0, "open(total) failed, errno: %i", errno);
}

FIXTURE_TEARDOWN(open_files)
{
	kvm_vm_free(self->vcpu->vm);
	write_file(PARAM_TIME, "N");
	write_file(PARAM_HISTOGRAM, "N");
}

/* From the start; bytes or -errno */
static ssize_t read_again(int fd)
{
	char buffer[32768];
	ssize_t r;

	lseek(fd, 0, SEEK_SET);
	r = read(fd, buffer, sizeof(buffer));
	return r < 0 ? -errno : r;
}

static void assert_in_use(const char *what)
{
	int r = unload_module();

	TEST_ASSERT(r == -EAGAIN, "While %s is open, delete_module(kvm_exits): %i",
		    what, r);
}

static void assert_unloads_and_loads(void)
{
	int r = unload_module();

	TEST_ASSERT(!r, "delete_module(kvm_exits): %i", r);
	r = load_module();
	TEST_ASSERT(!r, "finit_module(kvm_exits): %i", r);
}

TEST_F(open_files, keep_the_module)
{
	struct ucall uc;
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		assert_in_use(files[i]);
		/* Nobody has noticed. */
		run_until_ucall(self->vcpu, &uc);
		TEST_ASSERT(read_again(self->fds[i]) > 0, "%s: %zd", files[i],
			    read_again(self->fds[i]));
		close(self->fds[i]);
	}
	assert_in_use("the host's total");
	TEST_ASSERT(read_again(self->total_fd) > 0, "total: %zd",
		    read_again(self->total_fd));
	close(self->total_fd);

	assert_unloads_and_loads();
	run_until_ucall(self->vcpu, &uc);
}

TEST_F(open_files, do_not_keep_the_vm)
{
	ssize_t r;
	char path[128];
	int i;

	vm_debugfs_path(self->vcpu->vm, "", path, sizeof(path));
	kvm_vm_free(self->vcpu->vm);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		r = read_again(self->fds[i]);
		TEST_ASSERT(r == -ENODEV, "%s of a VM that has ended: %zd, wanted %i",
			    files[i], r, -ENODEV);
	}
	wait_until_gone(path);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		r = read_again(self->fds[i]);
		TEST_ASSERT(r == -ENODEV, "%s of a VM that has ended: %zd, wanted %i",
			    files[i], r, -ENODEV);
	}
	assert_in_use("a file of a VM that has ended");
	for (i = 0; i < ARRAY_SIZE(files); i++)
		close(self->fds[i]);
	close(self->total_fd);
	assert_unloads_and_loads();

	vm_create_with_one_vcpu(&self->vcpu, guest_code);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_HISTOGRAM);
	require_module_file();

	return test_harness_run(argc, argv);
}
