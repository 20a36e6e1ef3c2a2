// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exits by reason, as cheap as BPF can count them: a raw tracepoint, and an array
 * a CPU.
 */
#include "kvm_exit.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REASONS);
	__type(key, __u32);
	__type(value, __u64);
} exits SEC(".maps");

SEC("raw_tp/kvm_exit")
int count(struct bpf_raw_tracepoint_args *args)
{
	__u32 reason = exit_reason_of((void *)args->args[0]);
	__u64 *count = bpf_map_lookup_elem(&exits, &reason);

	if (count)
		(*count)++;
	return 0;
}
