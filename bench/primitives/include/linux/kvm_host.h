/* SPDX-License-Identifier: GPL-2.0-only */
/* Of a vCPU, what the series' headers use. */
#ifndef BENCH_LINUX_KVM_HOST_H
#define BENCH_LINUX_KVM_HOST_H

#include <errno.h>

#include <asm/kvm_exit_counters.h>

#define KVM_EXIT_DEBUG			4
#define KVM_REQ_EXIT_HISTOGRAM		0

struct kvm_run {
	u32 exit_reason;
};

struct kvm_vcpu {
	struct kvm_run *run;
	struct {
		u64 exit_reasons[EXIT_COUNTERS_SLOTS];
	} stat;
	struct {
		struct kvm_exit_ledger *exit_ledger;
		struct list_head exit_counters_node;
	} arch;
};

static inline bool kvm_check_request(int request, struct kvm_vcpu *vcpu)
{
	return false;
}

static inline u64 max(u64 a, u64 b)
{
	return a > b ? a : b;
}

#endif
