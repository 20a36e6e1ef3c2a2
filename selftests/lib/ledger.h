/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where vCPUs' time went, as the module kvm_exits shows it in debugfs.
 */
#ifndef EXIT_COUNTS_LEDGER_H
#define EXIT_COUNTS_LEDGER_H

#include "compat.h"
#include "kvm_util.h"

#define PARAM_TIME	"/sys/module/kvm/parameters/exit_counters_time"
#define PARAM_HISTOGRAM	"/sys/module/kvm/parameters/exit_counters_histogram"
#define PARAM_CPUID_TIME "/sys/module/kvm/parameters/exit_counters_cpuid_time"

/* Numbers are ABI: written down here a second time on purpose. */
enum ledger_state {
	LEDGER_GUEST,
	LEDGER_KERNEL,
	LEDGER_VMM,
	LEDGER_HALTED,
	LEDGER_PREEMPTED,
	LEDGER_WAITING,
	LEDGER_STOPPED,
	NR_LEDGER_STATES,
};

extern const char * const ledger_state_names[NR_LEDGER_STATES];

struct ledger_states {
	u64 cycles[NR_LEDGER_STATES];
	u64 open[NR_LEDGER_STATES];
	u64 booked;
	u64 lost;
};

/* Skips the program where the ledger can not be kept or shown. */
void require_ledger(void);

/* Of a file "states"; fails the test if they do not balance, to the cycle. */
void read_ledger_states(const char *path, struct ledger_states *s);
void read_vcpu_states(struct kvm_vcpu *vcpu, struct ledger_states *s);
/* False where no ledger is kept: no number in the file. */
bool ledger_is_kept(const char *path);

struct ledger_row {
	u64 cycles;
	u64 longest;
	u64 of_state[NR_LEDGER_STATES];
};

/* Of a vCPU's file "reasons" */
void read_vcpu_row(struct kvm_vcpu *vcpu, u32 reason, struct ledger_row *row);
/* What no exit has caused. */
void read_vcpu_row_of_no_exit(struct kvm_vcpu *vcpu, struct ledger_row *row);

struct durations {
	u64 exits;
	u64 missed;
	/* What half of them, and nine of ten, are shorter than or in the same bin as. */
	u64 median_from, median_below;
	u64 p90_from, p90_below;
	u64 longest_from, longest_below;
	/* Of the middles of the bins. */
	u64 sum;
};

/* Of a vCPU's file "durations"; false if they are not kept. */
bool read_vcpu_durations(struct kvm_vcpu *vcpu, u32 reason, struct durations *d);

/* Of the host's TSC, which is the clock of the ledger. */
u64 ms_to_cycles(struct kvm_vcpu *vcpu, u64 ms);

#endif /* EXIT_COUNTS_LEDGER_H */
