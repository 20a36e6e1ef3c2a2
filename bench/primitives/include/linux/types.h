/* SPDX-License-Identifier: GPL-2.0-only */
/* What the series' headers expect of any kernel header. */
#ifndef BENCH_LINUX_TYPES_H
#define BENCH_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/compiler.h>

typedef unsigned int gfp_t;
typedef int64_t s64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

struct list_head {
	struct list_head *next, *prev;
};

struct rcu_head {
	void *next;
	void (*func)(struct rcu_head *head);
};

#endif
