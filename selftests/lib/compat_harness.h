/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of KVM's selftests, for Linux 6.1, which has only that of all selftests.
 */
#ifndef EXIT_COUNTS_COMPAT_HARNESS_H
#define EXIT_COUNTS_COMPAT_HARNESS_H

#include "compat.h"
#include "kselftest_harness.h"

/* After that of a fixture's setup, no test is to run. */
#undef SKIP
#define SKIP(statement, format, args...)				\
do {									\
	snprintf(_metadata->results->reason,				\
		 sizeof(_metadata->results->reason), format, ##args);	\
	_metadata->passed = 0;						\
	_metadata->skip = 1;						\
	statement;							\
} while (0)

/* The last line is for the semicolon that follows. */
#define KVM_ONE_VCPU_TEST_SUITE(type)					\
	FIXTURE(type) {							\
		struct kvm_vcpu *vcpu;					\
	};								\
									\
	FIXTURE_SETUP(type) {						\
		(void)vm_create_with_one_vcpu(&self->vcpu, NULL);	\
	}								\
									\
	FIXTURE_TEARDOWN(type) {					\
		kvm_vm_free(self->vcpu->vm);				\
	}								\
									\
	struct kvm_vcpu

#define KVM_ONE_VCPU_TEST(suite, test, guestcode)			\
static void __##suite##_##test(struct kvm_vcpu *vcpu);			\
									\
TEST_F(suite, test)							\
{									\
	vcpu_arch_set_entry_point(self->vcpu, guestcode);		\
	__##suite##_##test(self->vcpu);					\
}									\
static void __##suite##_##test(struct kvm_vcpu *vcpu)

#endif /* EXIT_COUNTS_COMPAT_HARNESS_H */
