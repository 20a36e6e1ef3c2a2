// SPDX-License-Identifier: GPL-2.0-only
/*
 * Show the VM exits that KVM counts: in debugfs, and in the kernel log.
 *
 * KVM counts whether or not this module is there, so it can come and go under
 * running VMs and loses nothing.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "kvm_exits.h"

static void *attach_vm(struct kvm *kvm)
{
	struct kvm_exits_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);

	/* Without memory the VM is in the totals, but has no directory. */
	if (!vm)
		return NULL;

	ratelimit_state_init(&vm->queries, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	/* How many lines were left out is of no use, and would be a line more. */
	ratelimit_set_flags(&vm->queries, RATELIMIT_MSG_ON_RELEASE);
	kvm_exits_create_vm_dir(vm, kvm);
	return vm;
}

static void attach_vcpu(struct kvm_vcpu *vcpu, void *vm)
{
	if (vm)
		kvm_exits_create_vcpu_dir(vm, vcpu);
}

static void detach_vm(struct kvm *kvm, void *vm, bool destroyed)
{
	if (vm)
		kvm_exits_remove_vm_dir(vm);
	if (destroyed)
		kvm_exits_log_vm_end(kvm);
	kfree(vm);
}

static void leaf_read(struct kvm_vcpu *vcpu, void *vm, u32 function,
		      const struct kvm_exit_reason *reason, u64 count)
{
	if (vm)
		kvm_exits_log_query(vm, vcpu, function, reason, count);
}

static const struct kvm_exit_counters_client client = {
	.attach_vm	= attach_vm,
	.attach_vcpu	= attach_vcpu,
	.detach_vm	= detach_vm,
	.leaf_read	= leaf_read,
};

static int __init kvm_exits_init(void)
{
	int r;

	kvm_exits_create_root();

	r = kvm_exit_counters_register_client(&client);
	if (r)
		kvm_exits_remove_root();

	return r;
}
module_init(kvm_exits_init);

/* In this order: VMs' directories need their VMs, the root's files do not. */
static void __exit kvm_exits_exit(void)
{
	kvm_exit_counters_unregister_client(&client);
	kvm_exits_remove_root();
}
module_exit(kvm_exits_exit);

MODULE_DESCRIPTION("Shows the VM exits that KVM counts per exit reason");
MODULE_LICENSE("GPL");
