/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_LINUX_KREF_H
#define BENCH_LINUX_KREF_H

struct kref {
	int refcount;
};

#endif
