// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/kvm_exits/
 *	total
 *	reasons
 *	states
 *	log
 *	vms/<pid>-<fd>/
 *		total
 *		reasons
 *		states
 *		guest_visible
 *		vcpu<id>/{reasons,states,durations}
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
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
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

static int read_times(const struct kvm_exits_source *source,
		      struct kvm_exit_times *times)
{
	if (source->vcpu_index >= 0)
		return kvm_exit_counters_read_vcpu_times(source->vm,
							 source->vcpu_index,
							 times);
	if (source->vm)
		return kvm_exit_counters_read_vm_times(source->vm, times);

	return kvm_exit_counters_read_host_times(times);
}

/* What one reading of a file shows; no @times where nobody keeps a ledger. */
struct reading {
	u64 counts[EXIT_COUNTERS_SLOTS];
	struct kvm_exit_times *times;
};

static int read_all(const struct kvm_exits_source *source, struct reading *reading)
{
	struct kvm_exit_times *times;
	int r;

	r = read_counts(source, reading->counts);
	if (r)
		return r;

	times = kvmalloc(sizeof(*times), GFP_KERNEL);
	if (!times)
		return -ENOMEM;

	r = read_times(source, times);
	if (!r) {
		reading->times = times;
		return 0;
	}

	kvfree(times);
	return r == -ENODATA ? 0 : r;
}

static int show_reading(struct seq_file *m,
			void (*show)(struct seq_file *m, const struct reading *r))
{
	struct reading *reading = kzalloc(sizeof(*reading), GFP_KERNEL);
	int r;

	if (!reading)
		return -ENOMEM;

	r = read_all(m->private, reading);
	if (!r)
		show(m, reading);
	kvfree(reading->times);
	kfree(reading);
	return r;
}

static int total_show(struct seq_file *m, void *unused)
{
	u64 *counts = kvm_exits_alloc_counts();
	int r;

	if (!counts)
		return -ENOMEM;

	r = read_counts(m->private, counts);
	if (!r)
		seq_printf(m, "%llu\n", kvm_exits_sum(counts));
	kfree(counts);
	return r;
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

static const char * const states[EXIT_LEDGER_STATES] = {
	[EXIT_LEDGER_GUEST]	= "guest",
	[EXIT_LEDGER_KERNEL]	= "kernel",
	[EXIT_LEDGER_VMM]	= "vmm",
	[EXIT_LEDGER_HALTED]	= "halted",
	[EXIT_LEDGER_PREEMPTED]	= "preempted",
	[EXIT_LEDGER_WAITING]	= "waiting",
	[EXIT_LEDGER_STOPPED]	= "stopped",
};

/* As " %20s" prints one character */
#define COLUMN(c)	"                    " c
#define THREE_COLUMNS(c) COLUMN(c) COLUMN(c) COLUMN(c)
#define COLUMNS_OF_ROW(c) THREE_COLUMNS(c) THREE_COLUMNS(c) THREE_COLUMNS(c) "\n"

/*
 * What nobody keeps is none of 0 cycles. Most reasons never occur: whoever looks at
 * many VMs pays for the formatting of numbers most of all.
 */
static void print_row(struct seq_file *m, const struct kvm_exit_ledger_row *row)
{
	unsigned int state;

	BUILD_BUG_ON(EXIT_LEDGER_STATES + 2 != 9);
	if (!row) {
		seq_puts(m, COLUMNS_OF_ROW("-"));
		return;
	}
	if (!memchr_inv(row, 0, sizeof(*row))) {
		seq_puts(m, COLUMNS_OF_ROW("0"));
		return;
	}

	seq_printf(m, " %20llu %20llu", kvm_exits_cycles(row), row->longest);
	for (state = 0; state < EXIT_LEDGER_STATES; state++)
		seq_printf(m, " %20llu", row->cycles[state]);
	seq_putc(m, '\n');
}

static void print_reasons(struct seq_file *m, const struct reading *r)
{
	const struct kvm_exit_reason *reason;
	unsigned int slot, state;

	print_source(m);
	seq_printf(m, "# reason %-20s %20s %20s %20s", "name", "exits", "cycles",
		   "longest");
	for (state = 0; state < EXIT_LEDGER_STATES; state++)
		seq_printf(m, " %20s", states[state]);
	seq_putc(m, '\n');

	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		reason = kvm_exit_counters_reason(slot);
		if (!reason)
			continue;
		seq_printf(m, "%8s %-20s %20llu", reason->number, reason->name,
			   r->counts[slot]);
		print_row(m, r->times ? &r->times->rows[slot] : NULL);
	}
	seq_printf(m, "%8s %-20s %20s", "-", "NO_EXIT", "-");
	print_row(m, r->times ? &r->times->rows[EXIT_LEDGER_NO_EXIT] : NULL);
}

static int reasons_show(struct seq_file *m, void *unused)
{
	return show_reading(m, print_reasons);
}

/*
 * The balance: what is in the rows is all that has passed between the first and the
 * last booking, whatever the vCPUs did.
 */
static void print_states(struct seq_file *m, const struct reading *r)
{
	u64 cycles[EXIT_LEDGER_STATES] = {}, sum = 0;
	const struct kvm_exit_times *t = r->times;
	unsigned int state, i;

	print_source(m);
	seq_printf(m, "# state %-10s %20s %20s\n", "name", "cycles", "open");
	for (state = 0; state < EXIT_LEDGER_STATES; state++) {
		if (!t) {
			seq_printf(m, "%7u %-10s %20s %20s\n", state, states[state],
				   "-", "-");
			continue;
		}
		for (i = 0; i < EXIT_LEDGER_ROWS; i++)
			cycles[state] += t->rows[i].cycles[state];
		sum += cycles[state];
		seq_printf(m, "%7u %-10s %20llu %20llu\n", state, states[state],
			   cycles[state], t->open[state]);
	}
	if (t)
		seq_printf(m, "# sum %llu, booked %llu, difference %lld, lost %llu\n",
			   sum, t->booked, sum - t->booked, t->lost);
	seq_printf(m, "# cycles of %u kHz\n", tsc_khz);
}

static int states_show(struct seq_file *m, void *unused)
{
	return show_reading(m, print_states);
}

struct durations {
	u64 exits[EXIT_HISTOGRAM_BINS];
	u64 missed;
};

static void print_durations_of(struct seq_file *m, const struct kvm_exit_reason *reason,
			       const struct durations *d)
{
	unsigned int bin;
	u64 end;

	for (bin = 0; bin < EXIT_HISTOGRAM_BINS; bin++) {
		if (!d->exits[bin])
			continue;
		end = bin + 1 < EXIT_HISTOGRAM_BINS ?
			kvm_exit_histogram_begin_of(bin + 1) : U64_MAX;
		if (!bin)
			end = kvm_exit_histogram_begin_of(2);
		seq_printf(m, "%8s %-20s %20llu %20llu %20llu\n", reason->number,
			   reason->name, kvm_exit_histogram_begin_of(bin), end,
			   d->exits[bin]);
	}
}

static int print_durations(struct seq_file *m, struct durations *d)
{
	const struct kvm_exits_source *source = m->private;
	const struct kvm_exit_reason *reason;
	unsigned int slot;
	int r = 0;

	print_source(m);
	seq_printf(m, "# reason %-20s %20s %20s %20s\n", "name", "from", "below",
		   "exits");
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++) {
		reason = kvm_exit_counters_reason(slot);
		if (!reason)
			continue;
		r = kvm_exit_counters_read_durations(source->vm, source->vcpu_index,
						     slot, d->exits, &d->missed);
		if (r < 0)
			break;
		print_durations_of(m, reason, d);
		cond_resched();
	}
	if (r >= 0)
		seq_printf(m, "# missed %llu\n", d->missed);
	else if (r == -ENODATA)
		seq_puts(m, "# not kept: exit_counters_time or exit_counters_histogram is off\n");
	else
		return r;

	return 0;
}

static int durations_show(struct seq_file *m, void *unused)
{
	struct durations *d = kmalloc(sizeof(*d), GFP_KERNEL);
	int r;

	if (!d)
		return -ENOMEM;

	r = print_durations(m, d);
	kfree(d);
	return r;
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
static int open_source(struct inode *inode, struct file *file, size_t size,
		       int (*show)(struct seq_file *m, void *unused))
{
	struct kvm_exits_source *source;
	int r;

	source = kmemdup(inode->i_private, sizeof(*source), GFP_KERNEL);
	if (!source)
		return -ENOMEM;

	r = single_open_size(file, show, source, size);
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

/* With what seq_file begins: where that is too little, it asks again for all. */
#define DEFINE_SOURCE_FILE(__name, __size)				\
static int __name##_open(struct inode *inode, struct file *file)	\
{									\
	return open_source(inode, file, __size, __name##_show);		\
}									\
									\
static const struct file_operations __name##_fops = {			\
	.owner		= THIS_MODULE,					\
	.open		= __name##_open,				\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= release_source,				\
}

DEFINE_SOURCE_FILE(total, SZ_4K);
DEFINE_SOURCE_FILE(reasons, SZ_64K);
DEFINE_SOURCE_FILE(states, SZ_4K);
DEFINE_SOURCE_FILE(durations, SZ_32K);
DEFINE_SOURCE_FILE(guest_visible, SZ_4K);

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
	debugfs_create_file_unsafe("states", 0400, root, &all_vms, &states_fops);
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
	debugfs_create_file_unsafe("states", 0400, dir, vm, &states_fops);
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
	debugfs_create_file_unsafe("states", 0400, dir, vcpu, &states_fops);
	debugfs_create_file_unsafe("durations", 0400, dir, vcpu, &durations_fops);
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
