// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exits counted per exit reason, and who gets to see the counts: the guest
 * by CPUID, the host by binary statistics and by a client module.
 *
 * Nothing here runs on the exit path, see kvm_count_exit() for that.
 */
#include <linux/kstrtox.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "exit_counters.h"
#include "exit_counters_glue.h"

static bool __read_mostly exit_counters_cpuid = true;
module_param(exit_counters_cpuid, bool, 0644);
MODULE_PARM_DESC(exit_counters_cpuid,
		 "Tell guests their VM exits in CPUID leaves 0x4ffffff0-0x4fffffff");

static bool __read_mostly exit_counters_cpuid_default = true;
module_param(exit_counters_cpuid_default, bool, 0644);
MODULE_PARM_DESC(exit_counters_cpuid_default,
		 "Whether VMs that are created from now on are told theirs");

/* By slot; without a name where the manual defines no exit reason. */
static const struct kvm_exit_reason vmx_exit_reasons[EXIT_COUNTERS_SLOTS] = {
#define EXIT_COUNTERS_REASON(_number, _name)	\
	[_number] = { .number = #_number, .name = #_name },
#include "vmx_exit_reasons.h"
#undef EXIT_COUNTERS_REASON
	[EXIT_COUNTERS_SLOT_UNKNOWN] = { .number = "-", .name = "UNKNOWN" },
};

/* The slots of SVM's exit codes from 0x400 on, and of those from -8 on. */
#define SVM_SLOT_400(code)	((code) - 0x400 + EXIT_COUNTERS_SLOT_SVM_400)
#define SVM_SLOT_NEGATIVE(code)	((code) + 8 + EXIT_COUNTERS_SLOT_SVM_NEGATIVE)

static const struct kvm_exit_reason svm_exit_reasons[EXIT_COUNTERS_SLOTS] = {
#define EXIT_COUNTERS_REASON(_number, _name)	\
	[_number] = { .number = #_number, .name = #_name },
#define EXIT_COUNTERS_REASON_400(_number, _name)	\
	[SVM_SLOT_400(_number)] = { .number = #_number, .name = #_name },
#define EXIT_COUNTERS_REASON_NEGATIVE(_number, _name)	\
	[SVM_SLOT_NEGATIVE(_number)] = { .number = #_number, .name = #_name },
#include "svm_exit_reasons.h"
#undef EXIT_COUNTERS_REASON
	[EXIT_COUNTERS_SLOT_UNKNOWN] = { .number = "-", .name = "UNKNOWN" },
};

static bool counts_svm_exits(void)
{
	return boot_cpu_has(X86_FEATURE_SVM);
}

static const struct kvm_exit_reason *exit_reasons(void)
{
	return counts_svm_exits() ? svm_exit_reasons : vmx_exit_reasons;
}

/*
 * Protects the list of VMs and the counts of those that are gone.  A spinlock, as
 * the VM's is, for what KVM_CREATE_VM, KVM_CREATE_VCPU and the end of a VM wait for
 * must not be held by a reader of the counts that has lost its CPU: one with a low
 * priority may have to wait long for the next.  So readers sum outside, and hold
 * the one for a step in the list, the other for the counts of one vCPU.
 */
static DEFINE_SPINLOCK(exit_counters_lock);
static LIST_HEAD(exit_counters_vms);
static u64 last_vm_number;
static u64 dead_vms_counts[EXIT_COUNTERS_SLOTS];
/* While the ledger is on. */
static struct kvm_exit_times *dead_vms_times;
/* How many VMs have ended. */
static u64 vms_ended;
/* Who sums over all VMs: those that end meanwhile stay in the list. */
static unsigned int host_readers;

/* Changed under exit_counters_lock. */
static const struct kvm_exit_counters_client __rcu *exit_counters_client;

/**
 * kvm_exit_counters_reason - the exit reason that a slot counts
 * @slot: any number
 *
 * Return: its number and name, those of the slot for everything else if it is
 * that; NULL where the manual has a gap, or if @slot is no slot.
 */
const struct kvm_exit_reason *kvm_exit_counters_reason(unsigned int slot)
{
	if (slot >= EXIT_COUNTERS_SLOTS || !exit_reasons()[slot].name)
		return NULL;

	return &exit_reasons()[slot];
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_reason);

/* What was counted for reasons that the manual does not define is one sum. */
unsigned int kvm_exit_counters_shown_slot(unsigned int slot)
{
	return exit_reasons()[slot].name ? slot : EXIT_COUNTERS_SLOT_UNKNOWN;
}

static void add_vcpu(struct kvm_vcpu *vcpu, u64 counts[EXIT_COUNTERS_SLOTS])
{
	unsigned int slot;

	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		counts[kvm_exit_counters_shown_slot(slot)] +=
			READ_ONCE(vcpu->stat.exit_reasons[slot]);
}

static void add_counts(const u64 from[EXIT_COUNTERS_SLOTS],
		       u64 counts[EXIT_COUNTERS_SLOTS])
{
	unsigned int slot;

	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		counts[slot] += from[slot];
}

static void clear_counts(u64 counts[EXIT_COUNTERS_SLOTS])
{
	memset(counts, 0, EXIT_COUNTERS_SLOTS * sizeof(*counts));
}

static int add_vcpu_of(struct kvm_exit_counters_vm *vm, unsigned int i,
		       u64 counts[EXIT_COUNTERS_SLOTS])
{
	struct kvm_vcpu *vcpu;
	int r = -ENODEV;

	spin_lock(&vm->lock);
	if (vm->kvm) {
		vcpu = kvm_get_vcpu(vm->kvm, i);
		r = vcpu ? 0 : -ENOENT;
		if (vcpu)
			add_vcpu(vcpu, counts);
	}
	spin_unlock(&vm->lock);

	return r;
}

/**
 * kvm_exit_counters_read_vcpu - the exits of a vCPU by slot
 * @vm: its VM
 * @i: its index, in the order of creation, from 0
 * @counts: where they go
 *
 * Return: 0; -ENODEV if the VM has ended, -ENOENT if it has no such vCPU.
 */
int kvm_exit_counters_read_vcpu(struct kvm_exit_counters_vm *vm, unsigned int i,
				u64 counts[EXIT_COUNTERS_SLOTS])
{
	clear_counts(counts);
	return add_vcpu_of(vm, i, counts);
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_vcpu);

/**
 * kvm_exit_counters_read_vm - the exits of a VM by slot
 * @vm: the VM
 * @counts: where they go
 *
 * Return: 0, or -ENODEV if the VM has ended.
 */
int kvm_exit_counters_read_vm(struct kvm_exit_counters_vm *vm,
			      u64 counts[EXIT_COUNTERS_SLOTS])
{
	unsigned int i = 0;
	int r;

	clear_counts(counts);
	do {
		r = add_vcpu_of(vm, i++, counts);
		cond_resched();
	} while (!r);

	return r == -ENOENT ? 0 : r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_vm);

/**
 * kvm_exit_counters_vcpu_id - the id of a vCPU, as KVM_CREATE_VCPU was given it
 * @vm: its VM
 * @i: its index, in the order of creation, from 0
 *
 * Return: the id; -ENODEV if the VM has ended, -ENOENT if it has no such vCPU.
 */
int kvm_exit_counters_vcpu_id(struct kvm_exit_counters_vm *vm, unsigned int i)
{
	struct kvm_vcpu *vcpu;
	int r = -ENODEV;

	spin_lock(&vm->lock);
	if (vm->kvm) {
		vcpu = kvm_get_vcpu(vm->kvm, i);
		r = vcpu ? vcpu->vcpu_id : -ENOENT;
	}
	spin_unlock(&vm->lock);

	return r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_vcpu_id);

static void free_vm(struct kref *users)
{
	struct kvm_exit_counters_vm *vm;

	vm = container_of(users, struct kvm_exit_counters_vm, users);
	kvfree(vm->times);
	kfree(vm);
}

/**
 * kvm_exit_counters_get_vm - get one more reference
 * @vm: what the caller has a reference to
 */
void kvm_exit_counters_get_vm(struct kvm_exit_counters_vm *vm)
{
	kref_get(&vm->users);
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_get_vm);

/**
 * kvm_exit_counters_put_vm - give a reference back
 * @vm: what the caller does not use any more
 */
void kvm_exit_counters_put_vm(struct kvm_exit_counters_vm *vm)
{
	kref_put(&vm->users, free_vm);
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_put_vm);

/* The next VM that lives, or is among those that ended after @ended others had. */
struct kvm_exit_counters_vm *
kvm_exit_counters_next_vm_since(struct kvm_exit_counters_vm *vm, u64 ended)
{
	struct kvm_exit_counters_vm *next;

	spin_lock(&exit_counters_lock);
	if (vm && !list_empty(&vm->node)) {
		next = list_next_entry(vm, node);
	} else {
		list_for_each_entry(next, &exit_counters_vms, node) {
			if (!vm || next->number > vm->number)
				break;
		}
	}
	list_for_each_entry_from(next, &exit_counters_vms, node) {
		if (!next->ended || next->ended > ended)
			break;
	}
	if (list_entry_is_head(next, &exit_counters_vms, node))
		next = NULL;
	else
		kref_get(&next->users);
	spin_unlock(&exit_counters_lock);

	if (vm)
		kvm_exit_counters_put_vm(vm);
	return next;
}

/**
 * kvm_exit_counters_next_vm - walk the living VMs, in the order of creation
 * @vm: what the last call returned, NULL to begin with
 *
 * Takes the caller's reference to @vm, which may have ended meanwhile.
 *
 * Return: the next, with a reference that is the caller's to give back; NULL at
 * the end.
 */
struct kvm_exit_counters_vm *
kvm_exit_counters_next_vm(struct kvm_exit_counters_vm *vm)
{
	return kvm_exit_counters_next_vm_since(vm, U64_MAX);
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_next_vm);

/* Return: how many VMs had ended, whose exits and time are in @counts and @times. */
u64 kvm_exit_counters_begin_host_reading(u64 *counts, struct kvm_exit_times *times)
{
	u64 ended;

	spin_lock(&exit_counters_lock);
	if (counts)
		memcpy(counts, dead_vms_counts, sizeof(dead_vms_counts));
	if (times && dead_vms_times)
		*times = *dead_vms_times;
	else if (times)
		memset(times, 0, sizeof(*times));
	ended = vms_ended;
	host_readers++;
	spin_unlock(&exit_counters_lock);

	return ended;
}

void kvm_exit_counters_end_host_reading(void)
{
	struct kvm_exit_counters_vm *vm, *next, *unlisted = NULL;

	spin_lock(&exit_counters_lock);
	if (!--host_readers) {
		list_for_each_entry_safe(vm, next, &exit_counters_vms, node) {
			if (!vm->ended)
				continue;
			list_del_init(&vm->node);
			vm->next_unlisted = unlisted;
			unlisted = vm;
		}
	}
	spin_unlock(&exit_counters_lock);

	/* Not under the lock: what a VM has kept can be vmalloc()ed. */
	while ((vm = unlisted)) {
		unlisted = vm->next_unlisted;
		kvm_exit_counters_put_vm(vm);
	}
}

/**
 * kvm_exit_counters_read_host - the exits of all VMs by slot
 * @counts: where they go
 *
 * Of all VMs since kvm.ko was loaded, those that are gone included, so that no
 * count is ever less than it was.
 *
 * Return: 0 or -ENOMEM.
 */
int kvm_exit_counters_read_host(u64 counts[EXIT_COUNTERS_SLOTS])
{
	struct kvm_exit_counters_vm *vm = NULL;
	u64 *of_vm, ended;

	of_vm = kmalloc_array(EXIT_COUNTERS_SLOTS, sizeof(*of_vm), GFP_KERNEL);
	if (!of_vm)
		return -ENOMEM;

	ended = kvm_exit_counters_begin_host_reading(counts, NULL);
	while ((vm = kvm_exit_counters_next_vm_since(vm, ended))) {
		/* One that has ended since then counts with what it had. */
		if (kvm_exit_counters_read_vm(vm, of_vm))
			add_counts(vm->counts, counts);
		else
			add_counts(of_vm, counts);
	}
	kvm_exit_counters_end_host_reading();

	kfree(of_vm);
	return 0;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_read_host);

/* What VMs that end from now on have spent is kept, until it is forgotten. */
int kvm_exit_counters_keep_times(void)
{
	struct kvm_exit_times *times = kvzalloc(sizeof(*times), GFP_KERNEL);

	if (!times)
		return -ENOMEM;

	spin_lock(&exit_counters_lock);
	swap(dead_vms_times, times);
	spin_unlock(&exit_counters_lock);

	kvfree(times);
	return 0;
}

void kvm_exit_counters_forget_times(void)
{
	struct kvm_exit_times *times = NULL;

	spin_lock(&exit_counters_lock);
	swap(dead_vms_times, times);
	spin_unlock(&exit_counters_lock);

	kvfree(times);
}

static void tell_client_that_vms_changed(void)
{
	const struct kvm_exit_counters_client *client;

	rcu_read_lock();
	client = rcu_dereference(exit_counters_client);
	if (client)
		client->vms_changed();
	rcu_read_unlock();
}

/*
 * A number of a file can be taken again while the VM that had it lives on, by a
 * vCPU's file.
 */
static void name_vm(struct kvm_exit_counters_vm *vm)
{
	struct kvm_exit_counters_vm *other;
	unsigned int last = 0;
	bool taken = false;

	lockdep_assert_held(&exit_counters_lock);

	list_for_each_entry(other, &exit_counters_vms, node) {
		if (other->ended || other->thread != vm->thread ||
		    other->fd != vm->fd)
			continue;
		taken |= !other->duplicate;
		last = max(last, other->duplicate);
	}

	vm->duplicate = taken ? last + 1 : 0;
	if (taken)
		snprintf(vm->name, sizeof(vm->name), "%d-%d.%u", vm->thread,
			 vm->fd, vm->duplicate);
	else
		snprintf(vm->name, sizeof(vm->name), "%d-%d", vm->thread, vm->fd);
}

int kvm_exit_counters_create_vm(struct kvm *kvm, const char *fdname)
{
	struct kvm_exit_counters_vm *vm;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return -ENOMEM;

	kref_init(&vm->users);
	spin_lock_init(&vm->lock);
	INIT_LIST_HEAD(&vm->vcpus);
	spin_lock_init(&vm->queries.lock);
	spin_lock_init(&vm->queries_of_hour.lock);
	vm->kvm = kvm;
	vm->thread = task_pid_nr(current);
	vm->process = task_tgid_nr(current);
	if (kstrtoint(fdname, 10, &vm->fd))
		vm->fd = -1;
	vm->guest_visible = READ_ONCE(exit_counters_cpuid_default);
	set_exit_counters_of(kvm, vm);

	spin_lock(&exit_counters_lock);
	name_vm(vm);
	vm->number = ++last_vm_number;
	list_add_tail(&vm->node, &exit_counters_vms);
	spin_unlock(&exit_counters_lock);
	kvm_exit_times_create_vm(vm);

	tell_client_that_vms_changed();
	return 0;
}

void kvm_exit_counters_create_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_counters_vm *vm = exit_counters_of(vcpu->kvm);

	spin_lock(&vm->lock);
	list_add_tail_rcu(&vcpu->arch.exit_counters_node, &vm->vcpus);
	spin_unlock(&vm->lock);
	kvm_exit_ledger_create_vcpu(vm, vcpu);

	tell_client_that_vms_changed();
}

/* The last user of the VM is gone, its vCPUs are not yet. */
void kvm_exit_counters_destroy_vm(struct kvm *kvm)
{
	struct kvm_exit_counters_vm *vm = exit_counters_of(kvm);
	const struct kvm_exit_counters_client *client;
	struct kvm_vcpu *vcpu;

	for_each_vcpu_of(vcpu, vm) {
		add_vcpu(vcpu, vm->counts);
		cond_resched();
	}

	kvm_exit_times_end_vm(vm);

	spin_lock(&exit_counters_lock);
	add_counts(vm->counts, dead_vms_counts);
	if (dead_vms_times)
		kvm_exit_times_add_ended_vm(vm, dead_vms_times);
	WRITE_ONCE(vm->ended, ++vms_ended);
	/* The list keeps its reference for as long as it keeps the VM. */
	if (host_readers)
		kref_get(&vm->users);
	else
		list_del_init(&vm->node);
	spin_unlock(&exit_counters_lock);

	/* Whoever reads the VM has done so when this returns. */
	spin_lock(&vm->lock);
	vm->kvm = NULL;
	spin_unlock(&vm->lock);

	rcu_read_lock();
	client = rcu_dereference(exit_counters_client);
	if (client)
		client->vm_ended(vm);
	rcu_read_unlock();

	kvm_exit_counters_put_vm(vm);
}

/**
 * kvm_exit_counters_register_client - tell a module of VMs and of what is read
 * @c: its functions, which are called from now on
 *
 * VMs that exist already are for kvm_exit_counters_next_vm() to find.
 *
 * Return: 0, or -EBUSY if there is a client.
 */
int kvm_exit_counters_register_client(const struct kvm_exit_counters_client *c)
{
	int r = 0;

	spin_lock(&exit_counters_lock);
	if (rcu_access_pointer(exit_counters_client))
		r = -EBUSY;
	else
		rcu_assign_pointer(exit_counters_client, c);
	spin_unlock(&exit_counters_lock);

	return r;
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_register_client);

/**
 * kvm_exit_counters_unregister_client - tell a module no more
 * @c: what was registered
 *
 * On return, none of the client's functions runs or will run.
 */
void kvm_exit_counters_unregister_client(const struct kvm_exit_counters_client *c)
{
	spin_lock(&exit_counters_lock);
	if (!WARN_ON_ONCE(rcu_access_pointer(exit_counters_client) != c))
		RCU_INIT_POINTER(exit_counters_client, NULL);
	spin_unlock(&exit_counters_lock);

	synchronize_rcu();
}
EXPORT_SYMBOL_FOR_KVM_EXITS(kvm_exit_counters_unregister_client);

static unsigned int nr_exit_reasons(void)
{
	unsigned int slot, nr = 0;

	for (slot = 0; slot < EXIT_COUNTERS_SLOT_UNKNOWN; slot++)
		nr += !!exit_reasons()[slot].name;

	return nr;
}

/*
 * The slot that counts @reason, EXIT_COUNTERS_SLOT_UNKNOWN if the manual does
 * not define it.  The number is the guest's to choose, also speculatively.
 */
static unsigned int slot_of_reason(u32 reason)
{
	u32 slot = EXIT_COUNTERS_SLOT_UNKNOWN;

	if (reason < EXIT_COUNTERS_DIRECT_SLOTS)
		slot = reason;
	else if (counts_svm_exits() && reason - 0x400 < 16)
		slot = SVM_SLOT_400(reason);
	else if (counts_svm_exits() && reason + 8 < 8)
		slot = SVM_SLOT_NEGATIVE(reason);

	return kvm_exit_counters_shown_slot(array_index_nospec(slot, EXIT_COUNTERS_SLOTS));
}

static u64 count_of_slot(struct kvm_exit_counters_vm *vm, unsigned int slot)
{
	struct kvm_vcpu *vcpu;
	u64 count = 0;

	for_each_vcpu_of(vcpu, vm) {
		count += READ_ONCE(vcpu->stat.exit_reasons[slot]);
		cond_resched();
	}

	return count;
}

/*
 * Plain loads, as each is an operand of the addition then; they are whole because
 * they are aligned and of one word.  Not in a loop, which would take as many
 * instructions as the sum.
 */
static u64 count_of_vcpu(struct kvm_vcpu *vcpu)
{
	const u64 *counts = vcpu->stat.exit_reasons;
	unsigned int slot;
	u64 count = 0;

#pragma GCC unroll 217
	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		count += data_race(counts[slot]); /* Racy: counting goes on. */

	return count;
}

static u64 count_of_vm(struct kvm_exit_counters_vm *vm)
{
	struct kvm_vcpu *vcpu;
	u64 count = 0;

	for_each_vcpu_of(vcpu, vm) {
		count += count_of_vcpu(vcpu);
		cond_resched();
	}

	return count;
}

/* A bit for each of so many slots, in steps as count_of_vcpu() takes one. */
enum {
	SLOTS_OF_STEP = 31,
	STEPS = EXIT_COUNTERS_SLOTS / SLOTS_OF_STEP,
};

static void add_occurred(struct kvm_vcpu *vcpu, unsigned int steps,
			 u32 occurred[STEPS])
{
	const u64 *counts = vcpu->stat.exit_reasons;
	unsigned int step, i;
	u32 bits;

	BUILD_BUG_ON(EXIT_COUNTERS_SLOTS % SLOTS_OF_STEP);

	for (step = 0; step < steps; step++, counts += SLOTS_OF_STEP) {
		bits = 0;
#pragma GCC unroll 31
		for (i = 0; i < SLOTS_OF_STEP; i++)
			if (data_race(counts[i])) /* Racy, as above. */
				bits |= BIT(i);
		occurred[step] |= bits;
	}
}

/* What one answer has a bit each for. */
enum {
	SLOTS_OF_PART = 128,
	PARTS_OF_SLOTS = DIV_ROUND_UP(EXIT_COUNTERS_SLOTS, SLOTS_OF_PART),
};

/*
 * A bit for each slot of a part: whether it has counted anything.  Which part is the
 * guest's to choose, also speculatively.
 */
static void slots_that_occurred(struct kvm_exit_counters_vm *vm, u32 part,
				u32 bits[SLOTS_OF_PART / 32])
{
	unsigned int first = array_index_nospec(part, PARTS_OF_SLOTS) * SLOTS_OF_PART;
	/* What the manual does not define is shown in the last one: there all count. */
	unsigned int steps = first ? STEPS : DIV_ROUND_UP(SLOTS_OF_PART, SLOTS_OF_STEP);
	const struct kvm_exit_reason *reasons = exit_reasons();
	u32 occurred[STEPS] = {};
	struct kvm_vcpu *vcpu;
	unsigned int step, bit;

	for_each_vcpu_of(vcpu, vm) {
		add_occurred(vcpu, steps, occurred);
		cond_resched();
	}

	for (step = 0; step < STEPS; step++) {
		for (; occurred[step]; occurred[step] &= occurred[step] - 1) {
			bit = step * SLOTS_OF_STEP + __ffs(occurred[step]);
			if (!reasons[bit].name)
				bit = EXIT_COUNTERS_SLOT_UNKNOWN;
			bit -= first;
			if (bit < SLOTS_OF_PART)
				bits[bit / 32] |= BIT(bit % 32);
		}
	}
}

static void tell_client_of_leaf(struct kvm_vcpu *vcpu,
				struct kvm_exit_counters_vm *vm, u32 function,
				const struct kvm_exit_reason *reason, u64 count)
{
	const struct kvm_exit_counters_client *client;

	rcu_read_lock();
	client = rcu_dereference(exit_counters_client);
	if (client)
		client->leaf_read(vm, vcpu->vcpu_id, function, reason, count);
	rcu_read_unlock();
}

static void tell_cycles(struct kvm_exit_counters_vm *vm, u32 function, u32 index,
			u32 *ebx, u32 *ecx, u32 *edx)
{
	unsigned int slot = slot_of_reason(index);
	u64 cycles;

	if (function == KVM_CPUID_EXITS_CYCLES) {
		cycles = kvm_exit_ledger_cycles(vm);
	} else if (function == KVM_CPUID_EXITS_CYCLES_OF_REASON &&
		   slot != EXIT_COUNTERS_SLOT_UNKNOWN) {
		cycles = kvm_exit_ledger_cycles_of_slot(vm, slot);
	} else if (function == KVM_CPUID_EXITS_CYCLES_OF_STATE &&
		   index < EXIT_LEDGER_STATES) {
		cycles = kvm_exit_ledger_cycles_of_state(vm, index);
	} else {
		*edx = U32_MAX;
		return;
	}

	*ebx = upper_32_bits(cycles);
	*ecx = lower_32_bits(cycles);
}

bool __kvm_exit_counters_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			       u32 *ecx, u32 *edx)
{
	struct kvm_exit_counters_vm *vm = exit_counters_of(vcpu->kvm);
	const struct kvm_exit_reason *reason = NULL;
	u32 function = *eax, index = *ecx;
	u32 bits[SLOTS_OF_PART / 32] = {};
	unsigned int slot;
	u64 count;

	if (!READ_ONCE(exit_counters_cpuid) || !READ_ONCE(vm->guest_visible))
		return false;

	/* A leaf without a meaning, and what a leaf does not use. */
	*eax = 0;
	*ebx = 0;
	*ecx = 0;
	*edx = 0;

	switch (function) {
	case KVM_CPUID_EXITS_SIGNATURE:
		*eax = KVM_CPUID_EXITS_TOTAL;
		memcpy(ebx, "KVME", 4);
		memcpy(ecx, "xitC", 4);
		memcpy(edx, "ount", 4);
		return true;
	case KVM_CPUID_EXITS_FEATURES:
		*eax = KVM_CPUID_EXITS_FEATURE_COUNTS;
		if (kvm_exit_ledger_is_told())
			*eax |= KVM_CPUID_EXITS_FEATURE_CYCLES;
		*ebx = counts_svm_exits() ? KVM_CPUID_EXITS_SVM :
					    KVM_CPUID_EXITS_VMX;
		*ecx = nr_exit_reasons();
		*edx = tsc_khz;
		return true;
	case KVM_CPUID_EXITS_OCCURRED:
		if (index < PARTS_OF_SLOTS)
			slots_that_occurred(vm, index, bits);
		*eax = bits[0];
		*ebx = bits[1];
		*ecx = bits[2];
		*edx = bits[3];
		return true;
	case KVM_CPUID_EXITS_TOTAL:
		count = count_of_vm(vm);
		break;
	case KVM_CPUID_EXITS_OF_REASON:
		slot = slot_of_reason(index);
		if (slot == EXIT_COUNTERS_SLOT_UNKNOWN) {
			*edx = U32_MAX;
			return true;
		}
		reason = &exit_reasons()[slot];
		count = count_of_slot(vm, slot);
		break;
	case KVM_CPUID_EXITS_CYCLES:
	case KVM_CPUID_EXITS_CYCLES_OF_REASON:
	case KVM_CPUID_EXITS_CYCLES_OF_STATE:
		if (kvm_exit_ledger_is_told())
			tell_cycles(vm, function, index, ebx, ecx, edx);
		return true;
	default:
		return true;
	}

	*eax = lower_32_bits(count);
	*ebx = upper_32_bits(count);
	tell_client_of_leaf(vcpu, vm, function, reason, count);
	return true;
}
