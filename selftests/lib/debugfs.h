/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module kvm_exits shows in debugfs.
 */
#ifndef EXIT_COUNTS_DEBUGFS_H
#define EXIT_COUNTS_DEBUGFS_H

#include "reasons.h"

#define DEBUGFS_DIR		"/sys/kernel/debug/kvm_exits"

/* <DEBUGFS_DIR>/vms/<pid>-<fd> of a VM that the calling thread created. */
void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size);
u64 read_debugfs_total(const char *path);
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS]);

#endif /* EXIT_COUNTS_DEBUGFS_H */
