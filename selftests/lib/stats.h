/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's binary statistics, "exit_reasons" above all.
 */
#ifndef EXIT_COUNTS_STATS_H
#define EXIT_COUNTS_STATS_H

#include "reasons.h"

/*
 * @vcpu's binary statistic "exit_reasons".  While another thread runs @vcpu,
 * only the one that has a file descriptor from before does not wait for it.
 */
void read_exit_counts(struct kvm_vcpu *vcpu, u64 counts[NR_BUCKETS]);
void read_exit_counts_fd(int fd, u64 counts[NR_BUCKETS]);
/* The same for one that is a single number. */
u64 read_stat(struct kvm_vcpu *vcpu, const char *name);
u64 read_stat_fd(int fd, const char *name);
u64 sum_exit_counts(const u64 counts[NR_BUCKETS]);
u64 sum_asynchronous(const u64 counts[NR_BUCKETS]);

#endif /* EXIT_COUNTS_STATS_H */
