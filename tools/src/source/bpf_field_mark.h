// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_FIELD_MARK_H_
#define KVM_EXITS_SOURCE_BPF_FIELD_MARK_H_

// For the BPF programs, which are C.  Reads a field of the tracepoint by its number, as
// bpf_fields.h says; it is an assembler's, as a compiler may move parts of an offset into
// another instruction.
#define READ_FIELD(context, number)                                           \
  ({                                                                          \
    __u64 value_;                                                             \
    asm volatile("%[value] = *(u64 *)(%[base] + %[offset])"                   \
                 : [value] "=r"(value_)                                       \
                 : [base] "r"(context), [offset] "i"(0x4000 + 8 * (number))); \
    value_;                                                                   \
  })

#endif  // KVM_EXITS_SOURCE_BPF_FIELD_MARK_H_
