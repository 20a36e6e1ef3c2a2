// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is written, not read: module parameters, as debugfs can't be written on a
 * kernel that is locked down.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "kvm_exits.h"

static int set_guest_visible(const char *name, bool visible)
{
	struct kvm_exit_counters_vm *vm = NULL;

	while ((vm = kvm_exit_counters_next_vm(vm))) {
		if (strcmp(vm->name, name))
			continue;
		WRITE_ONCE(vm->guest_visible, visible);
		kvm_exit_counters_put_vm(vm);
		return 0;
	}

	return -ENOENT;
}

/* "<VM> 0" or "<VM> 1", alone on its line: anything else is EINVAL. */
static int guest_visible_set(const char *text, const struct kernel_param *kp)
{
	char name[sizeof_field(struct kvm_exit_counters_vm, name)];
	const char *space = strchr(text, ' ');
	size_t length;
	bool visible;

	if (!space || space == text)
		return -EINVAL;
	length = space - text;
	visible = sysfs_streq(space + 1, "1");
	if (length >= sizeof(name) || (!visible && !sysfs_streq(space + 1, "0")))
		return -EINVAL;

	memcpy(name, text, length);
	name[length] = '\0';
	return set_guest_visible(name, visible);
}

static const struct kernel_param_ops guest_visible_ops = {
	.set = guest_visible_set,
};

module_param_cb(guest_visible, &guest_visible_ops, NULL, 0200);
MODULE_PARM_DESC(guest_visible,
		 "Write '<VM> 0' or '<VM> 1': whether the guest is told its counts");

static int log_set(const char *text, const struct kernel_param *kp)
{
	if (!sysfs_streq(text, "1"))
		return -EINVAL;

	return kvm_exits_log_table();
}

static const struct kernel_param_ops log_ops = {
	.set = log_set,
};

module_param_cb(log, &log_ops, NULL, 0200);
MODULE_PARM_DESC(log, "Write 1: log the table of all VMs' exits");
