/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_LINUX_BITS_H
#define BENCH_LINUX_BITS_H

#define BIT(nr)		(1ul << (nr))
#define BIT_ULL(nr)	(1ull << (nr))

/* The number of the last bit that is set, of those of a word that is not 0. */
static inline unsigned long __fls(unsigned long word)
{
	return 63 - (unsigned long)__builtin_clzl(word);
}

#endif
