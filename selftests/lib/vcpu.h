/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs: what they run, and what CPUID tells them.
 */
#ifndef EXIT_COUNTS_VCPU_H
#define EXIT_COUNTS_VCPU_H

#include "leaves.h"

/* An I/O port and an address that belong to no device: exits to userspace. */
#define PORT_OF_NOBODY		0x80
#define MMIO_OF_NOBODY		0xd0000000ull

static inline void guest_outb(u16 port, u8 value)
{
	asm volatile("outb %%al, %%dx" : : "d" (port), "a" (value));
}

static inline u8 guest_inb(u16 port)
{
	u8 value;

	asm volatile("inb %%dx, %%al" : "=a" (value) : "d" (port));
	return value;
}

/* For XSETBV, on a CPU that has it. */
static inline void guest_enable_xsave(void)
{
	if (this_cpu_has(X86_FEATURE_XSAVE))
		set_cr4(get_cr4() | X86_CR4_OSXSAVE);
}

/*
 * Registers with which the hardware refuses to run the guest, and KVM does not
 * notice.
 */
void make_state_invalid(struct kvm_vcpu *vcpu);

/*
 * Run until the guest makes a ucall, which is returned in @uc: UCALL_SYNC or
 * UCALL_DONE.  A guest's failed assertion fails the test.  I/O of nobody's
 * device is dropped.
 */
u64 run_until_ucall(struct kvm_vcpu *vcpu, struct ucall *uc);

/* CPUID's answer for out of range leaves: see KVM's cpuid.c. */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index);

/* Twelve characters, as in leaf 0. */
void vcpu_set_vendor(struct kvm_vcpu *vcpu, const char *vendor);

/* A copy of @vcpu's CPUID table with one more entry. */
void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry);

#endif /* EXIT_COUNTS_VCPU_H */
