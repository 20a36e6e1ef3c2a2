/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUID leaves, and a guest that executes CPUID.
 *
 * Everything that starts with guest_ runs in the guest.
 */
#ifndef EXIT_COUNTS_LEAVES_H
#define EXIT_COUNTS_LEAVES_H

#include "compat.h"
#include "kvm_util.h"
#include "processor.h"

/* The guest ABI, written down here a second time on purpose. */
#define LEAF_SIGNATURE		0x4ffffff0u
#define LEAF_FEATURES		0x4ffffff1u
#define LEAF_CYCLES_IN_STATE	0x4ffffff2u
#define LEAF_OCCURRED		0x4ffffff3u
#define LEAF_CYCLES_OF_REASON	0x4ffffffcu
#define LEAF_EXITS_OF_REASON	0x4ffffffdu
#define LEAF_CYCLES_TOTAL	0x4ffffffeu
#define LEAF_EXITS_TOTAL	0x4fffffffu

#define FEATURE_COUNTS		BIT(0)
#define FEATURE_CYCLES		BIT(1)

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

#endif /* EXIT_COUNTS_LEAVES_H */
