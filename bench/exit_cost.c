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

static void hypercall_exit(void)
{
	kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
}

/* Each for an index that exists: a reason, a state, the first half of the map. */
#define DEFINE_LEAF(name, leaf)							\
static void name(void)								\
{										\
	u32 eax = (leaf), ebx, ecx = 0, edx;					\
										\
	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));	\
}
DEFINE_LEAF(leaf_total, 0x4fffffff)
DEFINE_LEAF(leaf_of_reason, 0x4ffffffd)
DEFINE_LEAF(leaf_occurred, 0x4ffffff3)
DEFINE_LEAF(leaf_cycles, 0x4ffffffe)
DEFINE_LEAF(leaf_cycles_of_reason, 0x4ffffffc)
DEFINE_LEAF(leaf_cycles_of_state, 0x4ffffff2)

#define MANY_VCPUS	64

/* How many vCPUs the VM has matters to who reads a count. */
static const struct workload {
	const char *name;
	void (*exit_once)(void);
	int nr_vcpus;
} workloads[] = {
	{ "CPUID", cpuid_exit, 1 },
	{ "IO_INSTRUCTION", io_in_kernel, 1 },
	{ "MSR_WRITE_FASTPATH", wrmsr_fastpath, 1 },
	{ "MSR_WRITE", wrmsr_slow_path, 1 },
	{ "MSR_READ", rdmsr_exit, 1 },
	{ "HYPERCALL", hypercall_exit, 1 },
	{ "LEAF_OF_REASON", leaf_of_reason, 1 },
	{ "LEAF_OCCURRED", leaf_occurred, 1 },
	{ "LEAF_TOTAL", leaf_total, 1 },
	{ "LEAF_CYCLES", leaf_cycles, 1 },
	{ "LEAF_CYCLES_OF_REASON", leaf_cycles_of_reason, 1 },
	{ "LEAF_CYCLES_OF_STATE", leaf_cycles_of_state, 1 },
	{ "LEAF_OF_REASON_64_VCPUS", leaf_of_reason, MANY_VCPUS },
	{ "LEAF_OCCURRED_64_VCPUS", leaf_occurred, MANY_VCPUS },
	{ "LEAF_TOTAL_64_VCPUS", leaf_total, MANY_VCPUS },
};

static void guest_code(const struct workload *workload)
{
	u64 start, ticks, least = ~0ull;
	unsigned int round;

	x2apic_enable();
	for (round = 0; round < ROUNDS; round++) {
		start = rdtsc();
		workload->exit_once();
		ticks = rdtsc() - start;
		if (ticks < least)
			least = ticks;
	}
	GUEST_SYNC(least);
}

static u64 measure(const struct workload *workload)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	vm = vm_create(workload->nr_vcpus);
	vcpu = vm_vcpu_add(vm, 0, guest_code);
	for (i = 1; i < workload->nr_vcpus; i++)
		__vm_vcpu_add(vm, i);
	vcpu_args_set(vcpu, 1, workload);

	vcpu_run(vcpu);
	TEST_ASSERT(get_ucall(vcpu, &uc) == UCALL_SYNC,
		    "%s did not finish: ucall %lu", workload->name, uc.cmd);
	kvm_vm_free(vm);
	return uc.args[1];
}

/* What each further vCPU adds to a leaf that sums them, rounded. */
static void print_for_each_vcpu(const u64 costs[ARRAY_SIZE(workloads)])
{
	unsigned int i, j;
	u64 added;

	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		if (workloads[i].nr_vcpus != MANY_VCPUS)
			continue;
		for (j = 0; workloads[j].exit_once != workloads[i].exit_once; j++)
			;
		added = costs[i] - costs[j];
		printf("%s_A_VCPU %lu\n", workloads[j].name,
		       (unsigned long)(added + (MANY_VCPUS - 1) / 2) / (MANY_VCPUS - 1));
	}
}

int main(void)
{
	u64 costs[ARRAY_SIZE(workloads)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		costs[i] = measure(&workloads[i]);
		printf("%s %lu\n", workloads[i].name, (unsigned long)costs[i]);
	}
	print_for_each_vcpu(costs);

	return 0;
}
