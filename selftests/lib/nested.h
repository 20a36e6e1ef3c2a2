/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest in the guest.  @nested is what nested_alloc() returns; enter() returns
 * why L2 exited to L1, which it does for CPUID and the hypercall instruction.
 * No register of L2 is preserved.
 */
#ifndef EXIT_COUNTS_NESTED_H
#define EXIT_COUNTS_NESTED_H

#include "compat.h"
#include "kvm_util.h"
#include "processor.h"

bool nested_is_possible(void);
gva_t nested_alloc(struct kvm_vm *vm);
void guest_nested_prepare(gva_t nested, void *l2_code);
u32 guest_nested_enter(gva_t nested, bool again);
/* Past an instruction of L2 of @length bytes. */
void guest_nested_skip(gva_t nested, unsigned int length);

#endif /* EXIT_COUNTS_NESTED_H */
