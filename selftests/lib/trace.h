/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint kvm:kvm_exit, which the counters must equal.
 */
#ifndef EXIT_COUNTS_TRACE_H
#define EXIT_COUNTS_TRACE_H

#include "reasons.h"

/*
 * The tracepoint kvm:kvm_exit, counted per exit reason by a histogram trigger
 * in a tracing instance of the test's own: what the counters must equal.
 */
bool trace_is_possible(void);
/* Call it in main(), it cleans up at the end. */
void trace_create_instance(void);
/* Count the exits of vCPUs that thread @tid runs. */
void trace_start(pid_t tid);
void trace_stop(u64 counts[NR_BUCKETS]);

/*
 * How long exits for one reason took, by the TSC: from kvm:kvm_exit to the next
 * kvm:kvm_entry of thread @tid.
 */
struct traced_exits {
	unsigned int nr;
	u64 cycles;
	u64 durations[1000];
};

void trace_durations_start(pid_t tid, u32 reason);
void trace_durations_stop(struct traced_exits *exits);

#endif /* EXIT_COUNTS_TRACE_H */
