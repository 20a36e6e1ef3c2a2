// SPDX-License-Identifier: GPL-2.0-only
#include <asm/svm.h>
#include <asm/vmx.h>

#include "reasons.h"

/* Reasons and ranges are written from the manual's table, not from KVM's. */
const struct exit_isa exit_isa_vmx = {
	.number = 1,
	.reasons = {
		[EXIT_CPUID] = EXIT_REASON_CPUID,
		[EXIT_CR0_WRITE] = EXIT_REASON_CR_ACCESS,
		[EXIT_CR0_WRITE_SHADOW] = EXIT_REASON_CR_ACCESS,
		[EXIT_CR4_WRITE] = EXIT_REASON_CR_ACCESS,
		[EXIT_DR7_READ] = EXIT_REASON_DR_ACCESS,
		[EXIT_DR7_WRITE] = EXIT_REASON_DR_ACCESS,
		[EXIT_EXCP_PF] = EXIT_REASON_EXCEPTION_NMI,
		[EXIT_EXCP_UD] = EXIT_REASON_EXCEPTION_NMI,
		[EXIT_HLT] = EXIT_REASON_HLT,
		[EXIT_HYPERCALL] = EXIT_REASON_VMCALL,
		[EXIT_INTERRUPT_WINDOW] = EXIT_REASON_INTERRUPT_WINDOW,
		[EXIT_INVALID_STATE] = EXIT_REASON_INVALID_STATE,
		[EXIT_INVD] = EXIT_REASON_INVD,
		[EXIT_IO] = EXIT_REASON_IO_INSTRUCTION,
		[EXIT_MMIO] = EXIT_REASON_EPT_MISCONFIG,
		[EXIT_MONITOR] = EXIT_REASON_MONITOR_INSTRUCTION,
		[EXIT_MSR_READ] = EXIT_REASON_MSR_READ,
		[EXIT_MSR_WRITE] = EXIT_REASON_MSR_WRITE,
		[EXIT_NESTED_ENTRY] = EXIT_REASON_VMLAUNCH,
		[EXIT_NESTED_REENTRY] = EXIT_REASON_VMRESUME,
		[EXIT_PAGE_FAULT] = EXIT_REASON_EPT_VIOLATION,
		[EXIT_RDPMC] = EXIT_REASON_RDPMC,
		[EXIT_TRIPLE_FAULT] = EXIT_REASON_TRIPLE_FAULT,
		[EXIT_VIRTUAL_APIC_WRITE] = EXIT_REASON_APIC_WRITE,
		[EXIT_VIRTUAL_EOI] = EXIT_REASON_EOI_INDUCED,
		[EXIT_WBINVD] = EXIT_REASON_WBINVD,
		[EXIT_XSETBV] = EXIT_REASON_XSETBV,
	},
	.defined = {
		{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 },
		{ 84, 85 },
	},
	.undefined = { 444, 35, 38, 42, 71, 82, 83, 86, 87, 0xffffffff },
	/* INIT, RSM, and RDMSR and WRMSR with an immediate. */
	.never = { 3, 17, 84, 85 },
	.asynchronous = {
		EXIT_REASON_EXTERNAL_INTERRUPT, EXIT_REASON_PREEMPTION_TIMER,
		NO_REASON, NO_REASON,
	},
	.format = "%u",
	.negative_format = "%u",
	/* Above is that the VM entry failed, and the like. */
	.trace_mask = 0xffff,
	.entry_failure = VMX_EXIT_REASONS_FAILED_VMENTRY |
			 EXIT_REASON_INVALID_STATE,
	.wide_entry_failure = VMX_EXIT_REASONS_FAILED_VMENTRY |
			      EXIT_REASON_INVALID_STATE,
	/* KVM looks itself, for what it then would have to emulate. */
	.nested_entry_failure = EXIT_REASON_TRIPLE_FAULT,
	.nested_entry_failure_exits = false,
	.virtual_apic = "enable_apicv",
	.virtual_ipis = "enable_ipiv",
};

const struct exit_isa exit_isa_svm = {
	.number = 2,
	.reasons = {
		[EXIT_CPUID] = SVM_EXIT_CPUID,
		[EXIT_CR0_WRITE] = SVM_EXIT_CR0_SEL_WRITE,
		[EXIT_CR0_WRITE_SHADOW] = SVM_EXIT_WRITE_CR0,
		[EXIT_CR4_WRITE] = SVM_EXIT_WRITE_CR4,
		[EXIT_DR7_READ] = SVM_EXIT_READ_DR7,
		[EXIT_DR7_WRITE] = SVM_EXIT_WRITE_DR7,
		[EXIT_EXCP_PF] = SVM_EXIT_EXCP_BASE + PF_VECTOR,
		[EXIT_EXCP_UD] = SVM_EXIT_EXCP_BASE + UD_VECTOR,
		[EXIT_HLT] = SVM_EXIT_HLT,
		[EXIT_HYPERCALL] = SVM_EXIT_VMMCALL,
		[EXIT_INTERRUPT_WINDOW] = SVM_EXIT_VINTR,
		[EXIT_INVALID_STATE] = (u32)SVM_EXIT_ERR,
		[EXIT_INVD] = SVM_EXIT_INVD,
		[EXIT_IO] = SVM_EXIT_IOIO,
		[EXIT_MMIO] = SVM_EXIT_NPF,
		[EXIT_MONITOR] = SVM_EXIT_MONITOR,
		[EXIT_MSR_READ] = SVM_EXIT_MSR,
		[EXIT_MSR_WRITE] = SVM_EXIT_MSR,
		[EXIT_NESTED_ENTRY] = SVM_EXIT_VMRUN,
		[EXIT_NESTED_REENTRY] = SVM_EXIT_VMRUN,
		[EXIT_PAGE_FAULT] = SVM_EXIT_NPF,
		[EXIT_RDPMC] = SVM_EXIT_RDPMC,
		[EXIT_TRIPLE_FAULT] = SVM_EXIT_SHUTDOWN,
		[EXIT_VIRTUAL_APIC_WRITE] = SVM_EXIT_AVIC_UNACCELERATED_ACCESS,
		[EXIT_VIRTUAL_EOI] = NO_REASON,
		[EXIT_WBINVD] = SVM_EXIT_WBINVD,
		[EXIT_XSETBV] = SVM_EXIT_XSETBV,
	},
	.defined = {
		{ 0x00, 0x0f }, { 0x10, 0x1f }, { 0x20, 0x2f }, { 0x30, 0x3f },
		{ 0x40, 0x5f }, { 0x60, 0x8f }, { 0x90, 0x9f }, { 0xa0, 0xa6 },
		{ 0x400, 0x403 }, { -4u, -1u },
	},
	/* The host's use of 0xf0000000, and GHCB's of 0x80000000, are software's. */
	.undefined = {
		444, 0xa7, 0xff, 0x100, 0x3ff, 0x404, 0x80000001, 0xf0000000,
		-5u, 0x7fffffff,
	},
	/* INIT, CR1's write trap, VMGEXIT, IDLE_REQUIRED. */
	.never = { 0x63, 0x91, 0x403, -3u },
	.asynchronous = {
		SVM_EXIT_INTR, SVM_EXIT_NMI, SVM_EXIT_SMI, NO_REASON,
	},
	.format = "0x%02x",
	.negative_format = "%d",
	.has_buckets_of_svm = true,
	.trace_mask = 0xffffffff,
	/* Linux 7.3 has a code of 64 bits; of these, some emulators write 32. */
	.entry_failure = (u32)SVM_EXIT_ERR,
	.wide_entry_failure = SVM_EXIT_ERR + 0u,
	.nested_entry_failure = (u32)SVM_EXIT_ERR,
	.nested_entry_failure_exits = true,
	.virtual_apic = "avic",
	.virtual_ipis = "avic",
};

/* Neither EPT nor NPT. */
static bool shadow_paging;

void look_for_shadow_paging(void)
{
	shadow_paging = !kvm_is_tdp_enabled();
}

u32 reason_of(enum exit_kind kind)
{
	if (shadow_paging) {
		switch (kind) {
		case EXIT_CR0_WRITE:
			kind = EXIT_CR0_WRITE_SHADOW;
			break;
		case EXIT_MMIO:
		case EXIT_PAGE_FAULT:
			kind = EXIT_EXCP_PF;
			break;
		default:
			break;
		}
	}

	return exit_isa()->reasons[kind];
}

static bool range_has(const struct reason_range *range, u32 reason)
{
	return reason >= range->first && reason <= range->last;
}

bool reason_is_defined(u32 reason)
{
	const struct reason_range *range;

	for (range = exit_isa()->defined; range->last; range++)
		if (range_has(range, reason))
			return true;

	return false;
}

unsigned int nr_reasons(void)
{
	const struct reason_range *range;
	unsigned int nr = 0;

	for (range = exit_isa()->defined; range->last; range++)
		nr += range->last - range->first + 1;

	return nr;
}

bool reason_is_asynchronous(u32 reason)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exit_isa()->asynchronous); i++)
		if (reason != NO_REASON && reason == exit_isa()->asynchronous[i])
			return true;

	return false;
}

unsigned int bucket_of_reason(u32 reason)
{
	if (reason < NR_DIRECT_BUCKETS)
		return reason;

	if (exit_isa()->has_buckets_of_svm) {
		if (reason >= 0x400 && reason <= 0x40f)
			return reason - 0x400 + BUCKET_OF_SVM_400;
		if (reason >= -8u)
			return reason - -8u + BUCKET_OF_SVM_MINUS_8;
	}

	return UNKNOWN_BUCKET;
}

u32 reason_of_bucket(unsigned int bucket)
{
	u32 reason = bucket;

	if (bucket >= UNKNOWN_BUCKET)
		return NO_REASON;
	if (bucket >= BUCKET_OF_SVM_MINUS_8)
		reason = bucket - BUCKET_OF_SVM_MINUS_8 + -8u;
	else if (bucket >= BUCKET_OF_SVM_400)
		reason = bucket - BUCKET_OF_SVM_400 + 0x400;

	return reason_is_defined(reason) ? reason : NO_REASON;
}

const char *reason_str(u32 reason)
{
	static char number[16];

	snprintf(number, sizeof(number),
		 reason >= -4u ? exit_isa()->negative_format :
				 exit_isa()->format, reason);
	return number;
}

const char *bucket_str(unsigned int bucket)
{
	u32 reason = reason_of_bucket(bucket);

	if (bucket == UNKNOWN_BUCKET)
		return "-";
	return reason_str(reason == NO_REASON ? bucket : reason);
}

unsigned int parse_reason(const char *number)
{
	unsigned int bucket;

	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		if ((bucket == UNKNOWN_BUCKET ||
		     reason_of_bucket(bucket) != NO_REASON) &&
		    !strcmp(number, bucket_str(bucket)))
			return bucket;

	TEST_FAIL("\"%s\" is no exit reason", number);
	return UNKNOWN_BUCKET;
}
