// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directory for each VM, and in it for each vCPU, made and removed by a worker.
 *
 * Not by those who create and end VMs: a directory can be neither made nor
 * removed while somebody lists the one it is in, and who lists can sleep, as who
 * reads can.  The worker compares what there is with what there should be, so it
 * is enough to tell it that something has changed.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kvm_exits.h"

struct vcpu_directory {
	struct list_head node;
	struct kvm_exits_source source;
};

struct vm_directory {
	struct list_head node;
	struct kvm_exits_source source;
	struct dentry *dir;
	struct list_head vcpus;
	unsigned int nr_vcpus;
};

static struct workqueue_struct *worker;
static LIST_HEAD(directories);

static void add_new_vcpus(struct vm_directory *vm)
{
	struct vcpu_directory *vcpu;
	int id;

	while ((id = kvm_exit_counters_vcpu_id(vm->source.vm, vm->nr_vcpus)) >= 0) {
		vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL);
		if (!vcpu)
			return;

		vcpu->source.vm = vm->source.vm;
		vcpu->source.vcpu_index = vm->nr_vcpus++;
		vcpu->source.vcpu_id = id;
		list_add(&vcpu->node, &vm->vcpus);
		kvm_exits_create_vcpu_dir(&vcpu->source, vm->dir);
	}
}

/* Without memory a VM has no directory until something changes again. */
static void collect_new_vms(struct list_head *new)
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
		list_add_tail(&directory->node, new);
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

static void remove_ended_vms(void)
{
	struct vm_directory *vm, *next;

	list_for_each_entry_safe(vm, next, &directories, node) {
		if (READ_ONCE(vm->source.vm->ended))
			remove_directory(vm);
	}
}

/*
 * A name is free as soon as its VM has ended.  A VM that was met with the name of
 * another began after the other's end, so that the other's directory goes here
 * before the new one comes, and is not made if there is none yet.
 */
static void update_directories(struct work_struct *unused)
{
	struct vm_directory *vm;
	LIST_HEAD(new);

	collect_new_vms(&new);
	remove_ended_vms();

	list_for_each_entry(vm, &new, node) {
		if (!READ_ONCE(vm->source.vm->ended))
			vm->dir = kvm_exits_create_vm_dir(&vm->source);
	}
	list_splice_tail(&new, &directories);

	list_for_each_entry(vm, &directories, node) {
		if (!IS_ERR_OR_NULL(vm->dir))
			add_new_vcpus(vm);
	}
}

static DECLARE_WORK(update, update_directories);

/* Can be called wherever a client's functions are. */
void kvm_exits_update_directories(void)
{
	queue_work(worker, &update);
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

	destroy_workqueue(worker);
	list_for_each_entry_safe(vm, next, &directories, node)
		remove_directory(vm);
}
