/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops around the kernel's own code for exits, in C as that is: the headers of the
 * series are compiled, with stand-ins for the rest of the kernel in include/.
 *
 * Each loop takes its exits for a mix of reasons, as a guest does.  One reason only
 * would measure how fast a processor adds to what it has just stored.
 */
#ifndef KVM_EXITS_BENCH_EXIT_LOOPS_H
#define KVM_EXITS_BENCH_EXIT_LOOPS_H

#ifdef __cplusplus
#include <cstdint>
extern "C" {
#else
#include <stdbool.h>
#include <stdint.h>
#endif

struct kvm_vcpu;

/* One vCPU with its counters, a ledger that has begun, and histograms. */
struct kvm_vcpu *create_vcpu(void);
void free_vcpu(struct kvm_vcpu *vcpu);

/* Only the loop, and the reason that each of the others loads. */
void load_reasons(uint64_t exits);
void count_vmx_exits(struct kvm_vcpu *vcpu, uint64_t exits);
void count_svm_exits(struct kvm_vcpu *vcpu, uint64_t exits);
/* An exit and the entry after it, each of which books. */
void count_and_book_exits(struct kvm_vcpu *vcpu, uint64_t exits);
void count_book_and_sort_exits(struct kvm_vcpu *vcpu, uint64_t exits);
void read_tsc(uint64_t times);

/* As it is often done: one array for all vCPUs, and an atomic addition. */
void count_exits_naively(uint64_t exits);
void forget_naive_counts(void);

uint64_t counted_exits(const struct kvm_vcpu *vcpu);
uint64_t naively_counted_exits(void);
uint64_t sorted_exits(const struct kvm_vcpu *vcpu);
/* Whether all that is booked is the time from the first to the last booking. */
bool ledger_balances(const struct kvm_vcpu *vcpu);
uint64_t booked_cycles(const struct kvm_vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
