// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_FIELDS_H_
#define KVM_EXITS_SOURCE_BPF_FIELDS_H_

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "source/trace_format.h"

namespace kvm_exits {

// The BPF programs are compiled before anybody knows where the running kernel has the
// fields of its tracepoints.  They read field number N as 8 bytes at the offset
// kFirstFieldMark + 8 * N of their context, which no tracepoint is long enough to have,
// and these loads are made to fit before the kernel sees them.  So a field costs one
// instruction, where bpf_probe_read_kernel() is a call that copies, and is refused to
// programs of a kernel that is locked down; and the verifier itself checks that the load
// is one of the tracepoint's record.
inline constexpr int16_t kFirstFieldMark = 0x4000;
inline constexpr uint32_t kMaxFieldMarks = 16;

// What a program gets for one of its fields, by its number.
struct BpfField {
  uint32_t number;
  const TraceField* field;  // or nullptr:
  int32_t otherwise = 0;    // what is read in its place
};

// Makes the loads fit: those of a field become loads of its size at its offset, without
// its sign, those of a missing one a constant.
//
// Throws Error for anything but one or more such loads of each of `fields`, and for
// fields that are no aligned number of 1, 2, 4 or 8 bytes; `what` is whose they are.
void PatchFieldLoads(std::span<bpf_insn> program, std::span<const BpfField> fields,
                     std::string_view what);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_FIELDS_H_
