/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit reason behind KVM's tracepoint kvm_exit, where it is cheapest to get: from
 * the vCPU, whose structures are those of the kernel that this is loaded into.
 */
#ifndef BENCH_BPF_KVM_EXIT_H
#define BENCH_BPF_KVM_EXIT_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define REASONS	2048

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#ifdef VMX
union vmx_exit_reason {
	__u32 full;
};

struct vcpu_vmx {
	union vmx_exit_reason exit_reason;
};
#else
struct vmcb_control_area {
	__u32 exit_code;
};

struct vmcb {
	struct vmcb_control_area control;
};

struct vcpu_svm {
	struct vmcb *vmcb;
};
#endif

#pragma clang attribute pop

/* Of the first argument of the tracepoint, which is the first member of both. */
static __always_inline __u32 exit_reason_of(const void *vcpu)
{
#ifdef VMX
	return BPF_CORE_READ((struct vcpu_vmx *)vcpu, exit_reason.full) & (REASONS - 1);
#else
	return BPF_CORE_READ((struct vcpu_svm *)vcpu, vmcb, control.exit_code) &
	       (REASONS - 1);
#endif
}

char LICENSE[] SEC("license") = "GPL";

#endif /* BENCH_BPF_KVM_EXIT_H */
