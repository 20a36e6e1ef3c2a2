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
 * Whoever reads a file may sleep in the middle of that for as long as it likes,
 * as its memory may be anywhere.  Hence the files are "unsafe", which means that
 * removing one does not wait for those who have it open: they have a reference
 * to what they read, and to this module.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kvm_exits.h"

static struct dentry *root, *vms;

static int read_counts(const struct kvm_exits_source *source,
		       u64 counts[EXIT_COUNTERS_SLOTS])
{
	if (source->vcpu_index >= 0)
		return kvm_exit_counters_read_vcpu(source->vm, source->vcpu_index,
						   counts);
	if (source->vm)
		return kvm_exit_counters_read_vm(source->vm, counts);

	return kvm_exit_counters_read_host(counts);
}

static int show_counts(struct seq_file *m,
		       void (*show)(struct seq_file *m,
				    const u64 counts[EXIT_COUNTERS_SLOTS]))
{
	u64 *counts = kvm_exits_alloc_counts();
	int r;

	if (!counts)
		return -ENOMEM;

	r = read_counts(m->private, counts);
	if (!r)
		show(m, counts);
	kfree(counts);
	return r;
}

static void print_total(struct seq_file *m, const u64 counts[EXIT_COUNTERS_SLOTS])
{
	seq_printf(m, "%llu\n", kvm_exits_sum(counts));
}

static int total_show(struct seq_file *m, void *unused)
{
	return show_counts(m, print_total);
}

/* For who reads the files of several VMs in one go. */
static void print_source(struct seq_file *m)
{
	const struct kvm_exits_source *source = m->private;

	if (!source->vm) {
		seq_puts(m, "# all VMs since kvm.ko was loaded, ended ones included\n");
		return;
	}

	seq_printf(m, "# VM %s of process %d", source->vm->name,
		   source->vm->process);
	if (source->vcpu_index >= 0)
		seq_printf(m, ", vCPU %d", source->vcpu_id);
	seq_putc(m, '\n');
}

static void print_reasons(struct seq_file *m,
			  const u64 counts[EXIT_COUNTERS_SLOTS])
{
	const struct kvm_exit_reason *reason;
	unsigned int slot;

	print_source(m);
	seq_puts(m, "# reason name                                exits               cycles\n");
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		reason = kvm_exit_counters_reason(slot);
		if (!reason)
			continue;
		/* Nothing counts cycles, which differs from counting none. */
		seq_printf(m, "%8s %-20s %20llu %20s\n", reason->number,
			   reason->name, counts[slot], "-");
	}
}

static int reasons_show(struct seq_file *m, void *unused)
{
	return show_counts(m, print_reasons);
}

static int guest_visible_show(struct seq_file *m, void *unused)
{
	const struct kvm_exits_source *source = m->private;

	if (READ_ONCE(source->vm->ended))
		return -ENODEV;

	seq_printf(m, "%d\n", READ_ONCE(source->vm->guest_visible));
	return 0;
}

/* The inode has the source for as long as this runs, the file its own copy. */
static int open_source(struct inode *inode, struct file *file,
		       int (*show)(struct seq_file *m, void *unused))
{
	struct kvm_exits_source *source;
	int r;

	source = kmemdup(inode->i_private, sizeof(*source), GFP_KERNEL);
	if (!source)
		return -ENOMEM;

	r = single_open(file, show, source);
	if (r)
		kfree(source);
	else if (source->vm)
		kvm_exit_counters_get_vm(source->vm);

	return r;
}

static int release_source(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct kvm_exits_source *source = m->private;

	if (source->vm)
		kvm_exit_counters_put_vm(source->vm);
	kfree(source);
	return single_release(inode, file);
}

#define DEFINE_SOURCE_FILE(__name)					\
static int __name##_open(struct inode *inode, struct file *file)	\
{									\
	return open_source(inode, file, __name##_show);			\
}									\
									\
static const struct file_operations __name##_fops = {			\
	.owner		= THIS_MODULE,					\
	.open		= __name##_open,				\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= release_source,				\
}

DEFINE_SOURCE_FILE(total);
DEFINE_SOURCE_FILE(reasons);
DEFINE_SOURCE_FILE(guest_visible);

/* "1", alone on its line: anything else is EINVAL, however long it is. */
static ssize_t log_write(struct file *file, const char __user *from, size_t size,
			 loff_t *pos)
{
	char text[sizeof("1\n")] = "";
	int r;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	if (!sysfs_streq(text, "1"))
		return -EINVAL;

	r = kvm_exits_log_table();
	return r ? r : size;
}

static const struct file_operations log_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.write		= log_write,
};

static struct kvm_exits_source all_vms = { .vcpu_index = -1 };

/* 0700, which lockdown does not allow; its files are root's alone anyway. */
static void hide_root(void)
{
	struct iattr attributes = {
		.ia_valid = ATTR_MODE,
		.ia_mode = S_IFDIR | 0700,
	};

	if (IS_ERR(root))
		return;

	inode_lock(d_inode(root));
	notify_change(&nop_mnt_idmap, root, &attributes, NULL);
	inode_unlock(d_inode(root));
}

/* debugfs is for debugging: failing to create something is not an error. */
void kvm_exits_create_root(void)
{
	root = debugfs_create_dir("kvm_exits", NULL);
	hide_root();

	debugfs_create_file_unsafe("total", 0400, root, &all_vms, &total_fops);
	debugfs_create_file_unsafe("reasons", 0400, root, &all_vms, &reasons_fops);
	debugfs_create_file_unsafe("log", 0200, root, NULL, &log_fops);
	vms = debugfs_create_dir("vms", root);
}

void kvm_exits_remove_root(void)
{
	debugfs_remove_recursive(root);
}

struct dentry *kvm_exits_create_vm_dir(struct kvm_exits_source *vm)
{
	struct dentry *dir = debugfs_create_dir(vm->vm->name, vms);

	debugfs_create_file_unsafe("total", 0400, dir, vm, &total_fops);
	debugfs_create_file_unsafe("reasons", 0400, dir, vm, &reasons_fops);
	debugfs_create_file_unsafe("guest_visible", 0400, dir, vm,
				   &guest_visible_fops);
	return dir;
}

struct dentry *kvm_exits_create_vcpu_dir(struct kvm_exits_source *vcpu,
					 struct dentry *vm_dir)
{
	char name[sizeof("vcpu") + 10];
	struct dentry *dir;

	snprintf(name, sizeof(name), "vcpu%d", vcpu->vcpu_id);
	dir = debugfs_create_dir(name, vm_dir);
	debugfs_create_file_unsafe("reasons", 0400, dir, vcpu, &reasons_fops);
	return dir;
}

void kvm_exits_remove_dir(struct dentry *dir)
{
	debugfs_remove_recursive(dir);
}

/*
 * Whoever lists a directory can sleep in the middle of that.  To wait for it, to
 * change the directory, would make the next one who lists it wait as well.
 */
bool kvm_exits_is_listed(struct dentry *dir)
{
	if (IS_ERR_OR_NULL(dir))
		return false;
	if (!inode_trylock(d_inode(dir)))
		return true;

	inode_unlock(d_inode(dir));
	return false;
}

bool kvm_exits_vms_are_listed(void)
{
	return kvm_exits_is_listed(vms);
}
