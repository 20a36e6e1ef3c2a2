/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the libraries of older kernels' KVM selftests lack: the tests are written for
 * that of Linux 7.3, and are the same in the series of each line.
 */
#ifndef EXIT_COUNTS_COMPAT_H
#define EXIT_COUNTS_COMPAT_H

#include "kvm_util.h"
#include "processor.h"

/* Before Linux 7.3, in which both are new */
#if !__has_include("kvm_syscalls.h")

#include "svm_util.h"
#include "vmx.h"

#define gva_t					vm_vaddr_t

#define vm_alloc_page				vm_vaddr_alloc_page
#define vm_alloc_pages				vm_vaddr_alloc_pages
#define kvm_is_unrestricted_guest_enabled()	vm_is_unrestricted_guest(NULL)

/* Where L2's stack begins: the library leaves that to the test. */
void *guest_l2_stack(void);

#define generic_svm_setup(svm, rip)	generic_svm_setup(svm, rip, guest_l2_stack())
#define prepare_vmcs(vmx, rip)		prepare_vmcs(vmx, rip, guest_l2_stack())

#endif

/* Linux 6.1 */
#ifndef GUEST_SYNC1

#include <linux/kvm_para.h>

#include "apic.h"

#define APIC_LVTT			0x320
#define APIC_LVT_TIMER_TSCDEADLINE	(2 << 17)
#define X86_FEATURE_HYPERVISOR		KVM_X86_CPU_FEATURE(0x1, 0, ECX, 31)
#define XFEATURE_MASK_FP		BIT_ULL(0)
#define KVM_FEP				"ud2; .byte 'k', 'v', 'm';"

extern bool host_cpu_is_intel;
extern bool host_cpu_is_amd;

int get_kvm_amd_param_integer(const char *param);

/* That of the harness has the same name and is another. */
#undef ASSERT_EQ

#define TEST_ASSERT_EQ(a, b)						\
do {									\
	typeof(a) __a = (a);						\
	typeof(b) __b = (b);						\
									\
	test_assert(__a == __b, #a " == " #b, __FILE__, __LINE__,	\
		    "%#lx != %#lx (%s != %s)",				\
		    (unsigned long)(__a), (unsigned long)(__b), #a, #b);\
} while (0)

#define TEST_ASSERT_KVM_EXIT_REASON(vcpu, expected)			\
do {									\
	u32 __reason = (vcpu)->run->exit_reason, __expected = (expected); \
									\
	TEST_ASSERT(__reason == __expected,				\
		    "Wanted KVM exit reason: %u (%s), got: %u (%s)",	\
		    __expected, exit_reason_str(__expected),		\
		    __reason, exit_reason_str(__reason));		\
} while (0)

#define GUEST_SYNC1(arg0)			ucall(UCALL_SYNC, 1, arg0)
#define GUEST_SYNC2(arg0, arg1)			ucall(UCALL_SYNC, 2, arg0, arg1)
#define GUEST_SYNC4(arg0, arg1, arg2, arg3)	\
	ucall(UCALL_SYNC, 4, arg0, arg1, arg2, arg3)

/*
 * Its guests can say which assertion failed, but do not print: the host does that,
 * of a format that has the same address there, and the numbers for it.
 */
#define NR_GUEST_ASSERT_NUMBERS	10

#define __guest_assert_failed(condition, format, numbers...)		\
do {									\
	u64 __numbers[NR_GUEST_ASSERT_NUMBERS] = { numbers };		\
									\
	ucall(UCALL_ABORT, GUEST_ASSERT_BUILTIN_NARGS + 2, condition,	\
	      __FILE__, __LINE__, format, __numbers);			\
} while (0)

#undef __GUEST_ASSERT
#define __GUEST_ASSERT(condition, format, numbers...)			\
do {									\
	if (!(condition))						\
		__guest_assert_failed(#condition, format, ##numbers);	\
} while (0)

#undef GUEST_ASSERT
#define GUEST_ASSERT(condition)	__GUEST_ASSERT(condition, "")

#undef GUEST_ASSERT_EQ
#define GUEST_ASSERT_EQ(a, b)						\
do {									\
	typeof(a) __a = (a);						\
	typeof(b) __b = (b);						\
									\
	if (__a != __b)							\
		__guest_assert_failed(#a " == " #b, "%#lx != %#lx",	\
				      __a, __b);			\
} while (0)

#define GUEST_FAIL(format, numbers...)					\
	__guest_assert_failed("Unconditional guest failure", format, ##numbers)

u64 get_ucall_and_numbers(struct kvm_vcpu *vcpu, struct ucall *uc);
void report_guest_assert(const struct ucall *uc);

#define get_ucall(vcpu, uc)	get_ucall_and_numbers(vcpu, uc)
#undef REPORT_GUEST_ASSERT
#define REPORT_GUEST_ASSERT(uc)	report_guest_assert(&(uc))

/*
 * Its vCPUs start without exception handlers, and with a stack that is not as the
 * ABI has it at a function's entry.
 */
struct kvm_vcpu *vm_vcpu_add_as_later(struct kvm_vm *vm, u32 id, void *guest_code);
struct kvm_vm *vm_create_as_later(u32 nr_vcpus, u64 extra_pages, void *guest_code,
				  struct kvm_vcpu *vcpus[]);

#define vm_vcpu_add(vm, id, guest_code)					\
	vm_vcpu_add_as_later(vm, id, guest_code)
#define vm_create_with_vcpus(nr_vcpus, guest_code, vcpus)		\
	vm_create_as_later(nr_vcpus, 0, guest_code, vcpus)
#define vm_create_with_one_vcpu(vcpu, guest_code)			\
	vm_create_as_later(1, 0, guest_code, vcpu)
#define __vm_create_with_one_vcpu(vcpu, extra_pages, guest_code)	\
	vm_create_as_later(1, extra_pages, guest_code, vcpu)

void vcpu_arch_set_entry_point(struct kvm_vcpu *vcpu, void *guest_code);

/* Its own reads where the last read ended. */
static inline void pread_stats_header(int fd, struct kvm_stats_header *header)
{
	TEST_ASSERT(pread(fd, header, sizeof(*header), 0) == sizeof(*header),
		    "Read stats header");
}

#define read_stats_header(fd, header)	pread_stats_header(fd, header)

#define write_guest_global(vm, global, value)				\
do {									\
	typeof(global) *__copy = addr_gva2hva(vm, (gva_t)&(global));	\
									\
	*__copy = (value);						\
} while (0)

static inline void xsetbv(u32 index, u64 value)
{
	asm volatile("xsetbv" : : "a" ((u32)value), "d" (value >> 32), "c" (index));
}

static inline u8 xsetbv_safe(u32 index, u64 value)
{
	return kvm_asm_safe("xsetbv", "a" ((u32)value), "d" (value >> 32), "c" (index));
}

static inline u8 rdpmc_safe(u32 index, u64 *value)
{
	u32 low, high;
	u8 vector;

	asm volatile(KVM_ASM_SAFE("rdpmc")
		     : "=a" (low), "=d" (high), KVM_ASM_SAFE_OUTPUTS(vector)
		     : "c" (index)
		     : KVM_ASM_SAFE_CLOBBERS);
	*value = (u64)high << 32 | low;
	return vector;
}

/* Its own is VMCALL on all CPUs. */
#define guest_hypercall(inputs...)					\
({									\
	u64 __result;							\
									\
	if (host_cpu_is_amd)						\
		asm volatile("vmmcall" : "=a" (__result) : inputs : "memory"); \
	else								\
		asm volatile("vmcall" : "=a" (__result) : inputs : "memory"); \
	__result;							\
})

#define kvm_hypercall(nr, a0, a1, a2, a3)				\
	guest_hypercall("a" ((u64)(nr)), "b" ((u64)(a0)), "c" ((u64)(a1)), \
			"d" ((u64)(a2)), "S" ((u64)(a3)))

static inline void xen_hypercall(u64 nr, u64 a0, void *a1)
{
	GUEST_ASSERT(!guest_hypercall("a" (nr), "D" (a0), "S" (a1)));
}

static inline u32 atoi_positive(const char *name, const char *number)
{
	int value = atoi(number);

	TEST_ASSERT(value > 0, "%s must be greater than 0, got '%s'", name, number);
	return value;
}

#endif /* GUEST_SYNC1 */

#endif /* EXIT_COUNTS_COMPAT_H */
