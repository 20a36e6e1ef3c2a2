/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of KVM's VM exit counters share.
 *
 * Everything that starts with guest_ runs in the guest.
 */
#ifndef EXIT_COUNTS_H
#define EXIT_COUNTS_H

#include "kvm_util.h"
#include "processor.h"

/* The guest ABI, written down here a second time on purpose. */
#define LEAF_SIGNATURE		0x4ffffff0u
#define LEAF_FEATURES		0x4ffffff1u
#define LEAF_CYCLES_OF_REASON	0x4ffffffcu
#define LEAF_EXITS_OF_REASON	0x4ffffffdu
#define LEAF_CYCLES_TOTAL	0x4ffffffeu
#define LEAF_EXITS_TOTAL	0x4fffffffu

#define FEATURE_COUNTS		BIT(0)
#define FEATURE_CYCLES		BIT(1)

/* Buckets of the binary statistic: one per exit reason, one unknown. */
#define UNKNOWN_BUCKET		175
#define NR_BUCKETS		176

/* Defined by neither vendor. */
#define NO_REASON		0xdeadu

#define PARAM_CPUID		"/sys/module/kvm/parameters/exit_counters_cpuid"
#define PARAM_FEP		"/sys/module/kvm/parameters/force_emulation_prefix"
#define MODULE_DIR		"/sys/module/kvm_exits"
#define PARAM_LOG_QUERIES	MODULE_DIR "/parameters/log_queries"
#define DEBUGFS_DIR		"/sys/kernel/debug/kvm_exits"

/* An I/O port and an address that belong to no device: exits to userspace. */
#define PORT_OF_NOBODY		0x80
#define MMIO_OF_NOBODY		0xd0000000ull

/* All 64 bits of the four registers that CPUID writes. */
struct leaf {
	unsigned long rax;
	unsigned long rbx;
	unsigned long rcx;
	unsigned long rdx;
};

#define GUEST_GARBAGE	0xa5a5a5a5deadbeefull

#define __guest_cpuid(prefix, function, index)				\
({									\
	struct leaf __l = {						\
		.rax = (GUEST_GARBAGE & ~0xffffffffull) | (u32)(function), \
		.rbx = GUEST_GARBAGE,					\
		.rcx = (GUEST_GARBAGE & ~0xffffffffull) | (u32)(index),	\
		.rdx = GUEST_GARBAGE,					\
	};								\
									\
	asm volatile(prefix "cpuid"					\
		     : "+a" (__l.rax), "+b" (__l.rbx),			\
		       "+c" (__l.rcx), "+d" (__l.rdx)			\
		     : : "memory");					\
	__l;								\
})

static inline struct leaf guest_cpuid(u32 function, u32 index)
{
	return __guest_cpuid("", function, index);
}

/* The same instruction, but KVM's emulator executes it. */
static inline struct leaf guest_emulated_cpuid(u32 function, u32 index)
{
	return __guest_cpuid(KVM_FEP, function, index);
}

static inline bool leaf_equals(const struct leaf *a, const struct leaf *b)
{
	return a->rax == b->rax && a->rbx == b->rbx &&
	       a->rcx == b->rcx && a->rdx == b->rdx;
}

#define LEAF_FMT	"rax=%lx rbx=%lx rcx=%lx rdx=%lx"

#define __ASSERT_LEAF_EQ(assert, function, index, seen, wanted)		\
do {									\
	struct leaf __seen = (seen), __wanted = (wanted);		\
									\
	assert(leaf_equals(&__seen, &__wanted),				\
	       "CPUID %x.%x: " LEAF_FMT ", wanted " LEAF_FMT,		\
	       function, index, __seen.rax, __seen.rbx, __seen.rcx,	\
	       __seen.rdx, __wanted.rax, __wanted.rbx, __wanted.rcx,	\
	       __wanted.rdx);						\
} while (0)

#define GUEST_ASSERT_LEAF_EQ(...) __ASSERT_LEAF_EQ(__GUEST_ASSERT, __VA_ARGS__)
#define TEST_ASSERT_LEAF_EQ(...) __ASSERT_LEAF_EQ(TEST_ASSERT, __VA_ARGS__)

/* A leaf's 64-bit value, after a check that all else is zero. */
static inline u64 guest_count_of(struct leaf l, u32 function, u32 index)
{
	__GUEST_ASSERT(!(l.rax >> 32) && !(l.rbx >> 32) && !l.rcx && !l.rdx,
		       "CPUID %x.%x is no count: " LEAF_FMT, function, index,
		       l.rax, l.rbx, l.rcx, l.rdx);
	return l.rbx << 32 | l.rax;
}

static inline u64 guest_exits_total(void)
{
	return guest_count_of(guest_cpuid(LEAF_EXITS_TOTAL, 0),
			      LEAF_EXITS_TOTAL, 0);
}

static inline u64 guest_exits_of(u32 reason)
{
	return guest_count_of(guest_cpuid(LEAF_EXITS_OF_REASON, reason),
			      LEAF_EXITS_OF_REASON, reason);
}

static inline void guest_outb(u16 port, u8 value)
{
	asm volatile("outb %%al, %%dx" : : "d" (port), "a" (value));
}

static inline u8 guest_inb(u16 port)
{
	u8 value;

	asm volatile("inb %%dx, %%al" : "=a" (value) : "d" (port));
	return value;
}

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
	/* The binary statistic has no bucket for what the manual leaves out. */
	bool buckets_are_dense;
	/* As debugfs and dmesg show a reason, and -4 to -1. */
	const char *format;
	const char *negative_format;
	/* What of the tracepoint's exit_reason is the reason. */
	u32 trace_mask;
	/* What KVM_RUN reports if the hardware finds the guest's state invalid. */
	u64 entry_failure;
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

/* Skip the whole program unless KVM counts, and shows the guest. */
void require_exit_counts(void);

/* NULL, or why this host cannot be expected to have such an exit. */
const char *why_no_invalid_state_exit(void);
const char *why_no_ipi_fastpath(void);
const char *why_no_interrupt_window(void);
const char *why_no_invd_exit(void);
const char *why_no_monitor_exit(void);
const char *why_no_xsetbv_exit(void);

/*
 * Registers with which the hardware refuses to run the guest, and KVM does not
 * notice.
 */
void make_state_invalid(struct kvm_vcpu *vcpu);

/*
 * @vcpu's binary statistic "exit_reasons".  While another thread runs @vcpu,
 * only the one that has a file descriptor from before does not wait for it.
 */
void read_exit_counts(struct kvm_vcpu *vcpu, u64 counts[NR_BUCKETS]);
void read_exit_counts_fd(int fd, u64 counts[NR_BUCKETS]);
u64 sum_exit_counts(const u64 counts[NR_BUCKETS]);
u64 sum_asynchronous(const u64 counts[NR_BUCKETS]);

/*
 * Run until the guest makes a ucall, which is returned in @uc: UCALL_SYNC or
 * UCALL_DONE.  A guest's failed assertion fails the test.  I/O of nobody's
 * device is dropped.
 */
u64 run_until_ucall(struct kvm_vcpu *vcpu, struct ucall *uc);

/* CPUID's answer for out of range leaves: see KVM's cpuid.c. */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index);

/* Twelve characters, as in leaf 0. */
void vcpu_set_vendor(struct kvm_vcpu *vcpu, const char *vendor);

/* A copy of @vcpu's CPUID table with one more entry. */
void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry);

/*
 * A guest in the guest.  @nested is what nested_alloc() returns; enter() returns
 * why L2 exited to L1, which it does for CPUID and the hypercall instruction.
 * No register of L2 is preserved.
 */
bool nested_is_possible(void);
vm_vaddr_t nested_alloc(struct kvm_vm *vm);
void guest_nested_prepare(vm_vaddr_t nested, void *l2_code, void *l2_stack);
u32 guest_nested_enter(vm_vaddr_t nested, bool again);
/* Past an instruction of L2 of @length bytes. */
void guest_nested_skip(vm_vaddr_t nested, unsigned int length);

bool file_exists(const char *path);
/* The first line, without its newline; fails the test if there is none. */
void read_line(const char *path, char *line, size_t size);
/*
 * The number in the first line that FORMAT, of sscanf() with one %lu, matches;
 * fails the test if none does.
 */
unsigned long read_number(const char *path, const char *format);
/* But for those that begin with a dot. */
unsigned int nr_entries(const char *directory);
/* 0 or -errno. */
int try_write_file(const char *path, const char *value);
void write_file(const char *path, const char *value);

/* kvm_exits, of the file that KVM_EXITS_KO names: 0 or -errno. */
int load_module(void);
/* Does not wait until nobody uses it. */
int unload_module(void);
/* Skip the program without that file.  The module is there at the end. */
void require_module_file(void);

/*
 * The value that @path has now is written back when the program ends, however
 * it ends.  Call it in main(), before any test runs.
 */
void restore_at_exit(const char *path);

/*
 * The tracepoint kvm:kvm_exit, counted per exit reason by a histogram trigger
 * in a tracing instance of the test's own: what the counters must equal.
 */
bool trace_is_possible(void);
/* Call it in main(), it cleans up at the end. */
void trace_create_instance(void);
/* Count the exits of vCPUs that thread @tid runs. */
void trace_start(pid_t tid);
void trace_stop(u64 counts[NR_BUCKETS]);

/* <DEBUGFS_DIR>/vms/<pid>-<fd> of a VM that the calling thread created. */
void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size);
u64 read_debugfs_total(const char *path);
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS]);

#endif /* EXIT_COUNTS_H */
