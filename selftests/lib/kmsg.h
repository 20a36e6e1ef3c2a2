/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel log, from now on.
 */
#ifndef EXIT_COUNTS_KMSG_H
#define EXIT_COUNTS_KMSG_H

#include "compat.h"
#include "kvm_util.h"

/* Of all lines of the module */
#define KMSG_MODULE	"kvm_exits: "

/* What is written from now on is what kmsg_next() returns. */
void kmsg_start(void);

/*
 * The rest of the next line that begins with @prefix, or false at the log's end.
 * Lines in between are skipped.
 */
bool kmsg_next(const char *prefix, char *rest, size_t size);

/* How many lines there are until the log's end, by what they begin with and have in them. */
struct kmsg_lines {
	const char *prefix;
	const char *part;
	unsigned int nr;
};

/* Adds to what @lines, of which an empty one is the end, have already. */
void kmsg_count(struct kmsg_lines *lines);

/* KMSG_MODULE "VM <pid>-<fd>" of a VM that the calling thread created, then @rest */
void kmsg_vm_prefix(struct kvm_vm *vm, const char *rest, char *prefix,
		    size_t size);

#endif /* EXIT_COUNTS_KMSG_H */
