// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel's code is compared with. */
#include <asm/kvm_exit_counters.h>
#include <asm/msr.h>

#include "exit_loops.h"
#include "reasons.h"

static u64 exits_of_all[EXIT_COUNTERS_SLOTS];

void load_reasons(u64 exits)
{
	u32 reason;

	for_each_exit(reason, vmx_reasons, exits)
		asm volatile("" : : "r"(reason));
}

void read_tsc(u64 times)
{
	u32 reason;

	for_each_exit(reason, vmx_reasons, times)
		asm volatile("" : : "r"(reason), "r"(rdtsc()));
}

void count_exits_naively(u64 exits)
{
	u32 reason;

	for_each_exit(reason, vmx_reasons, exits)
		asm volatile("lock addq $1, %0" : "+m"(exits_of_all[reason]));
}

void forget_naive_counts(void)
{
	for (unsigned int slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		exits_of_all[slot] = 0;
}

u64 naively_counted_exits(void)
{
	u64 exits = 0;

	for (unsigned int slot = 0; slot < EXIT_COUNTERS_SLOTS; slot++)
		exits += exits_of_all[slot];

	return exits;
}
