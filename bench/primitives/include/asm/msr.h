/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_ASM_MSR_H
#define BENCH_ASM_MSR_H

#include <linux/types.h>

/* As the kernel's: nothing keeps it in order. */
static __always_inline u64 rdtsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | (u64)high << 32;
}

#endif
