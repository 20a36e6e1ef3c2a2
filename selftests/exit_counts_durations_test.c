// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long exits take, by the ledger's rows and by its histograms, against the
 * tracepoints kvm_exit and kvm_entry with the TSC for their clock.
 */
#include <sys/syscall.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

FIXTURE(durations) { };

FIXTURE_SETUP(durations)
{
	write_file(PARAM_HISTOGRAM, "Y");
	write_file(PARAM_TIME, "Y");
}

FIXTURE_TEARDOWN(durations)
{
	write_file(PARAM_TIME, "N");
	write_file(PARAM_HISTOGRAM, "N");
}

enum { NR_TOUCHED_PAGES = 20 };

static void guest_do(enum exit_kind kind, u64 *page)
{
	switch (kind) {
	case EXIT_CPUID:
		guest_cpuid(0, 0);
		break;
	case EXIT_HYPERCALL:
		kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
		break;
	case EXIT_WBINVD:
		asm volatile("wbinvd" : : : "memory");
		break;
	case EXIT_PAGE_FAULT:
		WRITE_ONCE(*page, 1);
		break;
	default:
		GUEST_FAIL("Exit kind %u", kind);
	}
}

static void guest_code(enum exit_kind kind, u64 times, u64 *page)
{
	u64 i;

	for (;;) {
		GUEST_SYNC(0);
		for (i = 0; i < times; i++, page += PAGE_SIZE / sizeof(*page))
			guest_do(kind, page);
	}
}

/*
 * What the ledger and the tracepoints say of @times exits.  Return: how much more the
 * ledger says, which is what passes between the exit and kvm_exit, and between kvm_entry
 * and the entry.
 */
static u64 measure(enum exit_kind kind, unsigned int times, struct traced_exits *traced)
{
	struct ledger_row before, after;
	u64 cycles;
	u32 reason = reason_of(kind);
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = __vm_create_with_one_vcpu(&vcpu, NR_TOUCHED_PAGES, guest_code);
	vcpu_args_set(vcpu, 3, kind, times, vm_alloc_pages(vm, NR_TOUCHED_PAGES));
	run_until_ucall(vcpu, &uc);
	read_vcpu_row(vcpu, reason, &before);
	trace_durations_start(syscall(SYS_gettid), reason);
	run_until_ucall(vcpu, &uc);
	trace_durations_stop(traced);
	read_vcpu_row(vcpu, reason, &after);
	kvm_vm_free(vm);

	cycles = after.cycles - before.cycles;
	TEST_ASSERT(traced->nr >= times, "Only %u exits for %s", traced->nr,
		    reason_str(reason));
	ksft_print_msg("%s: %u exits, %lu cycles, %ld more than traced\n",
		       reason_str(reason), traced->nr, cycles,
		       (long)(cycles - traced->cycles));
	TEST_ASSERT(cycles >= traced->cycles, "%s: %lu cycles, by the tracepoints %lu",
		    reason_str(reason), cycles, traced->cycles);
	return cycles - traced->cycles;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* How much longer the same exit takes at times; one in some dozens does much more. */
static u64 spread_of(struct traced_exits *traced)
{
	qsort(traced->durations, traced->nr, sizeof(traced->durations[0]), compare);

	return traced->durations[traced->nr * 3 / 4] - traced->durations[traced->nr / 4];
}

/* In cycles: some instructions of the tracing itself. */
#define MAX_SPREAD	16

/*
 * What the ledger says more is the same for each exit, whatever its reason: seen on a
 * machine whose clock is the number of instructions, where the same work takes the same
 * time.
 */
TEST_F(durations, equal_tracepoints_but_for_a_constant)
{
	static const enum exit_kind kinds[] = {
		EXIT_CPUID, EXIT_HYPERCALL, EXIT_WBINVD, EXIT_PAGE_FAULT,
	};
	struct traced_exits *traced = calloc(1, sizeof(*traced));
	double wanted, an_exit;
	unsigned int i;
	u64 spread;

	wanted = measure(EXIT_CPUID, 8, traced) / 8.0;
	spread = spread_of(traced);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		an_exit = measure(kinds[i], NR_TOUCHED_PAGES, traced) * 1.0 / traced->nr;
		TEST_ASSERT(spread > MAX_SPREAD || (an_exit > wanted - MAX_SPREAD &&
						    an_exit < wanted + MAX_SPREAD),
			    "%s: %.2f cycles an exit more than traced, wanted %.2f",
			    reason_str(reason_of(kinds[i])), an_exit, wanted);
	}
	free(traced);
	if (spread > MAX_SPREAD)
		SKIP(return, "The same exit takes up to %lu cycles more here", spread);
}

/*
 * A bin is as wide as half of where it begins, so what its middle says of each exit is
 * true within a quarter, and then of their sum as well.
 */
TEST_F(durations, quantiles)
{
	struct traced_exits *traced = calloc(1, sizeof(*traced));
	u32 reason = reason_of(EXIT_CPUID);
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	struct durations d;
	struct kvm_vm *vm;
	struct ucall uc;
	bool same;
	u64 more;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	vcpu_args_set(vcpu, 3, EXIT_CPUID, 500, 0);
	run_until_ucall(vcpu, &uc);
	trace_durations_start(syscall(SYS_gettid), reason);
	run_until_ucall(vcpu, &uc);
	trace_durations_stop(traced);
	read_vcpu_row(vcpu, reason, &row);
	TEST_ASSERT(read_vcpu_durations(vcpu, reason, &d), "No durations are kept");
	kvm_vm_free(vm);

	TEST_ASSERT_EQ(traced->nr, 500);
	TEST_ASSERT_EQ(d.exits, 500);
	TEST_ASSERT(d.sum >= row.cycles - row.cycles / 4 &&
		    d.sum <= row.cycles + row.cycles / 4,
		    "%lu cycles, by the middles of the bins %lu", row.cycles, d.sum);
	TEST_ASSERT(row.longest >= d.longest_from && row.longest < d.longest_below,
		    "The longest took %lu cycles, the last bin is from %lu to %lu",
		    row.longest, d.longest_from, d.longest_below);

	/*
	 * The ledger sees a little more of each exit than the tracepoints do.  Where that is
	 * not the same for each, fewer than one in four has more than four times the mean of
	 * it, and fewer than one in twenty more than twenty times.
	 */
	more = (row.cycles - traced->cycles) / traced->nr + MAX_SPREAD;
	same = spread_of(traced) <= MAX_SPREAD;
	ksft_print_msg("median %lu to %lu, traced %lu; p90 %lu to %lu, traced %lu\n",
		       d.median_from, d.median_below, traced->durations[249],
		       d.p90_from, d.p90_below, traced->durations[449]);
	TEST_ASSERT(d.median_below > traced->durations[249] &&
		    d.p90_below > traced->durations[449], "Quantiles are too small");
	TEST_ASSERT(d.median_from <= traced->durations[374] + (same ? 1 : 4) * more &&
		    d.p90_from <= traced->durations[474] + (same ? 1 : 20) * more,
		    "Quantiles are too large: traced p75 %lu, p95 %lu, and %lu more",
		    traced->durations[374], traced->durations[474], more);
	free(traced);
}

static void guest_code_of_everything(void)
{
	u64 i;

	for (;;) {
		for (i = 0; i < 20; i++) {
			guest_cpuid(0, 0);
			guest_outb(PORT_OF_NOBODY, 0);
			wrmsr(MSR_IA32_TSC_DEADLINE, -1ull >> 1);
			wrmsr(MSR_IA32_SYSENTER_ESP, i);
			asm volatile("wbinvd" : : : "memory");
		}
		GUEST_SYNC(0);
	}
}

/* Each exit that was followed by an entry is in one bin, also the first of its reason. */
TEST_F(durations, each_exit_is_in_one)
{
	u64 counts[NR_BUCKETS], pending;
	struct kvm_vcpu *vcpu;
	unsigned int bucket;
	struct durations d;
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_of_everything);
	for (i = 0; i < 3; i++)
		run_until_ucall(vcpu, &uc);

	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		if (!counts[bucket])
			continue;
		TEST_ASSERT(read_vcpu_durations(vcpu, reason_of_bucket(bucket), &d),
			    "No durations are kept");
		pending = bucket == bucket_of(EXIT_IO);
		TEST_ASSERT(d.exits == counts[bucket] - pending,
			    "%s: %lu exits, %lu in bins", bucket_str(bucket),
			    counts[bucket], d.exits);
		TEST_ASSERT_EQ(d.missed, 0);
	}
	kvm_vm_free(vm);
}

TEST_F(durations, off_and_on)
{
	u32 reason = reason_of(EXIT_CPUID);
	struct kvm_vcpu *vcpu;
	struct durations d;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_of_everything);
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT(read_vcpu_durations(vcpu, reason, &d) && d.exits == 20,
		    "%lu exits", d.exits);

	write_file(PARAM_HISTOGRAM, "N");
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT(!read_vcpu_durations(vcpu, reason, &d) && !d.exits,
		    "Switched off, there are %lu exits", d.exits);

	write_file(PARAM_HISTOGRAM, "Y");
	TEST_ASSERT(read_vcpu_durations(vcpu, reason, &d) && !d.exits,
		    "Switched on, there are %lu exits", d.exits);
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT(read_vcpu_durations(vcpu, reason, &d) && d.exits == 20,
		    "%lu exits", d.exits);

	write_file(PARAM_TIME, "N");
	TEST_ASSERT(!read_vcpu_durations(vcpu, reason, &d), "Without a ledger");
	write_file(PARAM_TIME, "Y");
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT(read_vcpu_durations(vcpu, reason, &d) && d.exits == 20,
		    "%lu exits", d.exits);
	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_ledger();
	restore_at_exit(PARAM_HISTOGRAM);
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_TSC_DEADLINE_TIMER));
	__TEST_REQUIRE(trace_is_possible(), "No tracepoints here");
	trace_create_instance();

	return test_harness_run(argc, argv);
}
