/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For what happens a moment later, and would be a failure if it did not.
 */
#ifndef EXIT_COUNTS_WAIT_H
#define EXIT_COUNTS_WAIT_H

#include <time.h>
#include <unistd.h>

#include "test_util.h"

/* Enough for an emulated host whose kernel looks for mistakes. */
#define WAIT_SECONDS	60

/* Look at @condition once a millisecond; false if it is not met in time. */
#define wait_until(condition)						\
({									\
	struct timespec __began;					\
	bool __met;							\
									\
	clock_gettime(CLOCK_MONOTONIC, &__began);			\
	while (!(__met = (condition)) &&				\
	       timespec_elapsed(__began).tv_sec < WAIT_SECONDS)		\
		usleep(1000);						\
	__met;								\
})

#endif /* EXIT_COUNTS_WAIT_H */
