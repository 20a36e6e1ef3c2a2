/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_EXIT_COUNTERS_H
#define ARCH_X86_KVM_EXIT_COUNTERS_H

#include <linux/kvm_host.h>

#ifdef CONFIG_KVM_EXIT_COUNTERS

void kvm_exit_counters_destroy_vm(struct kvm *kvm);
void kvm_exit_counters_create_vcpu(struct kvm_vcpu *vcpu);
bool __kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			       u32 *ecx, u32 *edx);

/*
 * Count one hardware VM exit.  Only the thread that runs the vCPU gets here,
 * so neither a lock nor an atomic read-modify-write is needed; readers see the
 * old or the new value as it is one aligned 64-bit store.
 */
static __always_inline void kvm_count_exit(struct kvm_vcpu *vcpu,
					   unsigned int slot)
{
	/* Readers don't mind which; WRITE_ONCE() would be two instructions more. */
	data_race(vcpu->stat.exit_reasons[slot]++);
}

/*
 * A reason that the manual does not define is the processor's or the outer
 * hypervisor's fault, not the guest's choice, and the compiler makes this a
 * conditional move, so there is nothing to speculate past.
 */
static __always_inline void kvm_count_vmx_exit(struct kvm_vcpu *vcpu,
					       u16 basic_exit_reason)
{
	unsigned int slot = EXIT_COUNTERS_SLOT_UNKNOWN;

	if (basic_exit_reason < EXIT_COUNTERS_DIRECT_SLOTS)
		slot = basic_exit_reason;
	kvm_count_exit(vcpu, slot);
}

/*
 * Answer @eax/@ecx if it is one of the counters' leaves, and visible.  Leaves
 * the registers alone and returns false if it is not.  Meant for a leaf that
 * userspace has not defined, which is why the answer is out of line.
 */
static inline bool kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					   u32 *ebx, u32 *ecx, u32 *edx)
{
	if (likely((*eax & ~0xfu) != KVM_CPUID_EXITS_SIGNATURE))
		return false;

	return __kvm_exit_counters_cpuid(vcpu, eax, ebx, ecx, edx);
}

#else

static inline void kvm_exit_counters_destroy_vm(struct kvm *kvm) {}
static inline void kvm_exit_counters_create_vcpu(struct kvm_vcpu *vcpu) {}
static __always_inline void kvm_count_vmx_exit(struct kvm_vcpu *vcpu,
					       u16 basic_exit_reason) {}
static inline bool kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					   u32 *ebx, u32 *ecx, u32 *edx)
{
	return false;
}

#endif /* CONFIG_KVM_EXIT_COUNTERS */

#endif /* ARCH_X86_KVM_EXIT_COUNTERS_H */
