// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu.h"

void make_state_invalid(struct kvm_vcpu *vcpu)
{
	struct kvm_sregs sregs;

	vcpu_sregs_get(vcpu, &sregs);
	if (host_cpu_is_amd)
		sregs.cs.db = sregs.cs.l;
	else
		sregs.tr.unusable = 1;
	vcpu_sregs_set(vcpu, &sregs);
}

u64 run_until_ucall(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	for (;;) {
		vcpu_run(vcpu);
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_IO:
			break;
		case KVM_EXIT_MMIO:
			continue;
		default:
			TEST_FAIL("Unexpected exit to userspace: %u (%s)",
				  vcpu->run->exit_reason,
				  exit_reason_str(vcpu->run->exit_reason));
		}

		if (vcpu->run->io.port == PORT_OF_NOBODY)
			continue;

		switch (get_ucall(vcpu, uc)) {
		case UCALL_SYNC:
		case UCALL_DONE:
			return uc->cmd;
		case UCALL_ABORT:
			errno = 0;
			REPORT_GUEST_ASSERT(*uc);
		default:
			TEST_FAIL("Unexpected ucall: %lu", uc->cmd);
		}
	}
}

/* The library's get_cpuid_entry() fails the test if there is none. */
static const struct kvm_cpuid_entry2 *
find_cpuid_entry(const struct kvm_cpuid2 *cpuid, u32 function, u32 index)
{
	const struct kvm_cpuid_entry2 *e = cpuid->entries;
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++, e++)
		if (e->function == function &&
		    (e->index == index ||
		     !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)))
			return e;

	return NULL;
}

/*
 * A leaf above those of its class is answered with zeros by AMD's and Hygon's
 * CPUs, and by Intel's with the data of the highest basic leaf for the same
 * index, if that has any.  The leaves of extended topology, if they are the
 * highest, have the index in CL and the APIC ID in EDX whatever the index is.
 */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index)
{
	const struct kvm_cpuid_entry2 *e;
	struct leaf l = { 0 };
	u32 max;

	vcpu_ioctl(vcpu, KVM_GET_CPUID2, vcpu->cpuid);

	e = vcpu_get_cpuid_entry(vcpu, 0);
	if (!memcmp(&e->ebx, "Auth", 4) || !memcmp(&e->ebx, "Hygo", 4))
		return l;

	max = e->eax;
	e = find_cpuid_entry(vcpu->cpuid, max, index);
	if (e)
		return (struct leaf) { e->eax, e->ebx, e->ecx, e->edx };

	if (max == 0xb || max == 0x1f) {
		e = find_cpuid_entry(vcpu->cpuid, max, 1);
		if (e) {
			l.rcx = index & 0xff;
			l.rdx = e->edx;
		}
	}

	return l;
}

void vcpu_set_vendor(struct kvm_vcpu *vcpu, const char *vendor)
{
	struct kvm_cpuid_entry2 *e = vcpu_get_cpuid_entry(vcpu, 0);

	memcpy(&e->ebx, vendor, 4);
	memcpy(&e->edx, vendor + 4, 4);
	memcpy(&e->ecx, vendor + 8, 4);
	vcpu_set_cpuid(vcpu);
}

void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry)
{
	struct kvm_cpuid2 *table = allocate_kvm_cpuid2(vcpu->cpuid->nent + 1);

	memcpy(table->entries, vcpu->cpuid->entries,
	       vcpu->cpuid->nent * sizeof(*entry));
	table->entries[vcpu->cpuid->nent] = *entry;
	free(vcpu->cpuid);
	vcpu->cpuid = NULL;
	vcpu_init_cpuid(vcpu, table);
	free(table);
}
