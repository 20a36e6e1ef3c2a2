/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_EXITS_H
#define KVM_EXITS_H

#include <linux/kvm_host.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include <asm/tsc.h>

#ifndef CONFIG_KVM_EXIT_COUNTERS
#error "kvm_exits shows what CONFIG_KVM_EXIT_COUNTERS counts: build it against a patched kernel"
#endif

/* Of all VMs where there is none, of all vCPUs where the index is negative. */
struct kvm_exits_source {
	struct kvm_exit_counters_vm *vm;
	int vcpu_index;
	int vcpu_id;
};

/* debugfs.c: a source must stay until its directory has been removed. */
void kvm_exits_create_root(void);
void kvm_exits_remove_root(void);
struct dentry *kvm_exits_create_vm_dir(struct kvm_exits_source *vm);
struct dentry *kvm_exits_create_vcpu_dir(struct kvm_exits_source *vcpu,
					 struct dentry *vm_dir);
void kvm_exits_remove_dir(struct dentry *dir);
bool kvm_exits_is_listed(struct dentry *dir);
bool kvm_exits_vms_are_listed(void);

/* directories.c */
int kvm_exits_start_directories(void);
void kvm_exits_update_directories(void);
void kvm_exits_stop_directories(void);

/* log.c */
void kvm_exits_log_query(struct kvm_exit_counters_vm *vm, int vcpu_id,
			 u32 function, const struct kvm_exit_reason *reason,
			 u64 count);
void kvm_exits_log_vm_end(struct kvm_exit_counters_vm *vm);
int kvm_exits_log_table(void);

static inline u64 kvm_exits_sum(const u64 counts[EXIT_COUNTERS_SLOTS])
{
	unsigned int slot;
	u64 sum = 0;

	for (slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		sum += counts[slot];

	return sum;
}

/* Of an exit, or of all exits: what is neither the guest's time nor nobody's. */
static inline u64 kvm_exits_cycles(const struct kvm_exit_ledger_row *row)
{
	unsigned int state;
	u64 cycles = 0;

	for (state = 0; state < EXIT_LEDGER_STATES; state++) {
		if (state != EXIT_LEDGER_GUEST && state != EXIT_LEDGER_STOPPED)
			cycles += row->cycles[state];
	}

	return cycles;
}

/* By the rate of the host's TSC, whose cycles the ledger books. */
static inline u64 kvm_exits_us(u64 cycles)
{
	return mul_u64_u32_div(cycles, USEC_PER_MSEC, tsc_khz);
}

static inline u64 *kvm_exits_alloc_counts(void)
{
	return kmalloc_array(EXIT_COUNTERS_SLOTS, sizeof(u64), GFP_KERNEL);
}

#endif /* KVM_EXITS_H */
