// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directory for each VM, and in it for each vCPU, made and removed by a worker.
 *
 * Not by those who create and end VMs: a directory can be neither made nor
 * removed while somebody lists the one it is in, and who lists can sleep, as who
 * reads can.  Nor does the worker wait for them, but looks again later.
 *
 * The worker compares what there is with what there should be, so it is enough to
 * tell it that something has changed.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "kvm_exits.h"

struct vcpu_directory {
	struct list_head node;
	struct kvm_exits_source source;
	struct dentry *dir;
};

struct vm_directory {
	struct list_head node;
	struct kvm_exits_source source;
	struct dentry *dir;
	struct list_head vcpus;
	unsigned int nr_vcpus;
};

/* When to look again whether somebody lists what is to be changed. */
enum {
	LISTED_MS = 50,
};

static struct workqueue_struct *worker;
static LIST_HEAD(directories);

static void update_directories(struct work_struct *unused);
static DECLARE_DELAYED_WORK(update, update_directories);

static void update_directories_in(unsigned int ms)
{
	mod_delayed_work(worker, &update, msecs_to_jiffies(ms));
}

/* False if somebody lists the VM's directory. */
static bool add_new_vcpus(struct vm_directory *vm)
{
	struct vcpu_directory *vcpu;
	int id;

	while ((id = kvm_exit_counters_vcpu_id(vm->source.vm, vm->nr_vcpus)) >= 0) {
		if (kvm_exits_is_listed(vm->dir))
			return false;
		vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL);
		if (!vcpu)
			break;

		vcpu->source.vm = vm->source.vm;
		vcpu->source.vcpu_index = vm->nr_vcpus++;
		vcpu->source.vcpu_id = id;
		list_add(&vcpu->node, &vm->vcpus);
		vcpu->dir = kvm_exits_create_vcpu_dir(&vcpu->source, vm->dir);
	}

	return true;
}

/* Without memory a VM has no directory until something changes again. */
static void collect_new_vms(void)
{
	struct kvm_exit_counters_vm *vm = NULL;
	struct vm_directory *directory;

	while ((vm = kvm_exit_counters_next_vm(vm))) {
		if (vm->client_data)
			continue;
		directory = kzalloc(sizeof(*directory), GFP_KERNEL);
		if (!directory)
			continue;

		kvm_exit_counters_get_vm(vm);
		vm->client_data = directory;
		directory->source.vm = vm;
		directory->source.vcpu_index = -1;
		INIT_LIST_HEAD(&directory->vcpus);
		list_add_tail(&directory->node, &directories);
	}
}

static void remove_directory(struct vm_directory *vm)
{
	struct vcpu_directory *vcpu, *next;

	kvm_exits_remove_dir(vm->dir);

	list_for_each_entry_safe(vcpu, next, &vm->vcpus, node)
		kfree(vcpu);
	list_del(&vm->node);
	vm->source.vm->client_data = NULL;
	kvm_exit_counters_put_vm(vm->source.vm);
	kfree(vm);
}

static bool somebody_lists(struct vm_directory *vm)
{
	struct vcpu_directory *vcpu;

	if (kvm_exits_is_listed(vm->dir))
		return true;

	list_for_each_entry(vcpu, &vm->vcpus, node) {
		if (kvm_exits_is_listed(vcpu->dir))
			return true;
	}

	return false;
}

/* False if somebody lists a directory that is to go. */
static bool remove_ended_vms(void)
{
	struct vm_directory *vm, *next;
	bool done = true;

	list_for_each_entry_safe(vm, next, &directories, node) {
		if (!READ_ONCE(vm->source.vm->ended))
			continue;
		if (somebody_lists(vm))
			done = false;
		else
			remove_directory(vm);
	}

	return done;
}

/* A name is free as soon as its VM has ended, the directory may be there yet. */
static bool name_is_taken(struct vm_directory *vm)
{
	struct vm_directory *other;

	list_for_each_entry(other, &directories, node) {
		if (!IS_ERR_OR_NULL(other->dir) &&
		    !strcmp(other->source.vm->name, vm->source.vm->name))
			return true;
	}

	return false;
}

/* Who lists the directory of a VM keeps none but that VM's from changing. */
static void update_directories(struct work_struct *unused)
{
	struct vm_directory *vm;
	bool done;

	if (kvm_exits_vms_are_listed()) {
		update_directories_in(LISTED_MS);
		return;
	}

	collect_new_vms();
	done = remove_ended_vms();

	list_for_each_entry(vm, &directories, node) {
		if (READ_ONCE(vm->source.vm->ended))
			continue;
		if (!vm->dir && !name_is_taken(vm))
			vm->dir = kvm_exits_create_vm_dir(&vm->source);
		if (!IS_ERR_OR_NULL(vm->dir) && !add_new_vcpus(vm))
			done = false;
	}

	if (!done)
		update_directories_in(LISTED_MS);
}

/* Can be called wherever a client's functions are. */
void kvm_exits_update_directories(void)
{
	update_directories_in(0);
}

int kvm_exits_start_directories(void)
{
	worker = alloc_ordered_workqueue("kvm_exits", 0);
	return worker ? 0 : -ENOMEM;
}

/* When nobody calls kvm_exits_update_directories() any more. */
void kvm_exits_stop_directories(void)
{
	struct vm_directory *vm, *next;

	cancel_delayed_work_sync(&update);
	destroy_workqueue(worker);
	list_for_each_entry_safe(vm, next, &directories, node)
		remove_directory(vm);
}
