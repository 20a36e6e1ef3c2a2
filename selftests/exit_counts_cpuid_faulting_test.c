// SPDX-License-Identifier: GPL-2.0-only
/*
 * With CPUID faulting on, user mode gets #GP instead of a count.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* Free in the library's GDT, which has the kernel's segments and a TSS. */
#define USER_DS			(0x28 | 3)
#define USER_CS			(0x30 | 3)

/* Data, and 64-bit code: DPL 3, present, accessed. */
#define USER_DS_DESCRIPTOR	0x00cff3000000ffffull
#define USER_CS_DESCRIPTOR	0x00affb000000ffffull

/* Lets user mode make ucalls. */
#define EFLAGS_IOPL_3		(3 << 12)

/* Of page tables */
#define TABLE_ENTRIES		512
#define ENTRY_PRESENT		BIT_ULL(0)
#define ENTRY_USER		BIT_ULL(2)
#define ENTRY_IS_PAGE		BIT_ULL(7)
#define ENTRY_ADDRESS		GENMASK_ULL(51, 12)

/* Of a 64-bit TSS */
#define TSS_RSP0		4

static const u32 leaves[] = {
	LEAF_SIGNATURE, LEAF_FEATURES, LEAF_EXITS_OF_REASON, LEAF_EXITS_TOTAL,
};

/* The vector, or 0 and then @eax is the leaf's. */
static u8 guest_cpuid_safe(u32 function, u32 index, u64 *eax)
{
	u64 error_code, rax = function, rcx = index;
	u8 vector;

	asm volatile("push %%rbx; push %%rdx\n\t"
		     KVM_ASM_SAFE("cpuid")
		     "pop %%rdx; pop %%rbx"
		     : "+a" (rax), "+c" (rcx),
		       [vector] "=&S" (vector), [error_code] "=&D" (error_code)
		     : : KVM_ASM_SAFE_CLOBBERS, "memory");
	*eax = rax;
	return vector;
}

static void guest_code(void)
{
	unsigned int i;
	u64 eax;
	u8 vector;

	for (;;) {
		for (i = 0; i < ARRAY_SIZE(leaves); i++) {
			vector = guest_cpuid_safe(leaves[i],
						  reason_of(EXIT_CPUID), &eax);
			GUEST_SYNC4(leaves[i], get_cs() & 3, vector, eax);
		}
	}
}

static void make_pages_user(struct kvm_vm *vm, u64 table, int level)
{
	u64 *entries = addr_gpa2hva(vm, table & ENTRY_ADDRESS);
	int i;

	for (i = 0; i < TABLE_ENTRIES; i++) {
		if (!(entries[i] & ENTRY_PRESENT))
			continue;
		entries[i] |= ENTRY_USER;
		if (level > PG_LEVEL_4K && !(entries[i] & ENTRY_IS_PAGE))
			make_pages_user(vm, entries[i], level - 1);
	}
}

static struct kvm_segment user_segment(u16 selector, bool is_code)
{
	return (struct kvm_segment) {
		.limit = 0xffffffff,
		.selector = selector,
		.type = is_code ? 0xb : 0x3,
		.present = 1,
		.dpl = 3,
		.db = !is_code,
		.s = 1,
		.l = is_code,
		.g = 1,
	};
}

/* Where the guest comes back from #GP needs what the host sets here. */
static void enter_user_mode(struct kvm_vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	u64 *gdt;

	vcpu_sregs_get(vcpu, &sregs);
	gdt = addr_gva2hva(vm, sregs.gdt.base);
	gdt[USER_DS >> 3] = USER_DS_DESCRIPTOR;
	gdt[USER_CS >> 3] = USER_CS_DESCRIPTOR;

	*(gva_t *)(addr_gva2hva(vm, sregs.tr.base) + TSS_RSP0) =
		vm_alloc_page(vm) + getpagesize();
	make_pages_user(vm, sregs.cr3, PG_LEVEL_512G);

	sregs.cs = user_segment(USER_CS, true);
	sregs.ss = user_segment(USER_DS, false);
	vcpu_sregs_set(vcpu, &sregs);

	vcpu_regs_get(vcpu, &regs);
	regs.rflags |= EFLAGS_IOPL_3;
	vcpu_regs_set(vcpu, &regs);
}

/* One round of the guest: each leaf faults, or none does. */
static void assert_round(struct kvm_vcpu *vcpu, u64 cpl, u64 vector)
{
	struct ucall uc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		run_until_ucall(vcpu, &uc);
		TEST_ASSERT_EQ(uc.args[0], leaves[i]);
		TEST_ASSERT_EQ(uc.args[1], cpl);
		TEST_ASSERT(uc.args[2] == vector,
			    "CPUID %x at CPL %lu: vector %lu, wanted %lu",
			    leaves[i], (unsigned long)cpl,
			    (unsigned long)uc.args[2], (unsigned long)vector);

		/* Untouched by a CPUID that faults. */
		TEST_ASSERT((uc.args[3] == leaves[i]) == !!vector,
			    "CPUID %x at CPL %lu: eax %lx, vector %lu",
			    leaves[i], (unsigned long)cpl,
			    (unsigned long)uc.args[3], (unsigned long)vector);
	}
}

KVM_ONE_VCPU_TEST_SUITE(cpuid_faulting);

KVM_ONE_VCPU_TEST(cpuid_faulting, user_mode, guest_code)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS];
	unsigned int bucket;

	assert_round(vcpu, 0, 0);
	enter_user_mode(vcpu);
	assert_round(vcpu, 3, 0);

	vcpu_set_msr(vcpu, MSR_MISC_FEATURES_ENABLES,
		     MSR_MISC_FEATURES_ENABLES_CPUID_FAULT);
	read_exit_counts(vcpu, before);
	assert_round(vcpu, 3, GP_VECTOR);
	read_exit_counts(vcpu, after);

	/* It does not answer, but it does exit. */
	bucket = bucket_of(EXIT_CPUID);
	TEST_ASSERT_EQ(after[bucket] - before[bucket], ARRAY_SIZE(leaves));

	vcpu_set_msr(vcpu, MSR_MISC_FEATURES_ENABLES, 0);
	assert_round(vcpu, 3, 0);
}

KVM_ONE_VCPU_TEST(cpuid_faulting, not_in_kernel_mode, guest_code)
{
	vcpu_set_msr(vcpu, MSR_MISC_FEATURES_ENABLES,
		     MSR_MISC_FEATURES_ENABLES_CPUID_FAULT);
	assert_round(vcpu, 0, 0);
}

int main(int argc, char **argv)
{
	require_exit_counts();

	return test_harness_run(argc, argv);
}
