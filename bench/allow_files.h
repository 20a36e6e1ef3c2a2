/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a program with more VMs and vCPUs than a process may have files open.
 */
#ifndef BENCH_ALLOW_FILES_H
#define BENCH_ALLOW_FILES_H

#include <sys/resource.h>

#include "test_util.h"

static inline void allow_files(int nr)
{
	struct rlimit limit = { .rlim_cur = nr, .rlim_max = nr };

	TEST_ASSERT(!setrlimit(RLIMIT_NOFILE, &limit), "setrlimit() failed, errno: %i",
		    errno);
}

#endif /* BENCH_ALLOW_FILES_H */
