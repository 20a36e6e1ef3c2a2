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
#include "exit_counts_harness.h"

#define ROUNDS		40
#define VECTOR		0xec
#define NOBODYS_APIC_ID	200ull
#define ICR_MSR		(APIC_BASE_MSR + (APIC_ICR >> 4))

/* In the guest's time, short enough to come while it waits. */
#define TIMER_TICKS	20000

static u64 untouched_pages;
static u64 nr_irqs;

#define HLT_OPCODE	0xf4

/*
 * Between STI and HLT no interrupt comes, but an emulated CPU may forget that if
 * it exits there.  Who came too early to wake the guest must not let it sleep.
 */
static void guest_irq_handler(struct ex_regs *regs)
{
	if (*(u8 *)regs->rip == HLT_OPCODE)
		regs->rip++;
	WRITE_ONCE(nr_irqs, nr_irqs + 1);
	x2apic_write_reg(APIC_EOI, 0);
}

static void guest_arm_timer(void)
{
	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + TIMER_TICKS);
}

/* Where it does not, it is the host's XCR0 that the guest would change. */
static bool xsetbv_exits;

static void guest_one_of_everything(unsigned int round)
{
	u64 irqs, ignored;

	guest_cpuid(0, 0);
	guest_exits_of(reason_of(EXIT_CPUID));
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
	/* KVM corrects the one that is the other vendor's. */
	kvm_asm_safe("vmcall", "a" (-1ull));
	kvm_asm_safe("vmmcall", "a" (-1ull));
	if (xsetbv_exits) {
		xsetbv(0, XFEATURE_MASK_FP);
		xsetbv_safe(0, 0);
	}
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
	guest_enable_xsave();
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
	unsigned int bucket;

	trace_stop(traced);
	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		diff[bucket] = counts[bucket] - before[bucket];
		TEST_ASSERT(diff[bucket] == traced[bucket],
			    "Reason %s: counted %lu, traced %lu",
			    bucket_str(bucket), (unsigned long)diff[bucket],
			    (unsigned long)traced[bucket]);
	}
}

static void assert_at_least(const u64 counts[NR_BUCKETS], enum exit_kind kind,
			    u64 least)
{
	TEST_ASSERT(counts[bucket_of(kind)] >= least,
		    "Reason %s: %lu, wanted %lu or more",
		    reason_str(reason_of(kind)),
		    (unsigned long)counts[bucket_of(kind)],
		    (unsigned long)least);
}

static struct kvm_run *interrupted_run;

/* The next KVM_RUN, or the one that is about to enter the guest, returns. */
static void alarm_handler(int sig)
{
	interrupted_run->immediate_exit = 1;
}

#define MIN_ALARM_US	500u
#define MAX_ALARM_US	500000u

static void set_alarm(unsigned int delay_us)
{
	struct itimerval timer = { .it_value.tv_usec = delay_us };

	TEST_ASSERT(!setitimer(ITIMER_REAL, &timer, NULL), "setitimer() failed");
}

/*
 * KVM_RUN until it is something else than a signal.  The signal comes later the
 * next time if it has come, sooner if it has not: however fast the host is, about
 * every other KVM_RUN is interrupted.
 */
static void run_interrupted(struct kvm_vcpu *vcpu, unsigned int *delay_us,
			    u64 *nr_interrupted)
{
	int r;

	for (;;) {
		vcpu->run->immediate_exit = 0;
		set_alarm(*delay_us);
		r = __vcpu_run(vcpu);
		if (!r || errno != EINTR)
			break;
		*nr_interrupted += 1;
		*delay_us = min(*delay_us + *delay_us / 8, MAX_ALARM_US);
	}
	set_alarm(0);
	*delay_us = max(*delay_us - *delay_us / 8, MIN_ALARM_US);

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
	untouched_pages = vm_alloc_pages(vm, ROUNDS);
	sync_global_to_guest(vm, untouched_pages);
	xsetbv_exits = !why_no_xsetbv_exit();
	sync_global_to_guest(vm, xsetbv_exits);
}

FIXTURE_TEARDOWN(tracepoint)
{
	kvm_vm_free(self->vcpu->vm);
}

static const u64 none[NR_BUCKETS];

/* What @guest_code must have provoked, at least, for the test to mean much. */
static void assert_workload(const u64 diff[NR_BUCKETS])
{
	static const enum exit_kind kinds[] = {
		EXIT_CPUID, EXIT_CR0_WRITE, EXIT_DR7_READ, EXIT_EXCP_UD,
		EXIT_HLT, EXIT_HYPERCALL, EXIT_IO, EXIT_MMIO, EXIT_MSR_READ,
		EXIT_MSR_WRITE, EXIT_PAGE_FAULT, EXIT_RDPMC, EXIT_WBINVD,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_at_least(diff, kinds[i], ROUNDS);
	if (!why_no_invd_exit())
		assert_at_least(diff, EXIT_INVD, ROUNDS);
	if (!why_no_xsetbv_exit())
		assert_at_least(diff, EXIT_XSETBV, ROUNDS);
	TEST_ASSERT_EQ(diff[bucket_of(EXIT_TRIPLE_FAULT)], 1);
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

/* Interrupted often, also where a fastpath wants to enter again. */
TEST_F(tracepoint, equals_counters_with_signals)
{
	struct sigaction action = { .sa_handler = alarm_handler };
	u64 diff[NR_BUCKETS], nr_interrupted = 0;
	struct kvm_vcpu *vcpu = self->vcpu;
	unsigned int delay_us = MIN_ALARM_US;

	interrupted_run = vcpu->run;
	TEST_ASSERT(!sigaction(SIGALRM, &action, NULL), "sigaction() failed");

	trace_start(syscall(SYS_gettid));
	do {
		run_interrupted(vcpu, &delay_us, &nr_interrupted);
	} while (vcpu->run->exit_reason != KVM_EXIT_SHUTDOWN);

	assert_equals_trace(vcpu, none, diff);
	assert_workload(diff);
	TEST_ASSERT(nr_interrupted, "No KVM_RUN has been interrupted");
	ksft_print_msg("%lu times interrupted\n", (unsigned long)nr_interrupted);
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

/*
 * Without use of a register, as none is preserved.  At the end to userspace,
 * which makes the state of L2 invalid.
 */
static void guest_code_l2(void)
{
	asm volatile(".rept %c0\n\t"
		     "cpuid\n\t"
		     "testb $1, %2\n\t"
		     "jnz 1f\n\t"
		     "vmcall\n\t"
		     "jmp 2f\n"
		     "1:	vmmcall\n"
		     "2:\n\t"
		     ".endr\n\t"
		     "in %1, %%al"
		     : : "i" (L2_TIMES), "i" (PORT_OF_NOBODY),
			 "m" (host_cpu_is_amd)
		     : "rax", "rbx", "rcx", "rdx", "cc");
}

#define CPUID_LENGTH		2
#define HYPERCALL_LENGTH	3

static void guest_code_l1(gva_t nested)
{
	unsigned int i;

	guest_nested_prepare(nested, guest_code_l2);

	for (i = 0; i < 2 * L2_TIMES; i++) {
		GUEST_ASSERT_EQ(guest_nested_enter(nested, i),
				reason_of(i % 2 ? EXIT_HYPERCALL : EXIT_CPUID));
		guest_nested_skip(nested, i % 2 ? HYPERCALL_LENGTH : CPUID_LENGTH);
	}

	GUEST_ASSERT_EQ(guest_nested_enter(nested, true),
			exit_isa()->nested_entry_failure);
	GUEST_DONE();
}

/*
 * L2's exits are the VM's. One that KVM makes up for L1 is nobody's: on VMX, the
 * state of L2 that it can't run, and the triple fault that it then says L2 had.
 */
TEST(nested)
{
	u64 diff[NR_BUCKETS], wanted[NR_BUCKETS] = { 0 };
	static const enum exit_kind kinds[] = {
		EXIT_HYPERCALL, EXIT_NESTED_ENTRY, EXIT_NESTED_REENTRY,
		EXIT_INVALID_STATE, EXIT_TRIPLE_FAULT,
	};
	struct kvm_vcpu *vcpu;
	unsigned int i, bucket;
	struct kvm_vm *vm;
	struct ucall uc;

	if (!nested_is_possible())
		SKIP(return, "No nested virtualization");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_l1);
	vcpu_args_set(vcpu, 1, nested_alloc(vm));

	trace_start(syscall(SYS_gettid));
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
	if (vcpu->run->io.port != PORT_OF_NOBODY) {
		get_ucall(vcpu, &uc);
		REPORT_GUEST_ASSERT(uc);
	}

	make_state_invalid(vcpu);
	TEST_ASSERT_EQ(run_until_ucall(vcpu, &uc), UCALL_DONE);

	assert_equals_trace(vcpu, none, diff);
	assert_at_least(diff, EXIT_CPUID, L2_TIMES);

	wanted[bucket_of(EXIT_HYPERCALL)] = L2_TIMES;
	wanted[bucket_of(EXIT_NESTED_ENTRY)] = 1;
	wanted[bucket_of(EXIT_NESTED_REENTRY)] += 2 * L2_TIMES;
	wanted[bucket_of(EXIT_INVALID_STATE)] =
		exit_isa()->nested_entry_failure_exits;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		bucket = bucket_of(kinds[i]);
		TEST_ASSERT(diff[bucket] == wanted[bucket],
			    "Reason %s: %lu, wanted %lu", bucket_str(bucket),
			    (unsigned long)diff[bucket],
			    (unsigned long)wanted[bucket]);
	}

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

static void guest_code_reads_invalid_state(void)
{
	GUEST_SYNC1(guest_exits_of(reason_of(EXIT_INVALID_STATE)));
}

/*
 * A VM entry that fails as the guest's state is not valid is an exit: on VMX with
 * bit 31 of its reason set (SDM vol. 3, "VM-Entry Failures During or After
 * Loading Guest State"), on SVM with exit code -1 (APM vol. 2, "Canonicalization
 * and Consistency Checks").
 */
TEST(failed_vm_entry)
{
	struct kvm_sregs valid;
	u64 diff[NR_BUCKETS];
	struct kvm_regs regs;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	u64 failure;
	int i;

	if (why_no_invalid_state_exit())
		SKIP(return, "%s", why_no_invalid_state_exit());

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_reads_invalid_state);
	vcpu_sregs_get(vcpu, &valid);
	vcpu_regs_get(vcpu, &regs);
	trace_start(syscall(SYS_gettid));
	for (i = 1; i <= 3; i++) {
		make_state_invalid(vcpu);
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
		failure = vcpu->run->fail_entry.hardware_entry_failure_reason;
		TEST_ASSERT(failure == exit_isa()->entry_failure ||
			    failure == exit_isa()->wide_entry_failure,
			    "The entry failed with %lx", (unsigned long)failure);
	}
	/* What such an exit leaves in the registers is not said. */
	vcpu_sregs_set(vcpu, &valid);
	vcpu_regs_set(vcpu, &regs);
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT_EQ(uc.args[0], 3);

	assert_equals_trace(vcpu, none, diff);
	TEST_ASSERT_EQ(diff[bucket_of(EXIT_INVALID_STATE)], 3);
	TEST_ASSERT_EQ(diff[bucket_of(EXIT_CPUID)], 1);
	TEST_ASSERT_EQ(diff[bucket_of(EXIT_IO)], 1);
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

	if (!why_no_invalid_state_exit())
		SKIP(return, "KVM enters a guest with invalid state");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_emulated);
	trace_start(syscall(SYS_gettid));
	make_state_invalid(vcpu);
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
