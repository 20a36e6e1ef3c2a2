/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_LINUX_SPINLOCK_TYPES_H
#define BENCH_LINUX_SPINLOCK_TYPES_H

typedef struct {
	int locked;
} spinlock_t;

#endif
