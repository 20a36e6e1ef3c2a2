// SPDX-License-Identifier: GPL-2.0-only
/*
 * Show the VM exits that KVM counts: in debugfs, and in the kernel log.
 *
 * KVM counts whether or not this module is there, so it can come and go under
 * running VMs and loses nothing.
 */
#include <linux/module.h>

#include "kvm_exits.h"

static void vm_ended(struct kvm_exit_counters_vm *vm)
{
	kvm_exits_log_vm_end(vm);
	kvm_exits_update_directories();
}

static const struct kvm_exit_counters_client client = {
	.vms_changed	= kvm_exits_update_directories,
	.vm_ended	= vm_ended,
	.leaf_read	= kvm_exits_log_query,
};

static int __init kvm_exits_init(void)
{
	int r;

	r = kvm_exits_start_directories();
	if (r)
		return r;

	kvm_exits_create_root();

	r = kvm_exit_counters_register_client(&client);
	if (r) {
		kvm_exits_stop_directories();
		kvm_exits_remove_root();
		return r;
	}

	/* VMs that exist already */
	kvm_exits_update_directories();
	return 0;
}
module_init(kvm_exits_init);

/* In this order: VMs' directories need their VMs, the root's files do not. */
static void __exit kvm_exits_exit(void)
{
	kvm_exit_counters_unregister_client(&client);
	kvm_exits_stop_directories();
	kvm_exits_remove_root();
}
module_exit(kvm_exits_exit);

MODULE_DESCRIPTION("Shows the VM exits that KVM counts per exit reason");
MODULE_LICENSE("GPL");
