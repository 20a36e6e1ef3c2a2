/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the vendors have different: which exit reasons there are, and what causes
 * them; the buckets of the binary statistic.
 */
#ifndef EXIT_COUNTS_REASONS_H
#define EXIT_COUNTS_REASONS_H

#include "compat.h"
#include "kvm_util.h"
#include "processor.h"

/*
 * Buckets of the binary statistic: VMX's exit reasons and SVM's exit codes 0 to 191
 * are their own number, then 0x400 to 0x40f and -8 to -1 of SVM, and one for
 * everything else.  Written down here a second time on purpose, as it is ABI.
 */
#define NR_DIRECT_BUCKETS	192
#define BUCKET_OF_SVM_400	192
#define BUCKET_OF_SVM_MINUS_8	208
#define UNKNOWN_BUCKET		216
#define NR_BUCKETS		217

/* Defined by neither vendor. */
#define NO_REASON		0xdeadu

/*
 * What makes a guest exit.  Which exit reason that is depends on the vendor,
 * and so does whether two of them have the same one.
 */
enum exit_kind {
	EXIT_CPUID,
	EXIT_CR0_WRITE,
	EXIT_CR4_WRITE,
	EXIT_DR7_READ,
	EXIT_DR7_WRITE,
	EXIT_EXCP_PF,
	EXIT_EXCP_UD,
	EXIT_HLT,
	EXIT_HYPERCALL,
	EXIT_INTERRUPT_WINDOW,
	EXIT_INVALID_STATE,
	EXIT_INVD,
	EXIT_IO,
	EXIT_MMIO,
	EXIT_MONITOR,
	EXIT_MSR_READ,
	EXIT_MSR_WRITE,
	/* L1 enters L2 for the first time, and again. */
	EXIT_NESTED_ENTRY,
	EXIT_NESTED_REENTRY,
	/* The guest touches a page that the host has not mapped yet. */
	EXIT_PAGE_FAULT,
	EXIT_RDPMC,
	EXIT_TRIPLE_FAULT,
	EXIT_VIRTUAL_EOI,
	EXIT_VIRTUAL_APIC_WRITE,
	EXIT_WBINVD,
	EXIT_XSETBV,

	/* Those that depend on the MMU, if it has the guest's page tables only. */
	EXIT_CR0_WRITE_SHADOW,

	NR_EXIT_KINDS,
};

struct reason_range {
	u32 first;
	u32 last;
};

/* The tests' view of what the vendors have different. */
struct exit_isa {
	/* LEAF_FEATURES: EBX */
	u32 number;
	/* NO_REASON where no exit of that kind exists. */
	u32 reasons[NR_EXIT_KINDS];
	/* From the manual's table, in ascending order; { 0, 0 } ends it. */
	struct reason_range defined[11];
	/* Some of what the manual leaves out. */
	u32 undefined[10];
	/* Defined, but nothing that KVM lets a guest take. */
	u32 never[4];
	/* At any time, in any guest, as the host's interrupts and timers cause them. */
	u32 asynchronous[4];
	/* Above the direct ones, the binary statistic has SVM's buckets. */
	bool has_buckets_of_svm;
	/* As debugfs and dmesg show a reason, and -4 to -1. */
	const char *format;
	const char *negative_format;
	/* What of the tracepoint's exit_reason is the reason. */
	u32 trace_mask;
	/* What KVM_RUN reports if the hardware finds the guest's state invalid. */
	u64 entry_failure;
	/* The same, with all bits that the kernel knows of an exit code. */
	u64 wide_entry_failure;
	/* What L1 is told in that case of L2, and whether it is an exit at all. */
	u32 nested_entry_failure;
	bool nested_entry_failure_exits;
	/* Module parameters with which interrupts need no exits. */
	const char *virtual_apic;
	const char *virtual_ipis;
};

extern const struct exit_isa exit_isa_vmx;
extern const struct exit_isa exit_isa_svm;

static inline const struct exit_isa *exit_isa(void)
{
	return host_cpu_is_amd ? &exit_isa_svm : &exit_isa_vmx;
}

/* Of the host, before reason_of() is asked; require_exit_counts() does it. */
void look_for_shadow_paging(void);

/* In the guest, EXIT_PAGE_FAULT and the like are as with two-dimensional paging. */
u32 reason_of(enum exit_kind kind);

/* What Intel SDM vol. 3 or AMD APM vol. 2, both appendix C, defines. */
bool reason_is_defined(u32 reason);
unsigned int nr_reasons(void);

/* What the host's interrupts and timers cause, at any time, in any guest. */
bool reason_is_asynchronous(u32 reason);

unsigned int bucket_of_reason(u32 reason);
/* The defined reason that @bucket counts, or NO_REASON. */
u32 reason_of_bucket(unsigned int bucket);

static inline unsigned int bucket_of(enum exit_kind kind)
{
	return bucket_of_reason(reason_of(kind));
}

/* "10", "0x72", "-1", or "-" for UNKNOWN_BUCKET. */
const char *reason_str(u32 reason);
const char *bucket_str(unsigned int bucket);
/* The bucket of what reason_str() makes; fails the test if it never does. */
unsigned int parse_reason(const char *number);

#endif /* EXIT_COUNTS_REASONS_H */
