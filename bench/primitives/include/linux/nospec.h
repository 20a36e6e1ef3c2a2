/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_LINUX_NOSPEC_H
#define BENCH_LINUX_NOSPEC_H

/* The two instructions that the kernel has on x86: all ones if index < size, else 0. */
static inline unsigned long array_index_mask_nospec(unsigned long index,
						    unsigned long size)
{
	unsigned long mask;

	asm volatile("cmp %1, %2; sbb %0, %0"
		     : "=r"(mask) : "g"(size), "r"(index) : "cc");
	return mask;
}

#define array_index_nospec(index, size)						\
	((__typeof__(index))((index) & array_index_mask_nospec(index, size)))

#endif
