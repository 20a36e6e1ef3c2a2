// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the ledger keeps of VM entries and exits, in BPF: time in the guest and in
 * exits by reason, and the longest exit, of each vCPU, whatever CPU it runs on. So what
 * it adds to is the thread's.
 */
#include "kvm_exit.h"

#define ROWS	256

struct row {
	__u64 exits;
	__u64 guest;
	__u64 exit;
	__u64 longest;
};

struct ledger {
	__u64 clock;
	__u32 row;
	struct row rows[ROWS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ledger);
} ledgers SEC(".maps");

SEC("raw_tp/kvm_exit")
int book_guest(struct bpf_raw_tracepoint_args *args)
{
	struct ledger *l = bpf_task_storage_get(&ledgers, bpf_get_current_task_btf(), 0,
						BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 now;

	if (!l)
		return 0;

	now = bpf_ktime_get_ns();
	if (l->clock)
		l->rows[l->row & (ROWS - 1)].guest += now - l->clock;
	l->row = exit_reason_of((void *)args->args[0]);
	l->clock = now;
	return 0;
}

SEC("raw_tp/kvm_entry")
int book_exit(struct bpf_raw_tracepoint_args *args)
{
	struct ledger *l = bpf_task_storage_get(&ledgers, bpf_get_current_task_btf(), 0,
						0);
	__u64 now, duration;
	struct row *row;

	if (!l)
		return 0;

	now = bpf_ktime_get_ns();
	duration = now - l->clock;
	row = &l->rows[l->row & (ROWS - 1)];
	row->exits++;
	row->exit += duration;
	if (duration > row->longest)
		row->longest = duration;
	l->clock = now;
	return 0;
}
