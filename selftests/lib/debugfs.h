/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module kvm_exits shows in debugfs.
 */
#ifndef EXIT_COUNTS_DEBUGFS_H
#define EXIT_COUNTS_DEBUGFS_H

#include "reasons.h"

#define DEBUGFS_DIR		"/sys/kernel/debug/kvm_exits"

#define VMS_DIR			DEBUGFS_DIR "/vms"

/* <VMS_DIR>/<pid>-<fd> of a VM that the calling thread created. */
void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size);
/* The same, when the file is there, which it is a moment after the VM. */
void vm_debugfs_file(struct kvm_vm *vm, const char *file, char *path,
		     size_t size);
/* False if there still are some after a while, hence of living VMs. */
bool no_vms_are_shown(void);

u64 read_debugfs_total(const char *path);
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS]);

#endif /* EXIT_COUNTS_DEBUGFS_H */
