/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_LINUX_COMPILER_H
#define BENCH_LINUX_COMPILER_H

#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define barrier()	({ asm volatile("" : : : "memory"); })
/* x86 keeps loads in order. */
#define smp_rmb()	barrier()

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
/* Without KCSAN, only what it is about. */
#define data_race(expr)	(expr)

#endif
