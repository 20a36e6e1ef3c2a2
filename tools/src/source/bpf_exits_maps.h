// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_EXITS_MAPS_H_
#define KVM_EXITS_SOURCE_BPF_EXITS_MAPS_H_

// What bpf/exits.bpf.c keeps, which is C, and bpf_exits.cc reads.
#include <linux/types.h>

#ifdef __cplusplus
namespace kvm_exits {
#endif

enum {
  kBpfMaxThreads = 8192,
  kBpfMaxReasons = 65536,  // of all threads
  kBpfDurationBins = 40,   // by powers of two of ns, the last one for all that are longer
};

// The fields that it reads, see bpf_fields.h.
enum { kExitReasonField = 0, kExitIsaField = 1, kVcpuIdField = 2 };

// A thread has more than one only if it runs several vCPUs, as tests do.
struct BpfThreadKey {
  __u32 tgid;
  __u32 tid;
  __u32 vcpu;
};

struct BpfThreadState {
  __u64 open;      // kBpfOpen and the reason: out of the guest.  0: in it.
  __u64 since_ns;  // when that began
  __u64 guest_ns;
  __u32 number;  // of this thread and vCPU, for BpfReasonKey
  __u32 unused;
};

// In BpfThreadState::open.  One word, for whoever reads it meanwhile sees all of it or
// nothing.
#define kBpfOpen (1ULL << 32)

struct BpfReasonKey {
  __u32 number;
  __u32 reason;
};

struct BpfReasonTotals {
  __u64 exits;  // that ended, in the next entry as a rule
  __u64 ns;     // of those that ended in an entry
  __u64 longest_ns;
  __u64 durations[kBpfDurationBins];
};

struct BpfExitsConstants {
  __u32 only_tgid;  // the process whose VMs count; 0: all
  __u32 unused;
  struct BpfReasonTotals no_exits;
};

struct BpfExitsVariables {
  __u32 isa;  // 0 before the first exit
  __u32 next_number;
};

// Of one CPU: exits that are not counted.
struct BpfLost {
  __u64 full;    // no memory for them, or the map is full
  __u64 unseen;  // between two entries
};

#ifdef __cplusplus
}  // namespace kvm_exits
#endif

#endif  // KVM_EXITS_SOURCE_BPF_EXITS_MAPS_H_
