/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that sleeps in the middle of a read, as the memory that it reads into
 * is not there: swap, a slow memory cgroup or a debugger do the same.
 */
#ifndef EXIT_COUNTS_STUCK_READER_H
#define EXIT_COUNTS_STUCK_READER_H

#include <pthread.h>

#include "kvm_util.h"

struct stuck_reader {
	pthread_t thread;
	/* Of what is read, which may be a directory, and of the memory's absence */
	int fd;
	int uffd;
	void *page;
	ssize_t result;
};

/* Skip the program on a kernel that has no userfaultfd. */
void require_stuck_readers(void);

/* The thread sleeps when this returns; false if @path can't be opened, or read. */
bool stuck_reader_start(struct stuck_reader *reader, const char *path);
/* What the read then returned, or -errno */
ssize_t stuck_reader_end(struct stuck_reader *reader);

#endif /* EXIT_COUNTS_STUCK_READER_H */
