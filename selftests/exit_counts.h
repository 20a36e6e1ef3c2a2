/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of KVM's VM exit counters share.
 *
 * Everything that starts with guest_ runs in the guest.
 */
#ifndef EXIT_COUNTS_H
#define EXIT_COUNTS_H

#include <asm/vmx.h>

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
#define ISA_VMX			1

/* Buckets of the binary statistic: one per basic exit reason, one unknown. */
#define UNKNOWN_BUCKET		86
#define NR_BUCKETS		87

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

#define GUEST_ASSERT_LEAF_EQ(function, index, seen, wanted)		\
do {									\
	struct leaf __seen = (seen), __wanted = (wanted);		\
									\
	__GUEST_ASSERT(leaf_equals(&__seen, &__wanted),			\
		       "CPUID %x.%x: " LEAF_FMT ", wanted " LEAF_FMT,	\
		       function, index, __seen.rax, __seen.rbx,		\
		       __seen.rcx, __seen.rdx, __wanted.rax,		\
		       __wanted.rbx, __wanted.rcx, __wanted.rdx);	\
} while (0)

#define TEST_ASSERT_LEAF_EQ(function, index, seen, wanted)		\
do {									\
	struct leaf __seen = (seen), __wanted = (wanted);		\
									\
	TEST_ASSERT(leaf_equals(&__seen, &__wanted),			\
		    "CPUID %x.%x: " LEAF_FMT ", wanted " LEAF_FMT,	\
		    function, index, __seen.rax, __seen.rbx,		\
		    __seen.rcx, __seen.rdx, __wanted.rax,		\
		    __wanted.rbx, __wanted.rcx, __wanted.rdx);		\
} while (0)

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

/* What SDM vol. 3, appendix C defines. */
bool reason_is_defined(u32 reason);

/* What the host's interrupts and timers cause, at any time, in any guest. */
bool reason_is_asynchronous(u32 reason);

/* Skip the whole program unless KVM counts, and shows the guest. */
void require_exit_counts(void);

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

/* Without CPUID's answer for out of range leaves: see KVM's cpuid.c. */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index);

/* A copy of @vcpu's CPUID table with one more entry. */
void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry);

bool file_exists(const char *path);
/* The first line, without its newline; fails the test if there is none. */
void read_line(const char *path, char *line, size_t size);
/* 0 or -errno. */
int try_write_file(const char *path, const char *value);
void write_file(const char *path, const char *value);

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
