// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one VM exit costs: the TSC ticks between the instruction before the one
 * that exits and the one after it, least of many.
 *
 * Where the TSC ticks once an instruction, as it does in the emulated hosts,
 * that is the number of instructions from the guest through KVM back to the
 * guest, exactly.  On hardware it is a time.
 */
#include "kvm_util.h"
#include "processor.h"
#include "apic.h"

#define ROUNDS		2000
#define PIC1_IMR	0x21

/* KVM's own interrupt controller answers: userspace is not involved. */
static void io_in_kernel(void)
{
	u8 value;

	asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(PIC1_IMR));
}

static void cpuid_exit(void)
{
	u32 eax = 0, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
}

/* An IPI by the x2APIC's ICR to a vCPU that is not there: nothing else happens. */
static void wrmsr_fastpath(void)
{
	asm volatile("wrmsr" : : "c"(0x830), "a"(0x4000 | 0xf0), "d"(0x7f));
}

static void wrmsr_slow_path(void)
{
	asm volatile("wrmsr" : : "c"(MSR_IA32_MCG_STATUS), "a"(0), "d"(0));
}

static void rdmsr_exit(void)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_IA32_MISC_ENABLE));
}

static void vmcall_exit(void)
{
	long rax = KVM_HC_VAPIC_POLL_IRQ;

	asm volatile("vmcall" : "+a"(rax));
}

static const struct workload {
	const char *name;
	void (*exit_once)(void);
} workloads[] = {
	{ "CPUID", cpuid_exit },
	{ "IO_INSTRUCTION", io_in_kernel },
	{ "MSR_WRITE_FASTPATH", wrmsr_fastpath },
	{ "MSR_WRITE", wrmsr_slow_path },
	{ "MSR_READ", rdmsr_exit },
	{ "VMCALL", vmcall_exit },
};

static void guest_code(void)
{
	u64 start, ticks, least;
	unsigned int i, round;

	x2apic_enable();
	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		least = ~0ull;
		for (round = 0; round < ROUNDS; round++) {
			start = rdtsc();
			workloads[i].exit_once();
			ticks = rdtsc() - start;
			if (ticks < least)
				least = ticks;
		}
		GUEST_SYNC(least);
	}
	GUEST_DONE();
}

int main(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	unsigned int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);

	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		vcpu_run(vcpu);
		TEST_ASSERT(get_ucall(vcpu, &uc) == UCALL_SYNC,
			    "%s did not finish: ucall %lu", workloads[i].name,
			    uc.cmd);
		printf("%s %lu\n", workloads[i].name, uc.args[1]);
	}
	kvm_vm_free(vm);

	return 0;
}
