// SPDX-License-Identifier: GPL-2.0-only
/*
 * An exit is counted once, under its reason, and nothing else is: the guest
 * provokes a known number of exits, and both it and the host look.
 */
#include "apic.h"
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* How often each kind of exit is provoked. */
#define TIMES		25

#define VECTOR		0xec
#define NOBODYS_APIC_ID	200ull

/* Allocated by the host, for the guest to touch page by page. */
static u64 untouched_pages;

static void guest_once_cpuid(unsigned int i)
{
	guest_cpuid(0, 0);
}

static void guest_once_pio_in_kernel(unsigned int i)
{
	guest_inb(0x21);
}

static void guest_once_pio_in_userspace(unsigned int i)
{
	guest_outb(PORT_OF_NOBODY, i);
}

static void guest_once_mmio(unsigned int i)
{
	READ_ONCE(*(u32 *)MMIO_OF_NOBODY);
}

static void guest_once_page_fault(unsigned int i)
{
	WRITE_ONCE(*(u64 *)(untouched_pages + i * PAGE_SIZE), i);
}

static void guest_once_rdmsr(unsigned int i)
{
	rdmsr(MSR_IA32_UCODE_REV);
}

static void guest_once_wrmsr(unsigned int i)
{
	wrmsr(MSR_IA32_UCODE_WRITE, 0);
}

/* The fastpath sends the IPI, to nobody, and enters the guest again. */
static void guest_once_wrmsr_fastpath(unsigned int i)
{
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), NOBODYS_APIC_ID << 32 | VECTOR);
}

/*
 * The fastpath sends the IPI, to this vCPU, and wants to enter the guest
 * again, but can't because there now is an event to be looked at.
 */
static void guest_once_wrmsr_fastpath_event(unsigned int i)
{
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), VECTOR);
}

/* The fastpath arms the timer, far in the future, if KVM uses VMX's timer. */
static void guest_once_wrmsr_deadline(unsigned int i)
{
	wrmsr(MSR_IA32_TSC_DEADLINE, -1ull >> 1);
}

/* There is an interrupt to wake up for before it halts. */
static void guest_once_hlt(unsigned int i)
{
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), VECTOR);
	asm volatile("sti; hlt; cli");
}

/* There is an interrupt, which KVM can't inject until the guest lets it. */
static void guest_once_interrupt_window(unsigned int i)
{
	wrmsr(APIC_BASE_MSR + (APIC_ICR >> 4), VECTOR);
	asm volatile("sti; nop; cli");
}

static void guest_once_hypercall(unsigned int i)
{
	kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
}

static void guest_once_xsetbv(unsigned int i)
{
	xsetbv(0, XFEATURE_MASK_FP);
}

static void guest_once_invd(unsigned int i)
{
	asm volatile("invd" : : : "memory");
}

static void guest_once_wbinvd(unsigned int i)
{
	asm volatile("wbinvd" : : : "memory");
}

/* To read it is an exit as well, on some. */
static void guest_once_cr0(unsigned int i)
{
	static u64 cr0;

	if (!i)
		cr0 = get_cr0();
	cr0 ^= X86_CR0_AM;
	asm volatile("mov %0, %%cr0" : : "r" (cr0));
}

static void guest_once_cr4(unsigned int i)
{
	static u64 cr4;

	if (!i)
		cr4 = get_cr4();
	cr4 ^= X86_CR4_MCE;
	asm volatile("mov %0, %%cr4" : : "r" (cr4));
}

/* Only the first access after any other exit is one. */
static void guest_once_dr7_read(unsigned int i)
{
	u64 dr7;

	asm volatile("mov %%dr7, %0" : "=r" (dr7));
	guest_cpuid(0, 0);
}

static void guest_once_dr7(unsigned int i)
{
	asm volatile("mov %0, %%dr7" : : "r" (0x400ull));
	guest_cpuid(0, 0);
}

static void guest_once_ud(unsigned int i)
{
	GUEST_ASSERT_EQ(kvm_asm_safe("ud2"), UD_VECTOR);
}

static void guest_once_rdpmc(unsigned int i)
{
	u64 ignored;

	rdpmc_safe(-1, &ignored);
}

static void guest_once_monitor(unsigned int i)
{
	asm volatile("monitor" : : "a" (&untouched_pages), "c" (0), "d" (0));
}

static void guest_irq_handler(struct ex_regs *regs)
{
	x2apic_write_reg(APIC_EOI, 0);
}

static void guest_code(void (*once)(unsigned int i), u32 reason)
{
	u64 before, after;
	unsigned int i;

	x2apic_enable();
	x2apic_write_reg(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | VECTOR);
	guest_enable_xsave();

	/* Have code, stack, and whatever else it needs mapped. */
	once(0);
	guest_exits_of(reason);
	GUEST_SYNC2(0, 0);

	before = guest_exits_of(reason);
	for (i = 1; i <= TIMES; i++)
		once(i);
	after = guest_exits_of(reason);
	GUEST_SYNC2(before, after);
}

FIXTURE(per_reason)
{
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT(per_reason)
{
	void (*once)(unsigned int i);
	enum exit_kind kind;
	/* Other kinds, of which there may be any number. */
	u64 others;
	/*
	 * KVM does not complete the instruction, but lets it execute without an
	 * exit, next.  If an interrupt comes first, it exits once more.
	 */
	bool restarted;
	/* NULL if it always exits. */
	const char *(*why_not)(void);
};

#define WITH(kind) BIT_ULL(EXIT_##kind)

/* End of interrupt is an exit or not, it depends on the virtual APIC. */
#define WITH_APIC (WITH(MSR_WRITE) | WITH(VIRTUAL_APIC_WRITE) | WITH(VIRTUAL_EOI))

#define VARIANT(_name, _kind)						\
	.once = guest_once_##_name, .kind = EXIT_##_kind

FIXTURE_VARIANT_ADD(per_reason, cpuid)
{
	VARIANT(cpuid, CPUID),
};

FIXTURE_VARIANT_ADD(per_reason, pio_in_kernel)
{
	VARIANT(pio_in_kernel, IO),
};

FIXTURE_VARIANT_ADD(per_reason, pio_in_userspace)
{
	VARIANT(pio_in_userspace, IO),
};

FIXTURE_VARIANT_ADD(per_reason, mmio)
{
	VARIANT(mmio, MMIO),
};

FIXTURE_VARIANT_ADD(per_reason, page_fault)
{
	VARIANT(page_fault, PAGE_FAULT),
};

FIXTURE_VARIANT_ADD(per_reason, rdmsr)
{
	VARIANT(rdmsr, MSR_READ),
};

FIXTURE_VARIANT_ADD(per_reason, wrmsr)
{
	VARIANT(wrmsr, MSR_WRITE),
};

FIXTURE_VARIANT_ADD(per_reason, wrmsr_fastpath)
{
	VARIANT(wrmsr_fastpath, MSR_WRITE),
	.why_not = why_no_ipi_fastpath,
};

FIXTURE_VARIANT_ADD(per_reason, wrmsr_fastpath_event)
{
	VARIANT(wrmsr_fastpath_event, MSR_WRITE),
	.why_not = why_no_ipi_fastpath,
};

FIXTURE_VARIANT_ADD(per_reason, wrmsr_deadline)
{
	VARIANT(wrmsr_deadline, MSR_WRITE),
};

FIXTURE_VARIANT_ADD(per_reason, hlt)
{
	VARIANT(hlt, HLT),
	.others = WITH_APIC | WITH(INTERRUPT_WINDOW),
};

FIXTURE_VARIANT_ADD(per_reason, interrupt_window)
{
	VARIANT(interrupt_window, INTERRUPT_WINDOW),
	.others = WITH_APIC,
	.why_not = why_no_interrupt_window,
};

FIXTURE_VARIANT_ADD(per_reason, hypercall)
{
	VARIANT(hypercall, HYPERCALL),
};

FIXTURE_VARIANT_ADD(per_reason, xsetbv)
{
	VARIANT(xsetbv, XSETBV),
	.why_not = why_no_xsetbv_exit,
};

FIXTURE_VARIANT_ADD(per_reason, invd)
{
	VARIANT(invd, INVD),
	.why_not = why_no_invd_exit,
};

FIXTURE_VARIANT_ADD(per_reason, wbinvd)
{
	VARIANT(wbinvd, WBINVD),
};

FIXTURE_VARIANT_ADD(per_reason, cr0)
{
	VARIANT(cr0, CR0_WRITE),
};

FIXTURE_VARIANT_ADD(per_reason, cr4)
{
	VARIANT(cr4, CR4_WRITE),
};

FIXTURE_VARIANT_ADD(per_reason, dr7_read)
{
	VARIANT(dr7_read, DR7_READ),
	.others = WITH(CPUID),
	.restarted = true,
};

FIXTURE_VARIANT_ADD(per_reason, dr7)
{
	VARIANT(dr7, DR7_WRITE),
	.others = WITH(CPUID),
	.restarted = true,
};

FIXTURE_VARIANT_ADD(per_reason, ud)
{
	VARIANT(ud, EXCP_UD),
};

FIXTURE_VARIANT_ADD(per_reason, rdpmc)
{
	VARIANT(rdpmc, RDPMC),
};

FIXTURE_VARIANT_ADD(per_reason, monitor)
{
	VARIANT(monitor, MONITOR),
	.why_not = why_no_monitor_exit,
};

FIXTURE_SETUP(per_reason)
{
	struct kvm_vm *vm;

	vm = __vm_create_with_one_vcpu(&self->vcpu, TIMES + 1, guest_code);
	vcpu_set_cpuid_feature(self->vcpu, X86_FEATURE_TSC_DEADLINE_TIMER);
	vm_install_exception_handler(vm, VECTOR, guest_irq_handler);
	virt_pg_map(vm, MMIO_OF_NOBODY, MMIO_OF_NOBODY);
	untouched_pages = vm_alloc_pages(vm, TIMES + 1);
	sync_global_to_guest(vm, untouched_pages);
	vcpu_args_set(self->vcpu, 2, variant->once, reason_of(variant->kind));
}

FIXTURE_TEARDOWN(per_reason)
{
	kvm_vm_free(self->vcpu->vm);
}

TEST_F(per_reason, exact)
{
	u64 before[NR_BUCKETS], counts[NR_BUCKETS], wanted[NR_BUCKETS] = { 0 };
	bool any_number[NR_BUCKETS] = { false };
	u64 diff, restarts = 0;
	unsigned int bucket, kind;
	struct ucall uc;

	if (variant->why_not && variant->why_not())
		SKIP(return, "%s", variant->why_not());

	for (kind = 0; kind < NR_EXIT_KINDS; kind++)
		any_number[bucket_of(kind)] |= !!(variant->others & BIT_ULL(kind));
	for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++)
		any_number[bucket] |= reason_is_asynchronous(reason_of_bucket(bucket));
	any_number[UNKNOWN_BUCKET] = false;

	run_until_ucall(self->vcpu, &uc);
	read_exit_counts(self->vcpu, before);
	run_until_ucall(self->vcpu, &uc);
	read_exit_counts(self->vcpu, counts);

	if (variant->restarted)
		restarts = sum_asynchronous(counts) - sum_asynchronous(before);

	/* The second read counts itself. */
	diff = uc.args[1] - uc.args[0];
	if (variant->kind == EXIT_CPUID)
		diff--;
	TEST_ASSERT(diff >= TIMES && diff <= TIMES + restarts,
		    "Guest: %lu exits of reason %s, provoked %u",
		    (unsigned long)diff, reason_str(reason_of(variant->kind)),
		    TIMES);

	/* What the guest does around it: two reads of the leaf, one ucall. */
	wanted[bucket_of(EXIT_CPUID)] = 2;
	wanted[bucket_of(EXIT_IO)] = 1;
	wanted[bucket_of(variant->kind)] += diff;

	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		diff = counts[bucket] - before[bucket];
		TEST_ASSERT(diff == wanted[bucket] || any_number[bucket],
			    "Host: %lu exits of reason %s, wanted %lu",
			    (unsigned long)diff, bucket_str(bucket),
			    (unsigned long)wanted[bucket]);
	}
}

static void guest_code_triple_fault(void)
{
	struct desc_ptr no_idt = { 0 };

	GUEST_SYNC(0);
	asm volatile("lidt %0; ud2" : : "m" (no_idt));
}

TEST(triple_fault)
{
	u64 before[NR_BUCKETS], counts[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_triple_fault);
	run_until_ucall(vcpu, &uc);
	read_exit_counts(vcpu, before);
	TEST_ASSERT_EQ(before[bucket_of(EXIT_TRIPLE_FAULT)], 0);

	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_SHUTDOWN);
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(counts[bucket_of(EXIT_TRIPLE_FAULT)], 1);

	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_TSC_DEADLINE_TIMER));

	return test_harness_run(argc, argv);
}
