// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_ACCESSES_MAPS_H_
#define KVM_EXITS_SOURCE_BPF_ACCESSES_MAPS_H_

// What bpf/accesses.bpf.c keeps, which is C, and bpf_accesses.cc reads.
#include <linux/types.h>

#ifdef __cplusplus
namespace kvm_exits {
#endif

enum { kBpfMaxAccesses = 16384 };

// The fields that it reads, see bpf_fields.h.
enum {
  kAccessKeyField = 0,
  kAccessFirstField = 1,
  kAccessSecondField = 2,
  kAccessWeightField = 3,
  kAccessReasonField = 4,  // these two of kvm_exit only
  kAccessIsaField = 5,
};

// How a detail is made of two fields, and what counts.
struct BpfAccessRules {
  __u64 key_mask;
  __u32 first_mask;
  __u32 second_mask;
  __u32 second_shift;
  __u32 only_tgid;  // 0: all
  __u32 has_reason;
  __u32 only_reason;       // if has_reason
  __u32 accesses_by_exit;  // the accesses' tracepoint has the reason, too
  __u32 unused;
};

struct BpfAccessKey {
  __u64 key;
  __u32 detail;
  __u32 unused;
};

// Of one CPU.
struct BpfAccessTotals {
  __u64 exits;
  __u64 lost;  // accesses for which there was no memory, or no room in the map
};

#ifdef __cplusplus
}  // namespace kvm_exits
#endif

#endif  // KVM_EXITS_SOURCE_BPF_ACCESSES_MAPS_H_
