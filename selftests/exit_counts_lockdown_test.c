// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a kernel that is locked down, as it is with Secure Boot, all that can be read
 * stays readable and all that can be switched stays a switch.
 *
 * Only a reboot unlocks the kernel, and no module is loaded until then.  So
 * LOCK_DOWN=1 has to say that this is wanted.
 */
#include <ftw.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define SECURITYFS	"/sys/kernel/security"
#define LOCKDOWN	SECURITYFS "/lockdown"

static void guest_code(void)
{
	struct leaf l;

	for (;;) {
		l = guest_cpuid(LEAF_SIGNATURE, 0);
		GUEST_SYNC1(l.rbx == 0x454d564b);
	}
}

KVM_ONE_VCPU_TEST_SUITE(lockdown);

static void assert_told(struct kvm_vcpu *vcpu, bool told)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	TEST_ASSERT_EQ(uc.args[0], told);
}

static unsigned int nr_read;

static int read_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	char line[256];

	if (type != FTW_F || !(st->st_mode & 0444))
		return 0;
	read_line(path, line, sizeof(line));
	nr_read++;
	return 0;
}

KVM_ONE_VCPU_TEST(lockdown, all_files_are_readable, guest_code)
{
	char path[128];

	vm_debugfs_file(vcpu->vm, "vcpu0/reasons", path, sizeof(path));
	TEST_ASSERT(!nftw(DEBUGFS_DIR, read_one, 8, FTW_PHYS),
		    "nftw() failed, errno: %i", errno);
	/*
	 * total, reasons and states; of the VM these and guest_visible; of its vCPU
	 * reasons, states and durations
	 */
	TEST_ASSERT(nr_read == 10, "%u files, wanted 10", nr_read);
}

KVM_ONE_VCPU_TEST(lockdown, vm_is_hidden_and_shown, guest_code)
{
	char text[64];

	assert_told(vcpu, true);
	snprintf(text, sizeof(text), "%ld-%d 0", syscall(SYS_gettid), vcpu->vm->fd);
	write_file(PARAM_GUEST_VISIBLE, text);
	assert_told(vcpu, false);
	text[strlen(text) - 1] = '1';
	write_file(PARAM_GUEST_VISIBLE, text);
	assert_told(vcpu, true);
}

KVM_ONE_VCPU_TEST(lockdown, all_are_hidden, guest_code)
{
	struct kvm_vcpu *other;
	struct kvm_vm *vm;

	write_file(PARAM_CPUID, "N");
	assert_told(vcpu, false);
	write_file(PARAM_CPUID, "Y");
	assert_told(vcpu, true);

	write_file(PARAM_CPUID_DEFAULT, "N");
	vm = vm_create_with_one_vcpu(&other, guest_code);
	assert_told(other, false);
	write_file(PARAM_CPUID_DEFAULT, "Y");
	kvm_vm_free(vm);
}

static u32 features_told(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	return uc.args[0];
}

static void guest_code_features(void)
{
	for (;;)
		GUEST_SYNC1(guest_cpuid(LEAF_FEATURES, 0).rax);
}

KVM_ONE_VCPU_TEST(lockdown, ledger, guest_code_features)
{
	char states[128], on[8];
	struct durations d;

	vm_debugfs_file(vcpu->vm, "vcpu0/states", states, sizeof(states));
	write_file(PARAM_TIME, "Y");
	write_file(PARAM_HISTOGRAM, "Y");
	TEST_ASSERT(!(features_told(vcpu) & FEATURE_CYCLES), "Cycles are told");
	TEST_ASSERT(ledger_is_kept(states), "No ledger");
	TEST_ASSERT(read_vcpu_durations(vcpu, reason_of(EXIT_CPUID), &d) && d.exits,
		    "No durations");

	write_file(PARAM_CPUID_TIME, "Y");
	TEST_ASSERT(features_told(vcpu) & FEATURE_CYCLES, "No cycles are told");
	write_file(PARAM_CPUID_TIME, "N");
	TEST_ASSERT(!(features_told(vcpu) & FEATURE_CYCLES), "Cycles are told");

	write_file(PARAM_HISTOGRAM, "N");
	TEST_ASSERT(!read_vcpu_durations(vcpu, reason_of(EXIT_CPUID), &d), "Durations");
	write_file(PARAM_TIME, "N");
	TEST_ASSERT(!ledger_is_kept(states), "A ledger");
	read_line(PARAM_TIME, on, sizeof(on));
	TEST_ASSERT_EQ(on[0], 'N');
}

KVM_ONE_VCPU_TEST(lockdown, log, guest_code)
{
	char line[256];
	int r;

	write_file(PARAM_LOG_LIMIT, "1000000");
	write_file(PARAM_LOG_QUERIES, "Y");
	write_file(PARAM_LOG_ENDS, "Y");
	kmsg_start();
	write_file(PARAM_LOG, "1");
	TEST_ASSERT(kmsg_next(KMSG_MODULE "all VMs: ", line, sizeof(line)),
		    "No table");

	/* What the parameter is there for. */
	r = try_write_file(DEBUGFS_DIR "/log", "1");
	TEST_ASSERT(r == -EPERM, "debugfs can be written: %i", r);
}

static void lock_down(void)
{
	char levels[64];

	if (!file_exists(LOCKDOWN))
		mount("securityfs", SECURITYFS, "securityfs", 0, NULL);
	__TEST_REQUIRE(file_exists(LOCKDOWN), "The kernel has no lockdown");
	read_line(LOCKDOWN, levels, sizeof(levels));
	if (strstr(levels, "[none]"))
		write_file(LOCKDOWN, "integrity");
}

int main(int argc, char **argv)
{
	const char *wanted = getenv("LOCK_DOWN");

	__TEST_REQUIRE(wanted && !strcmp(wanted, "1"),
		       "LOCK_DOWN=1 does not say that the kernel may be locked down");
	require_exit_counts();
	require_ledger();
	lock_down();

	return test_harness_run(argc, argv);
}
