// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint kvm:kvm_exit is hit once an exit, by construction, so what it
 * reports over a workload is what the counters must have counted, for every
 * reason: not one exit more or less.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "apic.h"
#include "exit_counts.h"
#include "kvm_test_harness.h"
#include "vmx.h"

#define ROUNDS		40
#define VECTOR		0xec
#define NOBODYS_APIC_ID	200ull
#define ICR_MSR		(APIC_BASE_MSR + (APIC_ICR >> 4))

/* In the guest's time, short enough to come while it waits. */
#define TIMER_TICKS	20000

static u64 untouched_pages;
static u64 nr_irqs;

static void guest_irq_handler(struct ex_regs *regs)
{
	WRITE_ONCE(nr_irqs, nr_irqs + 1);
	x2apic_write_reg(APIC_EOI, 0);
}

static void guest_arm_timer(void)
{
	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + TIMER_TICKS);
}

static void guest_one_of_everything(unsigned int round)
{
	u64 irqs, ignored;

	guest_cpuid(0, 0);
	guest_exits_of(EXIT_REASON_CPUID);
	guest_exits_total();
	guest_cpuid(LEAF_EXITS_OF_REASON, 444);

	guest_inb(0x21);
	guest_outb(PORT_OF_NOBODY, round);
	READ_ONCE(*(u32 *)MMIO_OF_NOBODY);
	WRITE_ONCE(*(u32 *)MMIO_OF_NOBODY, round);
	WRITE_ONCE(*(u64 *)(untouched_pages + round * PAGE_SIZE), round);

	rdmsr(MSR_IA32_UCODE_REV);
	wrmsr(MSR_IA32_UCODE_WRITE, 0);
	kvm_asm_safe("rdmsr", "c" (0xdeadbeef));

	/* Fastpaths: to enter the guest again, and to find it must not. */
	wrmsr(ICR_MSR, NOBODYS_APIC_ID << 32 | VECTOR);
	wrmsr(MSR_IA32_TSC_DEADLINE, -1ull >> 1);
	wrmsr(ICR_MSR, VECTOR);
	asm volatile("sti; nop; cli");
	wrmsr(ICR_MSR, VECTOR);
	asm volatile("sti; hlt; cli");

	/* Asleep, and awake, when the timer fires. */
	guest_arm_timer();
	asm volatile("sti; hlt; cli");
	irqs = READ_ONCE(nr_irqs);
	guest_arm_timer();
	asm volatile("sti");
	while (READ_ONCE(nr_irqs) == irqs)
		;
	asm volatile("cli");

	kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
	kvm_asm_safe("vmcall", "a" (-1ull));
	xsetbv(0, XFEATURE_MASK_FP);
	xsetbv_safe(0, 0);
	asm volatile("wbinvd; invd" : : : "memory");
	kvm_asm_safe("ud2");
	kvm_asm_safe("monitor", "a" (&nr_irqs), "c" (0), "d" (0));
	rdpmc_safe(-1, &ignored);
	asm volatile("pause; invlpg (%0)" : : "r" (&nr_irqs) : "memory");

	asm volatile("mov %0, %%cr0" : : "r" (get_cr0() ^ X86_CR0_AM));
	set_cr4(get_cr4() ^ X86_CR4_MCE);
	asm volatile("mov %0, %%cr3" : : "r" (get_cr3()) : "memory");
	asm volatile("mov %0, %%cr8; mov %1, %%cr8"
		     : : "r" (0xful), "r" (0ul));
	asm volatile("mov %%dr7, %%rax; mov %0, %%dr7; mov %%dr6, %%rax"
		     : : "r" (0x400ul) : "rax");
}

static void guest_code(void)
{
	struct desc_ptr no_idt = { 0 };
	unsigned int i;

	xapic_enable();
	for (i = 0; i < ROUNDS; i++) {
		xapic_read_reg(APIC_LVR);
		xapic_write_reg(APIC_TASKPRI, 0x10);
		xapic_write_reg(APIC_TASKPRI, 0);
	}

	x2apic_enable();
	x2apic_write_reg(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | VECTOR);
	set_cr4(get_cr4() | X86_CR4_OSXSAVE);
	for (i = 0; i < ROUNDS; i++)
		guest_one_of_everything(i);

	GUEST_SYNC(0);
	asm volatile("lidt %0; ud2" : : "m" (no_idt));
}

/* Compare over all that @vcpu did between trace_start() and now. */
static void assert_equals_trace(struct kvm_vcpu *vcpu,
				const u64 before[NR_BUCKETS],
				u64 diff[NR_BUCKETS])
{
	u64 counts[NR_BUCKETS], traced[NR_BUCKETS];
	u32 reason;

	trace_stop(traced);
	read_exit_counts(vcpu, counts);
	for (reason = 0; reason < NR_BUCKETS; reason++) {
		diff[reason] = counts[reason] - before[reason];
		TEST_ASSERT(diff[reason] == traced[reason],
			    "Reason %u: counted %lu, traced %lu", reason,
			    (unsigned long)diff[reason],
			    (unsigned long)traced[reason]);
	}
}

static void assert_at_least(const u64 counts[NR_BUCKETS], u32 reason, u64 least)
{
	TEST_ASSERT(counts[reason] >= least, "Reason %u: %lu, wanted %lu or more",
		    reason, (unsigned long)counts[reason],
		    (unsigned long)least);
}

static struct kvm_run *interrupted_run;

/* The next KVM_RUN, or the one that is about to enter the guest, returns. */
static void alarm_handler(int sig)
{
	interrupted_run->immediate_exit = 1;
}

/* KVM_RUN until it is something else than a signal. */
static void run_interrupted(struct kvm_vcpu *vcpu, u64 *nr_interrupted)
{
	int r;

	do {
		vcpu->run->immediate_exit = 0;
		r = __vcpu_run(vcpu);
		*nr_interrupted += !!r;
	} while (r && errno == EINTR);

	TEST_ASSERT(!r, KVM_IOCTL_ERROR(KVM_RUN, r));
	assert_on_unhandled_exception(vcpu);
}

FIXTURE(tracepoint)
{
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(tracepoint)
{
	struct kvm_vm *vm;

	vm = __vm_create_with_one_vcpu(&self->vcpu, ROUNDS, guest_code);
	vcpu_set_cpuid_feature(self->vcpu, X86_FEATURE_TSC_DEADLINE_TIMER);
	vm_install_exception_handler(vm, VECTOR, guest_irq_handler);
	virt_pg_map(vm, MMIO_OF_NOBODY, MMIO_OF_NOBODY);
	virt_pg_map(vm, APIC_DEFAULT_GPA, APIC_DEFAULT_GPA);
	untouched_pages = vm_vaddr_alloc_pages(vm, ROUNDS);
	sync_global_to_guest(vm, untouched_pages);
}

FIXTURE_TEARDOWN(tracepoint)
{
	kvm_vm_free(self->vcpu->vm);
}

static const u64 none[NR_BUCKETS];

/* What @guest_code must have provoked, at least, for the test to mean much. */
static void assert_workload(const u64 diff[NR_BUCKETS])
{
	static const u32 reasons[] = {
		EXIT_REASON_EXCEPTION_NMI, EXIT_REASON_CPUID, EXIT_REASON_HLT,
		EXIT_REASON_INVD, EXIT_REASON_RDPMC, EXIT_REASON_VMCALL,
		EXIT_REASON_CR_ACCESS, EXIT_REASON_DR_ACCESS,
		EXIT_REASON_IO_INSTRUCTION, EXIT_REASON_MSR_READ,
		EXIT_REASON_MSR_WRITE, EXIT_REASON_EPT_VIOLATION,
		EXIT_REASON_EPT_MISCONFIG, EXIT_REASON_XSETBV,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		assert_at_least(diff, reasons[i], ROUNDS);
	TEST_ASSERT_EQ(diff[EXIT_REASON_TRIPLE_FAULT], 1);
}

TEST_F(tracepoint, equals_counters)
{
	u64 diff[NR_BUCKETS];
	struct ucall uc;

	trace_start(syscall(SYS_gettid));
	run_until_ucall(self->vcpu, &uc);
	vcpu_run(self->vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(self->vcpu, KVM_EXIT_SHUTDOWN);
	assert_equals_trace(self->vcpu, none, diff);
	assert_workload(diff);
}

/* Interrupted all the time, also where a fastpath wants to enter again. */
TEST_F(tracepoint, equals_counters_with_signals)
{
	struct sigaction action = { .sa_handler = alarm_handler };
	struct itimerval timer = {
		.it_value.tv_usec = 500,
		.it_interval.tv_usec = 500,
	};
	u64 diff[NR_BUCKETS], nr_interrupted = 0;
	struct kvm_vcpu *vcpu = self->vcpu;

	interrupted_run = vcpu->run;
	TEST_ASSERT(!sigaction(SIGALRM, &action, NULL), "sigaction() failed");

	trace_start(syscall(SYS_gettid));
	TEST_ASSERT(!setitimer(ITIMER_REAL, &timer, NULL), "setitimer() failed");
	do {
		run_interrupted(vcpu, &nr_interrupted);
	} while (vcpu->run->exit_reason != KVM_EXIT_SHUTDOWN);
	timer = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &timer, NULL);

	assert_equals_trace(vcpu, none, diff);
	assert_workload(diff);
	TEST_ASSERT(nr_interrupted, "No KVM_RUN has been interrupted");
}

/*
 * With immediate_exit there is no VM entry, hence no exit; what userspace then
 * completes, e.g. I/O, is not one either.
 */
TEST_F(tracepoint, equals_counters_with_immediate_exit)
{
	u64 diff[NR_BUCKETS], before[NR_BUCKETS], after[NR_BUCKETS];
	struct kvm_vcpu *vcpu = self->vcpu;
	int r, i;

	trace_start(syscall(SYS_gettid));
	do {
		vcpu_run(vcpu);

		read_exit_counts(vcpu, before);
		vcpu->run->immediate_exit = 1;
		for (i = 0; i < 2; i++) {
			r = __vcpu_run(vcpu);
			if (vcpu->run->exit_reason == KVM_EXIT_SHUTDOWN)
				break;
			TEST_ASSERT(r == -1 && errno == EINTR,
				    "KVM_RUN returned %i, errno %i", r, errno);
		}
		vcpu->run->immediate_exit = 0;
		read_exit_counts(vcpu, after);
		TEST_ASSERT_EQ(sum_exit_counts(after), sum_exit_counts(before));
	} while (vcpu->run->exit_reason != KVM_EXIT_SHUTDOWN);

	assert_equals_trace(vcpu, none, diff);
	assert_workload(diff);
}

#define L2_TIMES	20
#define L2_STACK_SIZE	64

/*
 * The library does not preserve L2's registers, hence none is used.  At the end
 * to userspace, which makes the state of L2 invalid.
 */
static void guest_code_l2(void)
{
	asm volatile(".rept %c0; cpuid; vmcall; .endr; in %1, %%al"
		     : : "i" (L2_TIMES), "i" (PORT_OF_NOBODY)
		     : "rax", "rbx", "rcx", "rdx");
}

static void guest_code_l1(struct vmx_pages *vmx)
{
	unsigned long stack[L2_STACK_SIZE];
	unsigned int i;

	GUEST_ASSERT(prepare_for_vmx_operation(vmx));
	GUEST_ASSERT(load_vmcs(vmx));
	prepare_vmcs(vmx, guest_code_l2, &stack[L2_STACK_SIZE]);

	for (i = 0; i < 2 * L2_TIMES; i++) {
		if (!i)
			GUEST_ASSERT(!vmlaunch());
		else
			GUEST_ASSERT(!vmresume());
		GUEST_ASSERT_EQ(vmreadz(VM_EXIT_REASON),
				i % 2 ? EXIT_REASON_VMCALL : EXIT_REASON_CPUID);
		vmwrite(GUEST_RIP, vmreadz(GUEST_RIP) +
				   vmreadz(VM_EXIT_INSTRUCTION_LEN));
	}

	GUEST_ASSERT(!vmresume());
	GUEST_ASSERT_EQ(vmreadz(VM_EXIT_REASON), EXIT_REASON_TRIPLE_FAULT);
	GUEST_DONE();
}

static void set_tr_unusable(struct kvm_vcpu *vcpu)
{
	struct kvm_sregs sregs;

	vcpu_sregs_get(vcpu, &sregs);
	sregs.tr.unusable = 1;
	vcpu_sregs_set(vcpu, &sregs);
}

/*
 * L2's exits are the VM's. One that KVM makes up for L1 is nobody's: the state
 * of L2 that it can't run, and the triple fault that it then says L2 had.
 */
TEST(nested)
{
	u64 diff[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	vm_vaddr_t vmx_gva;
	struct kvm_vm *vm;
	struct ucall uc;

	if (!kvm_cpu_has(X86_FEATURE_VMX))
		SKIP(return, "No nested VMX");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_l1);
	vcpu_alloc_vmx(vm, &vmx_gva);
	vcpu_args_set(vcpu, 1, vmx_gva);

	trace_start(syscall(SYS_gettid));
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
	if (vcpu->run->io.port != PORT_OF_NOBODY) {
		get_ucall(vcpu, &uc);
		REPORT_GUEST_ASSERT(uc);
	}

	set_tr_unusable(vcpu);
	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);

	assert_equals_trace(vcpu, none, diff);
	assert_at_least(diff, EXIT_REASON_CPUID, L2_TIMES);
	TEST_ASSERT_EQ(diff[EXIT_REASON_VMCALL], L2_TIMES);
	TEST_ASSERT_EQ(diff[EXIT_REASON_VMLAUNCH], 1);
	TEST_ASSERT_EQ(diff[EXIT_REASON_VMRESUME], 2 * L2_TIMES);
	TEST_ASSERT_EQ(diff[EXIT_REASON_INVALID_STATE], 0);
	TEST_ASSERT_EQ(diff[EXIT_REASON_TRIPLE_FAULT], 0);

	kvm_vm_free(vm);
}

/* Asks for the total and tells userspace in RAX, without use of a stack. */
static void guest_code_emulated(void)
{
	asm volatile("1:	mov %0, %%eax\n\t"
		     "xor %%ecx, %%ecx\n\t"
		     "cpuid\n\t"
		     "out %%al, %1\n\t"
		     "jmp 1b"
		     : : "i" (LEAF_EXITS_TOTAL), "i" (PORT_OF_NOBODY)
		     : "rax", "rbx", "rcx", "rdx");
}

/*
 * A VM entry that fails as the guest's state is not valid is an exit, with bit
 * 31 of its reason set (SDM vol. 3, "VM-Entry Failures During or After Loading
 * Guest State").
 */
TEST(failed_vm_entry)
{
	struct kvm_sregs valid;
	u64 diff[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	int i;

	if (!vm_is_unrestricted_guest(NULL))
		SKIP(return, "KVM does not enter a guest with invalid state");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_emulated);
	vcpu_sregs_get(vcpu, &valid);
	trace_start(syscall(SYS_gettid));
	for (i = 1; i <= 3; i++) {
		set_tr_unusable(vcpu);
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
		TEST_ASSERT_EQ(vcpu->run->fail_entry.hardware_entry_failure_reason,
			       VMX_EXIT_REASONS_FAILED_VMENTRY |
			       EXIT_REASON_INVALID_STATE);
	}
	vcpu_sregs_set(vcpu, &valid);
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);

	assert_equals_trace(vcpu, none, diff);
	TEST_ASSERT_EQ(diff[EXIT_REASON_INVALID_STATE], 3);
	TEST_ASSERT_EQ(diff[EXIT_REASON_IO_INSTRUCTION], 1);
	kvm_vm_free(vm);
}

/* KVM emulates until the state is valid, which it never is: no entry, no exit. */
TEST(emulated_invalid_state)
{
	u64 diff[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	struct kvm_regs regs;
	struct kvm_vm *vm;
	int i;

	if (vm_is_unrestricted_guest(NULL))
		SKIP(return, "kvm_intel.unrestricted_guest is on");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_emulated);
	trace_start(syscall(SYS_gettid));
	set_tr_unusable(vcpu);
	for (i = 0; i < 20; i++) {
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
		vcpu_regs_get(vcpu, &regs);
		TEST_ASSERT_EQ(regs.rax, 0);
	}
	assert_equals_trace(vcpu, none, diff);
	TEST_ASSERT_EQ(sum_exit_counts(diff), 0);
	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(trace_is_possible(),
		       "No tracefs, or no hist triggers");
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_TSC_DEADLINE_TIMER));
	trace_create_instance();

	return test_harness_run(argc, argv);
}
