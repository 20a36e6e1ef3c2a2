/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_EXITS_H
#define KVM_EXITS_H

#include <linux/kvm_host.h>
#include <linux/ratelimit.h>

#ifndef CONFIG_KVM_EXIT_COUNTERS
#error "kvm_exits shows what CONFIG_KVM_EXIT_COUNTERS counts: build it against a patched kernel"
#endif

/* What the module keeps of a VM while both exist. */
struct kvm_exits_vm {
	struct dentry *dir;
	struct ratelimit_state queries;
};

void kvm_exits_create_root(void);
void kvm_exits_remove_root(void);
void kvm_exits_create_vm_dir(struct kvm_exits_vm *vm, struct kvm *kvm);
void kvm_exits_create_vcpu_dir(struct kvm_exits_vm *vm, struct kvm_vcpu *vcpu);
void kvm_exits_remove_vm_dir(struct kvm_exits_vm *vm);

void kvm_exits_log_query(struct kvm_exits_vm *vm, struct kvm_vcpu *vcpu,
			 u32 function, const struct kvm_exit_reason *reason,
			 u64 count);
void kvm_exits_log_vm_end(struct kvm *kvm);
int kvm_exits_log_table(void);

static inline u64 kvm_exits_sum(const u64 counts[KVM_EXIT_SLOTS])
{
	unsigned int slot;
	u64 sum = 0;

	for (slot = 0; slot < KVM_EXIT_SLOTS; slot++)
		sum += counts[slot];

	return sum;
}

static inline u64 *kvm_exits_alloc_counts(void)
{
	return kmalloc_array(KVM_EXIT_SLOTS, sizeof(u64), GFP_KERNEL);
}

#endif /* KVM_EXITS_H */
