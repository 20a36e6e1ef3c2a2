/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_EXIT_COUNTERS_H
#define ARCH_X86_KVM_EXIT_COUNTERS_H

#include <linux/kvm_host.h>
#include <linux/rculist.h>

#include "exit_ledger.h"

#ifdef CONFIG_KVM_EXIT_COUNTERS

void kvm_exit_counters_create_vcpu(struct kvm_vcpu *vcpu);
bool __kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			       u32 *ecx, u32 *edx);

/*
 * vCPUs are added to a VM's list, and never removed before the VM is: the list
 * can be walked without a lock by whoever knows that the VM stays.  There can be
 * thousands, so whoever walks gives way.
 */
#define for_each_vcpu_of(vcpu, vm)					\
	list_for_each_entry_lockless(vcpu, &(vm)->vcpus, arch.exit_counters_node)

/* For exit_ledger.c, which sums up time as exit_counters.c does exits. */
unsigned int kvm_exit_counters_shown_slot(unsigned int slot);
u64 kvm_exit_counters_begin_host_reading(u64 *counts, struct kvm_exit_times *times);
struct kvm_exit_counters_vm *
kvm_exit_counters_next_vm_since(struct kvm_exit_counters_vm *vm, u64 ended);
void kvm_exit_counters_end_host_reading(void);
int kvm_exit_counters_keep_times(void);
void kvm_exit_counters_forget_times(void);

/*
 * Count one hardware VM exit, and book the time until it.  Only the thread that runs
 * the vCPU gets here, so neither a lock nor an atomic read-modify-write is needed;
 * readers see the old or the new value as it is one aligned 64-bit store.
 */
static __always_inline void kvm_count_exit(struct kvm_vcpu *vcpu,
					   unsigned long slot)
{
	/* Readers don't mind which; WRITE_ONCE() would be two instructions more. */
	data_race(vcpu->stat.exit_reasons[slot]++);
	kvm_exit_ledger_exit(vcpu, slot);
}

/*
 * A VM entry that has @failed without a VM exit leaves no reason that there is, see
 * vmx_vcpu_enter_exit().  One that the manual does not define is the processor's or
 * the outer hypervisor's fault, not the guest's choice, so there is nothing that the
 * guest could make the processor speculate with.
 */
static __always_inline void kvm_count_vmx_exit(struct kvm_vcpu *vcpu,
					       u16 basic_exit_reason,
					       const u8 *failed)
{
	unsigned long slot = basic_exit_reason;

	if (likely(slot < EXIT_COUNTERS_DIRECT_SLOTS))
		kvm_count_exit(vcpu, slot);
	else if (!*failed)
		kvm_count_exit(vcpu, EXIT_COUNTERS_SLOT_UNKNOWN);
	else
		kvm_exit_ledger_no_entry(vcpu);
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
					       u16 basic_exit_reason,
					       const u8 *failed) {}
static inline bool kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					   u32 *ebx, u32 *ecx, u32 *edx)
{
	return false;
}

#endif /* CONFIG_KVM_EXIT_COUNTERS */

#endif /* ARCH_X86_KVM_EXIT_COUNTERS_H */
