// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/kvm_exits/
 *	total
 *	reasons
 *	log
 *	vms/<pid>-<fd>/
 *		total
 *		reasons
 *		guest_visible
 *		vcpu<id>/reasons
 *
 * A VM's files are removed under the mutex of the counters' core before the VM
 * goes, and removal waits for those who are in the middle of a read or write.
 * Hence a file of a VM needs no reference to the VM, and must not take that
 * mutex.  The files at the top take it, and are removed without it.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kvm_exits.h"

static struct dentry *root, *vms;

static void show_reasons(struct seq_file *m, const u64 counts[KVM_EXIT_SLOTS])
{
	const struct kvm_exit_reason *reason;
	unsigned int slot;

	seq_puts(m, "# reason name                                exits               cycles\n");
	for (slot = 0; slot < KVM_EXIT_SLOTS; slot++) {
		reason = kvm_exit_counters_reason(slot);
		if (!reason)
			continue;
		/* Nothing counts cycles, which differs from counting none. */
		seq_printf(m, "%8s %-20s %20llu %20s\n", reason->number,
			   reason->name, counts[slot], "-");
	}
}

/*
 * The three that have counts: the host (no private data), a VM, a vCPU.  A
 * *_total and a *_reasons differ in what they print of the same array.
 */
#define DEFINE_COUNTS_ATTRIBUTE(__name, __read, __print)		\
static int __name##_show(struct seq_file *m, void *unused)		\
{									\
	u64 *counts = kvm_exits_alloc_counts();				\
									\
	if (!counts)							\
		return -ENOMEM;						\
	__read(m->private, counts);					\
	__print(m, counts);						\
	kfree(counts);							\
	return 0;							\
}									\
DEFINE_SHOW_ATTRIBUTE(__name)

static void show_total(struct seq_file *m, const u64 counts[KVM_EXIT_SLOTS])
{
	seq_printf(m, "%llu\n", kvm_exits_sum(counts));
}

static void read_host(void *unused, u64 counts[KVM_EXIT_SLOTS])
{
	kvm_exit_counters_read_host(counts);
}

DEFINE_COUNTS_ATTRIBUTE(host_total, read_host, show_total);
DEFINE_COUNTS_ATTRIBUTE(host_reasons, read_host, show_reasons);
DEFINE_COUNTS_ATTRIBUTE(vm_total, kvm_exit_counters_read_vm, show_total);
DEFINE_COUNTS_ATTRIBUTE(vm_reasons, kvm_exit_counters_read_vm, show_reasons);
DEFINE_COUNTS_ATTRIBUTE(vcpu_reasons, kvm_exit_counters_read_vcpu, show_reasons);

/* "0" or "1", alone on its line: anything else is EINVAL, however long it is. */
static int read_bit(const char __user *from, size_t size, bool *bit)
{
	char text[2] = "";

	if (!size || size > sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	if ((text[0] != '0' && text[0] != '1') || (size == 2 && text[1] != '\n'))
		return -EINVAL;

	*bit = text[0] == '1';
	return 0;
}

static int guest_visible_show(struct seq_file *m, void *unused)
{
	struct kvm *kvm = m->private;

	seq_printf(m, "%d\n", READ_ONCE(kvm->arch.exit_counters.guest_visible));
	return 0;
}

static int guest_visible_open(struct inode *inode, struct file *file)
{
	return single_open(file, guest_visible_show, inode->i_private);
}

static ssize_t guest_visible_write(struct file *file, const char __user *from,
				   size_t size, loff_t *pos)
{
	struct kvm *kvm = file_inode(file)->i_private;
	bool visible;
	int r;

	r = read_bit(from, size, &visible);
	if (r)
		return r;

	WRITE_ONCE(kvm->arch.exit_counters.guest_visible, visible);
	return size;
}

static const struct file_operations guest_visible_fops = {
	.owner		= THIS_MODULE,
	.open		= guest_visible_open,
	.read		= seq_read,
	.write		= guest_visible_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static ssize_t log_write(struct file *file, const char __user *from, size_t size,
			 loff_t *pos)
{
	bool log = false;
	int r;

	r = read_bit(from, size, &log);
	if (!r && !log)
		r = -EINVAL;
	if (!r)
		r = kvm_exits_log_table();

	return r ? r : size;
}

static const struct file_operations log_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.write		= log_write,
};

/* debugfs is for debugging: failing to create something is not an error. */
void kvm_exits_create_root(void)
{
	root = debugfs_create_dir("kvm_exits", NULL);
	if (!IS_ERR(root))
		d_inode(root)->i_mode = S_IFDIR | 0700;

	debugfs_create_file("total", 0400, root, NULL, &host_total_fops);
	debugfs_create_file("reasons", 0400, root, NULL, &host_reasons_fops);
	debugfs_create_file("log", 0600, root, NULL, &log_fops);
	vms = debugfs_create_dir("vms", root);
}

void kvm_exits_remove_root(void)
{
	debugfs_remove_recursive(root);
}

void kvm_exits_create_vm_dir(struct kvm_exits_vm *vm, struct kvm *kvm)
{
	vm->dir = debugfs_create_dir(kvm->arch.exit_counters.name, vms);

	debugfs_create_file("total", 0400, vm->dir, kvm, &vm_total_fops);
	debugfs_create_file("reasons", 0400, vm->dir, kvm, &vm_reasons_fops);
	debugfs_create_file("guest_visible", 0600, vm->dir, kvm,
			    &guest_visible_fops);
}

void kvm_exits_create_vcpu_dir(struct kvm_exits_vm *vm, struct kvm_vcpu *vcpu)
{
	char name[sizeof("vcpu") + 10];
	struct dentry *dir;

	snprintf(name, sizeof(name), "vcpu%d", vcpu->vcpu_id);
	dir = debugfs_create_dir(name, vm->dir);
	debugfs_create_file("reasons", 0400, dir, vcpu, &vcpu_reasons_fops);
}

void kvm_exits_remove_vm_dir(struct kvm_exits_vm *vm)
{
	debugfs_remove_recursive(vm->dir);
}
