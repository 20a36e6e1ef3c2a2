// SPDX-License-Identifier: GPL-2.0-only
// What guests access, by key, from one of KVM's tracepoints; and exits for the same reason.
// Which fields are the key and its detail is bpf_accesses.cc's.
#include <linux/bpf.h>
// In this order.
#include <bpf/bpf_helpers.h>

#include "source/bpf_accesses_maps.h"
#include "source/bpf_field_mark.h"

enum { kVmx = 1 };

const volatile struct BpfAccessRules rules = {};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, kBpfMaxAccesses);
  __type(key, struct BpfAccessKey);
  __type(value, __u64);
} accesses SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct BpfAccessTotals);
} totals SEC(".maps");

static __always_inline struct BpfAccessTotals* totals_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&totals, &zero);
}

static __always_inline int is_wanted_process(void) {
  return !rules.only_tgid || bpf_get_current_pid_tgid() >> 32 == rules.only_tgid;
}

static __always_inline int is_wanted_reason(__u32 isa, __u32 reason) {
  // The other half has flags, such as that of a VM entry that failed.
  if (isa == kVmx) reason &= 0xffff;
  return reason == rules.only_reason;
}

// vCPUs share a key, so here additions are atomic.
SEC("tracepoint/kvm/access")
int count_access(void* context) {
  __u32 isa = READ_FIELD(context, kAccessIsaField);
  __u32 reason = READ_FIELD(context, kAccessReasonField);
  if (!is_wanted_process()) return 0;
  if (rules.accesses_by_exit && rules.has_reason && !is_wanted_reason(isa, reason)) return 0;

  struct BpfAccessKey key = {.key = READ_FIELD(context, kAccessKeyField) & rules.key_mask};
  __u32 first = READ_FIELD(context, kAccessFirstField);
  __u32 second = READ_FIELD(context, kAccessSecondField);
  key.detail = (first & rules.first_mask) | (second & rules.second_mask) << rules.second_shift;
  __u64 weight = READ_FIELD(context, kAccessWeightField);

  __u64* count = bpf_map_lookup_elem(&accesses, &key);
  if (!count) {
    if (!bpf_map_update_elem(&accesses, &key, &weight, BPF_NOEXIST)) return 0;
    // Another vCPU was first, or there is no room.
    count = bpf_map_lookup_elem(&accesses, &key);
  }
  if (count) {
    __sync_fetch_and_add(count, weight);
  } else {
    struct BpfAccessTotals* here = totals_here();
    if (here) here->lost += weight;
  }
  return 0;
}

SEC("tracepoint/kvm/kvm_exit")
int count_exit(void* context) {
  __u32 isa = READ_FIELD(context, kAccessIsaField);
  __u32 reason = READ_FIELD(context, kAccessReasonField);
  if (!is_wanted_process()) return 0;
  if (rules.has_reason && !is_wanted_reason(isa, reason)) return 0;
  struct BpfAccessTotals* here = totals_here();
  if (here) here->exits++;
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
