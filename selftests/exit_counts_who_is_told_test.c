// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is told: a VM begins as a parameter says, has a switch of its own, and one
 * parameter switches all of them off.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_LEAVES	16

static struct leaf answers[NR_LEAVES];

/* Asks before it does anything else. */
static void guest_code(void)
{
	unsigned int i;

	for (;;) {
		for (i = 0; i < NR_LEAVES; i++)
			answers[i] = guest_cpuid(LEAF_SIGNATURE + i, 1);
		GUEST_SYNC(0);
	}
}

FIXTURE(who_is_told)
{
	struct kvm_vcpu *told;
	struct kvm_vcpu *not_told;
};

static struct kvm_vcpu *create_vm(void)
{
	struct kvm_vcpu *vcpu;

	vm_create_with_one_vcpu(&vcpu, guest_code);
	return vcpu;
}

FIXTURE_SETUP(who_is_told)
{
	write_file(PARAM_CPUID, "Y");
	write_file(PARAM_CPUID_DEFAULT, "N");
	self->not_told = create_vm();
	write_file(PARAM_CPUID_DEFAULT, "Y");
	self->told = create_vm();
}

FIXTURE_TEARDOWN(who_is_told)
{
	kvm_vm_free(self->told->vm);
	kvm_vm_free(self->not_told->vm);
}

static void ask(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	sync_global_from_guest(vcpu->vm, answers);
}

static void assert_told(struct kvm_vcpu *vcpu)
{
	const struct leaf *l = &answers[0];

	ask(vcpu);
	TEST_ASSERT(l->rax == LEAF_EXITS_TOTAL && !memcmp(&l->rbx, "KVME", 4),
		    "Not told, no signature: " LEAF_FMT, l->rax, l->rbx, l->rcx,
		    l->rdx);
	l = &answers[LEAF_EXITS_TOTAL & 0xf];
	TEST_ASSERT(l->rax && !l->rbx && !l->rcx && !l->rdx,
		    "Not told, no total: " LEAF_FMT, l->rax, l->rbx, l->rcx, l->rdx);
}

static void assert_not_told(struct kvm_vcpu *vcpu)
{
	unsigned int i;

	ask(vcpu);
	for (i = 0; i < NR_LEAVES; i++)
		TEST_ASSERT_LEAF_EQ(LEAF_SIGNATURE + i, 1, answers[i],
				    unpatched_answer(vcpu, 1));
}

/* What the VM's file says, whether or not the VM is told. */
static void assert_switch(struct kvm_vcpu *vcpu, const char *wanted)
{
	char path[128], line[8];

	vm_debugfs_file(vcpu->vm, "guest_visible", path, sizeof(path));
	read_line(path, line, sizeof(line));
	TEST_ASSERT(!strcmp(line, wanted), "%s: %s, wanted %s", path, line, wanted);
}

/* "<VM> <to>" */
static int try_throw_switch(struct kvm_vcpu *vcpu, const char *to)
{
	char text[128];

	snprintf(text, sizeof(text), "%ld-%d %s", syscall(SYS_gettid),
		 vcpu->vm->fd, to);
	return try_write_file(PARAM_GUEST_VISIBLE, text);
}

static void throw_switch(struct kvm_vcpu *vcpu, const char *to)
{
	int r = try_throw_switch(vcpu, to);

	TEST_ASSERT(!r, "guest_visible: \"VM %s\": %i", to, r);
}

TEST_F(who_is_told, by_default_of_its_creation)
{
	assert_not_told(self->not_told);
	assert_told(self->told);
	write_file(PARAM_CPUID_DEFAULT, "N");
	assert_not_told(self->not_told);
	assert_told(self->told);
	assert_switch(self->not_told, "0");
	assert_switch(self->told, "1");
}

TEST_F(who_is_told, by_its_own_switch)
{
	throw_switch(self->not_told, "1");
	assert_told(self->not_told);
	assert_switch(self->not_told, "1");
	assert_told(self->told);

	throw_switch(self->told, "0\n");
	assert_not_told(self->told);
	assert_switch(self->told, "0");
	assert_told(self->not_told);

	throw_switch(self->told, "1\n");
	assert_told(self->told);
	throw_switch(self->not_told, "0");
	assert_not_told(self->not_told);
}

TEST_F(who_is_told, nobody_if_it_is_switched_off)
{
	struct kvm_vcpu *shown = create_vm(), *hidden = create_vm(), *later;

	throw_switch(hidden, "0");
	throw_switch(shown, "1");

	write_file(PARAM_CPUID, "N");
	later = create_vm();
	assert_not_told(self->told);
	assert_not_told(self->not_told);
	assert_not_told(shown);
	assert_not_told(hidden);
	assert_not_told(later);

	/* Thrown while nobody is told, seen when that is over. */
	throw_switch(self->not_told, "1");
	assert_not_told(self->not_told);
	assert_switch(self->not_told, "1");
	assert_switch(self->told, "1");
	assert_switch(hidden, "0");

	write_file(PARAM_CPUID, "Y");
	assert_told(self->told);
	assert_told(self->not_told);
	assert_told(shown);
	assert_not_told(hidden);
	assert_told(later);

	kvm_vm_free(shown->vm);
	kvm_vm_free(hidden->vm);
	kvm_vm_free(later->vm);
}

TEST_F(who_is_told, nothing_changes_by_garbage)
{
	static const char * const garbage[] = {
		"2", "-1", "x", "1x", "01", "0x1", "Y", "1 ", " 1", "1 1", "1\n0",
		"1\n\n", "\n", "", "18446744073709551617", "0000000000000000000000",
	};
	static const char * const no_vm[] = { "1", "0", "1\n", " 1", "\n", "VM", "VM ",
		"123456789012345678901234567890123456789012345678901234567890 1",
	};
	static const char * const unknown[] = { "1-1 0", "x 1", "1-1.1 1\n" };
	unsigned int i;
	int r;

	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		r = try_throw_switch(self->told, garbage[i]);
		TEST_ASSERT(r == -EINVAL, "\"VM %s\": %i, wanted %i", garbage[i],
			    r, -EINVAL);
	}
	for (i = 0; i < ARRAY_SIZE(no_vm); i++) {
		r = try_write_file(PARAM_GUEST_VISIBLE, no_vm[i]);
		TEST_ASSERT(r == -EINVAL, "\"%s\": %i, wanted %i", no_vm[i], r,
			    -EINVAL);
	}
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		r = try_write_file(PARAM_GUEST_VISIBLE, unknown[i]);
		TEST_ASSERT(r == -ENOENT, "\"%s\": %i, wanted %i", unknown[i], r,
			    -ENOENT);
	}

	assert_told(self->told);
	assert_switch(self->told, "1");
	assert_not_told(self->not_told);
	assert_switch(self->not_told, "0");
}

/* Who has ended is as unknown as who never was. */
TEST_F(who_is_told, no_switch_without_vm)
{
	struct kvm_vcpu *vcpu = create_vm();
	char text[64];
	int r;

	snprintf(text, sizeof(text), "%ld-%d 0", syscall(SYS_gettid), vcpu->vm->fd);
	write_file(PARAM_GUEST_VISIBLE, text);
	kvm_vm_free(vcpu->vm);
	r = try_write_file(PARAM_GUEST_VISIBLE, text);
	TEST_ASSERT(r == -ENOENT, "\"%s\": %i, wanted %i", text, r, -ENOENT);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	restore_at_exit(PARAM_CPUID);
	restore_at_exit(PARAM_CPUID_DEFAULT);

	return test_harness_run(argc, argv);
}
