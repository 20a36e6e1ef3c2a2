// SPDX-License-Identifier: GPL-2.0-only
// VM exits and their time by vCPU and reason, from KVM's tracepoints kvm_exit and
// kvm_entry.  They run in the vCPU's own thread, and what one of them counts is written by
// that thread alone, whatever CPU it runs on: no atomic instructions, nothing is lost.
//
// An exit is counted when it ends.  So there is one look into a hash less for each, and
// who reads adds the one that is open.
#include <linux/bpf.h>
// In this order.
#include <bpf/bpf_helpers.h>

#include "source/bpf_exits_maps.h"
#include "source/bpf_field_mark.h"

enum { kVmx = 1 };

// One structure for all of a section, as a compiler may put several in any order.
const volatile struct BpfExitsConstants constants = {};
struct BpfExitsVariables variables = {};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, kBpfMaxThreads);
  __type(key, struct BpfThreadKey);
  __type(value, struct BpfThreadState);
} threads SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, kBpfMaxReasons);
  __type(key, struct BpfReasonKey);
  __type(value, struct BpfReasonTotals);
} reasons SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct BpfLost);
} lost SEC(".maps");

static __always_inline struct BpfLost* lost_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&lost, &zero);
}

static __always_inline void count_full(void) {
  struct BpfLost* here = lost_here();
  if (here) here->full++;
}

// The clock is the one that may be read anywhere, and on another CPU it may be a few ns behind.
static __always_inline __u64 elapsed(__u64 since, __u64 now) {
  return now > since ? now - since : 0;
}

// 0 of 0.
static __always_inline __u32 log2_of(__u64 number) {
  __u32 bits = 0;
  if (number >> 32) {
    number >>= 32;
    bits += 32;
  }
  if (number >> 16) {
    number >>= 16;
    bits += 16;
  }
  if (number >> 8) {
    number >>= 8;
    bits += 8;
  }
  if (number >> 4) {
    number >>= 4;
    bits += 4;
  }
  if (number >> 2) {
    number >>= 2;
    bits += 2;
  }
  return bits + (number >> 1);
}

static __always_inline struct BpfReasonTotals* totals_of(const struct BpfThreadState* thread,
                                                         __u32 reason) {
  struct BpfReasonKey key = {.number = thread->number, .reason = reason};
  struct BpfReasonTotals* totals = bpf_map_lookup_elem(&reasons, &key);
  if (totals) return totals;
  bpf_map_update_elem(&reasons, &key, (const void*)&constants.no_exits, BPF_NOEXIST);
  totals = bpf_map_lookup_elem(&reasons, &key);
  if (!totals) count_full();
  return totals;
}

// Returns what was open, 0 for nothing.  That comes before it is counted, so that nobody who
// reads finds it in both places.
static __always_inline __u64 close_exit(struct BpfThreadState* thread) {
  __u64 open = thread->open;
  *(volatile __u64*)&thread->open = 0;
  return open;
}

static __always_inline int is_wanted(__u32 tgid) {
  return !constants.only_tgid || tgid == constants.only_tgid;
}

SEC("tracepoint/kvm/kvm_exit")
int count_exit(void* context) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  struct BpfThreadKey key = {.tgid = pid_tgid >> 32, .tid = (__u32)pid_tgid};
  if (!is_wanted(key.tgid)) return 0;
  key.vcpu = READ_FIELD(context, kVcpuIdField);
  __u32 reason = READ_FIELD(context, kExitReasonField);
  __u32 exit_isa = READ_FIELD(context, kExitIsaField);
  // The other half has flags, such as that of a VM entry that failed.
  if (exit_isa == kVmx) reason &= 0xffff;

  struct BpfThreadState* thread = bpf_map_lookup_elem(&threads, &key);
  __u64 now = bpf_ktime_get_ns();
  if (!thread) {
    variables.isa = exit_isa;
    struct BpfThreadState first = {.open = kBpfOpen | reason,
                                   .since_ns = now,
                                   .number = __sync_fetch_and_add(&variables.next_number, 1)};
    if (bpf_map_update_elem(&threads, &key, &first, BPF_NOEXIST)) count_full();
    return 0;
  }

  __u64 open = close_exit(thread);
  if (open) {
    // The entry between the two was not to be seen.
    struct BpfReasonTotals* totals = totals_of(thread, (__u32)open);
    if (totals) totals->exits++;
  } else {
    thread->guest_ns += elapsed(thread->since_ns, now);
  }
  thread->since_ns = now;
  thread->open = kBpfOpen | reason;
  return 0;
}

SEC("tracepoint/kvm/kvm_entry")
int count_entry(void* context) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  struct BpfThreadKey key = {.tgid = pid_tgid >> 32, .tid = (__u32)pid_tgid};
  if (!is_wanted(key.tgid)) return 0;
  key.vcpu = READ_FIELD(context, kVcpuIdField);

  // There is none as long as no exit was seen.
  struct BpfThreadState* thread = bpf_map_lookup_elem(&threads, &key);
  if (!thread) return 0;

  __u64 now = bpf_ktime_get_ns();
  __u64 duration = elapsed(thread->since_ns, now);
  __u64 open = close_exit(thread);
  thread->since_ns = now;
  if (!open) {
    struct BpfLost* here = lost_here();
    if (here) here->unseen++;
    return 0;
  }

  struct BpfReasonTotals* totals = totals_of(thread, (__u32)open);
  if (!totals) return 0;
  totals->exits++;
  totals->ns += duration;
  if (duration > totals->longest_ns) totals->longest_ns = duration;
  __u32 bin = log2_of(duration);
  if (bin >= kBpfDurationBins) bin = kBpfDurationBins - 1;
  totals->durations[bin]++;
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
