// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exits and their time by reason, as cheap as BPF can tell them: an array a CPU.
 * What it takes for a vCPU that loses its CPU between exit and entry would be more.
 */
#include "kvm_exit.h"

struct reason_totals {
	__u64 exits;
	__u64 ns;
};

struct open_exit {
	__u64 began;
	__u32 reason;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REASONS);
	__type(key, __u32);
	__type(value, struct reason_totals);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct open_exit);
} open_exits SEC(".maps");

static const __u32 zero;

SEC("raw_tp/kvm_exit")
int begin(struct bpf_raw_tracepoint_args *args)
{
	struct open_exit *open = bpf_map_lookup_elem(&open_exits, &zero);

	if (!open)
		return 0;

	open->reason = exit_reason_of((void *)args->args[0]);
	open->began = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp/kvm_entry")
int end(struct bpf_raw_tracepoint_args *args)
{
	struct open_exit *open = bpf_map_lookup_elem(&open_exits, &zero);
	struct reason_totals *of_reason;
	__u32 reason;

	if (!open || !open->began)
		return 0;

	reason = open->reason;
	of_reason = bpf_map_lookup_elem(&totals, &reason);
	if (of_reason) {
		of_reason->exits++;
		of_reason->ns += bpf_ktime_get_ns() - open->began;
	}
	open->began = 0;
	return 0;
}
