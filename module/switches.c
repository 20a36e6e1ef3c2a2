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

	if (!space || space == text)
		return -EINVAL;
	length = space - text;
	if (length >= sizeof(name) || (space[1] != '0' && space[1] != '1') ||
	    strcmp(space + 2, space[2] == '\n' ? "\n" : ""))
		return -EINVAL;

	memcpy(name, text, length);
	name[length] = '\0';
	return set_guest_visible(name, space[1] == '1');
}

static const struct kernel_param_ops guest_visible_ops = {
	.set = guest_visible_set,
};

module_param_cb(guest_visible, &guest_visible_ops, NULL, 0200);
MODULE_PARM_DESC(guest_visible,
		 "Write '<VM> 0' or '<VM> 1': whether the guest is told its counts");

static int log_set(const char *text, const struct kernel_param *kp)
{
	if (text[0] != '1' || strcmp(text + 1, text[1] == '\n' ? "\n" : ""))
		return -EINVAL;

	return kvm_exits_log_table();
}

static const struct kernel_param_ops log_ops = {
	.set = log_set,
};

module_param_cb(log, &log_ops, NULL, 0200);
MODULE_PARM_DESC(log, "Write 1: log the table of all VMs' exits");
