/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the host: sysfs, debugfs and the like.
 */
#ifndef EXIT_COUNTS_FILES_H
#define EXIT_COUNTS_FILES_H

#include "compat.h"
#include "kvm_util.h"

bool file_exists(const char *path);
/* What a worker of the kernel makes, and removes, is there and gone a moment later. */
void wait_for_file(const char *path);
void wait_until_gone(const char *path);
/* The first line, without its newline; fails the test if there is none. */
void read_line(const char *path, char *line, size_t size);
/*
 * The number in the first line that FORMAT, of sscanf() with one %lu, matches;
 * fails the test if none does.
 */
unsigned long read_number(const char *path, const char *format);
/* But for those that begin with a dot. */
unsigned int nr_entries(const char *directory);
/* 0 or -errno. */
int try_write_file(const char *path, const char *value);
void write_file(const char *path, const char *value);

/*
 * The value that @path has now is written back when the program ends, however
 * it ends.  Call it in main(), before any test runs.
 */
void restore_at_exit(const char *path);

#endif /* EXIT_COUNTS_FILES_H */
