// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VM exits cost: the TSC ticks between the instruction before the one that
 * exits and the one after it, least of many, for each kind of exit.
 *
 *	exit_cost [NR_VCPUS]	that many vCPUs of one VM at the same time
 *
 * Where the TSC ticks once an instruction, as it does in the emulated hosts,
 * that is the number of instructions from the guest through KVM back to the
 * guest, exactly.  On hardware it is a time.
 */
#include <linux/kvm_para.h>
#include <pthread.h>

#include "apic.h"
#include "kvm_util.h"
#include "processor.h"
#include "vcpu.h"

#define ROUNDS		2000
#define MAX_VCPUS	8
#define PIC1_IMR	0x21
#define VECTOR		0x30
/* An x2APIC ID that no vCPU has. */
#define NOBODY		(0x7full << 32)

#define PAGES_GPA	0x10000000ull
#define PAGES_GVA	0x10000000ull
#define PAGES_SLOT	10

static void nothing(void)
{
}

static void cpuid_exit(void)
{
	guest_cpuid(0, 0);
}

static void hypercall_exit(void)
{
	kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
}

/* KVM's own interrupt controller answers: userspace is not involved. */
static void io_in_kernel(void)
{
	guest_inb(PIC1_IMR);
}

static void io_in_userspace(void)
{
	guest_outb(PORT_OF_NOBODY, 0);
}

/* An IPI to a vCPU that is not there: nothing else happens. */
static void wrmsr_fastpath(void)
{
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), NOBODY | APIC_DM_FIXED | 0xf0);
}

static void wrmsr_slow_path(void)
{
	wrmsr(MSR_IA32_MCG_STATUS, 0);
}

static void rdmsr_exit(void)
{
	rdmsr(MSR_IA32_MISC_ENABLE);
}

static void enable_deadline_timer(void)
{
	x2apic_enable();
	x2apic_write_reg(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | VECTOR);
}

/* It does not expire before the guest has ended. */
static void set_deadline_timer(void)
{
	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + (1ull << 40));
}

static void guest_irq_handler(struct ex_regs *regs)
{
}

/* What wakes it is there, and waits for interrupts to be enabled. */
static void send_ipi_to_self(void)
{
	x2apic_write_reg(APIC_ICR, APIC_DEST_SELF | APIC_DM_FIXED | VECTOR);
}

static void halt(void)
{
	asm volatile("sti; hlt; cli");
}

static void end_of_interrupt(void)
{
	x2apic_write_reg(APIC_EOI, 0);
}

/* The host has the memory, the guest does not have the page. */
static void touch_next_page(void)
{
	static u64 page = PAGES_GVA;

	READ_ONCE(*(u8 *)page);
	page += PAGE_SIZE;
}

/*
 * There and back: both vCPUs write an ICR, sleep, are woken up, and write an EOI.
 * What tells them to go on is memory: an interrupt more or less does not matter.
 */
static unsigned int ping;

static void sleep_until_ping_is(unsigned int number)
{
	while (READ_ONCE(ping) != number)
		halt();
}

static void send_ping(unsigned int number, u32 to_vcpu)
{
	WRITE_ONCE(ping, number);
	x2apic_write_reg(APIC_ICR, (u64)to_vcpu << 32 | APIC_DM_FIXED | VECTOR);
}

static void guest_ping_handler(struct ex_regs *regs)
{
	x2apic_write_reg(APIC_EOI, 0);
}

static void ipi_and_back(void)
{
	unsigned int number = ping + 2;

	send_ping(number - 1, 1);
	sleep_until_ping_is(number);
}

static void guest_code_answers(void)
{
	unsigned int number;

	x2apic_enable();
	for (number = 1; number < 2 * ROUNDS; number += 2) {
		sleep_until_ping_is(number);
		send_ping(number + 1, 0);
	}
	GUEST_SYNC(0);
}

static const struct exit_kind {
	const char *name;
	void (*exit_once)(void);
	/* At the start; before each exit, and after it, both not measured. */
	void (*set_up)(void);
	void (*before)(void);
	void (*after)(void);
	bool only_one_vcpu;
} exit_kinds[] = {
	{ "CPUID", cpuid_exit },
	{ "HYPERCALL", hypercall_exit },
	{ "IO_KERNEL", io_in_kernel },
	{ "IO_USERSPACE", io_in_userspace },
	{ "MSR_WRITE_FASTPATH", wrmsr_fastpath, x2apic_enable },
	{ "MSR_WRITE", wrmsr_slow_path },
	{ "MSR_READ", rdmsr_exit },
	{ "TSC_DEADLINE", set_deadline_timer, enable_deadline_timer },
	{ "HLT_AND_WAKE", halt, x2apic_enable, send_ipi_to_self, end_of_interrupt },
	{ "PAGE_FAULT", touch_next_page, .only_one_vcpu = true },
	{ "IPI_AND_BACK", ipi_and_back, x2apic_enable, .only_one_vcpu = true },
};

static void guest_code(const struct exit_kind *kind)
{
	void (*before)(void) = kind->before ?: nothing;
	void (*after)(void) = kind->after ?: nothing;
	u64 start, ticks, least = ~0ull;
	unsigned int round;

	if (kind->set_up)
		kind->set_up();
	for (round = 0; round < ROUNDS; round++) {
		before();
		start = rdtsc();
		kind->exit_once();
		ticks = rdtsc() - start;
		after();
		if (ticks < least)
			least = ticks;
	}
	GUEST_SYNC(least);
}

/* Memory that the guest can touch page by page, and the host has touched. */
static void add_pages(struct kvm_vm *vm)
{
	void *pages;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, PAGES_GPA, PAGES_SLOT,
				    ROUNDS, 0);
	virt_map(vm, PAGES_GVA, PAGES_GPA, ROUNDS);
	pages = addr_gpa2hva(vm, PAGES_GPA);
	TEST_ASSERT(!madvise(pages, ROUNDS * PAGE_SIZE, MADV_NOHUGEPAGE),
		    "madvise() failed, errno: %i", errno);
	memset(pages, 1, ROUNDS * PAGE_SIZE);
}

static void *run_vcpu(void *vcpu)
{
	struct ucall uc;

	TEST_ASSERT(run_until_ucall(vcpu, &uc) == UCALL_SYNC, "The guest has ended");
	return (void *)uc.args[1];
}

static u64 measure(const struct exit_kind *kind, int nr_vcpus)
{
	bool answered = kind->exit_once == ipi_and_back;
	u64 ticks, least = ~0ull;
	struct kvm_vcpu *vcpus[MAX_VCPUS];
	pthread_t threads[MAX_VCPUS];
	struct kvm_vm *vm;
	int i;

	if (answered)
		nr_vcpus = 2;
	vm = vm_create(nr_vcpus);
	for (i = 0; i < nr_vcpus; i++) {
		vcpus[i] = vm_vcpu_add(vm, i, answered && i ? (void *)guest_code_answers :
							      guest_code);
		vcpu_set_cpuid_feature(vcpus[i], X86_FEATURE_TSC_DEADLINE_TIMER);
		vcpu_args_set(vcpus[i], 1, kind);
	}
	vm_install_exception_handler(vm, VECTOR, answered ? guest_ping_handler :
							    guest_irq_handler);
	if (kind->exit_once == touch_next_page)
		add_pages(vm);

	for (i = 1; i < nr_vcpus; i++)
		TEST_ASSERT(!pthread_create(&threads[i], NULL, run_vcpu, vcpus[i]),
			    "pthread_create() failed");
	least = (u64)run_vcpu(vcpus[0]);
	for (i = 1; i < nr_vcpus; i++) {
		TEST_ASSERT(!pthread_join(threads[i], (void **)&ticks),
			    "pthread_join() failed");
		if (!answered && ticks < least)
			least = ticks;
	}
	kvm_vm_free(vm);
	return least;
}

int main(int argc, char *argv[])
{
	int nr_vcpus = argc > 1 ? atoi_positive("NR_VCPUS", argv[1]) : 1;
	unsigned int i;

	TEST_ASSERT(nr_vcpus <= MAX_VCPUS, "At most %d vCPUs", MAX_VCPUS);
	for (i = 0; i < ARRAY_SIZE(exit_kinds); i++)
		if (nr_vcpus == 1 || !exit_kinds[i].only_one_vcpu)
			printf("%s %lu\n", exit_kinds[i].name,
			       (unsigned long)measure(&exit_kinds[i], nr_vcpus));
	return 0;
}
