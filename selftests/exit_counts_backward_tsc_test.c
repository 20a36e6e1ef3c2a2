// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock of the ledger runs backwards: what nobody can book then is lost, and shown as
 * that, and is not an enormous time in whatever the vCPU did meanwhile.
 *
 * Writes the TSC of the machine that this runs on, so STEP_TSC_BACK=1 has to ask for it.
 */
#include <pthread.h>
#include <sched.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define MSR_DEVICE	"/dev/cpu/0/msr"

/* Long beside all that happens between two bookings here. */
#define STEP_MS		1000

/* IA32_TSC_ADJUST of before */
static u64 adjust;
static u64 step;

static bool read_adjust(void)
{
	int msr = open(MSR_DEVICE, O_RDONLY);
	bool r;

	r = pread(msr, &adjust, sizeof(adjust), MSR_IA32_TSC_ADJUST) == sizeof(adjust);
	close(msr);
	return r;
}

/*
 * By IA32_TSC_ADJUST, as that is exact.  The kernel puts it right when the CPU is idle,
 * once a second: it must not be before the vCPU has booked something, and what it does
 * after that is the same as what is done here.
 */
static void set_tsc_back(u64 cycles)
{
	int msr = open(MSR_DEVICE, O_WRONLY);
	u64 value = adjust - cycles;

	TEST_ASSERT(msr >= 0, "open(" MSR_DEVICE ") failed, errno: %i", errno);
	TEST_ASSERT(pwrite(msr, &value, sizeof(value), MSR_IA32_TSC_ADJUST) ==
		    sizeof(value), "IA32_TSC_ADJUST: errno %i", errno);
	close(msr);
}

static void put_tsc_right(void)
{
	set_tsc_back(0);
}

static void guest_code_outb(void)
{
	for (;;)
		guest_outb(PORT_OF_NOBODY, 0);
}

static void guest_code_halt(void)
{
	for (;;)
		asm volatile("sti; hlt");
}

static bool guest_must_stop;

static void guest_code_cpuid(void)
{
	while (!READ_ONCE(guest_must_stop))
		guest_cpuid(0, 0);
	GUEST_SYNC(0);
}

struct victim {
	u64 began;
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	/* Its file "states" */
	char path[128];
	struct ledger_states host_before;
};

FIXTURE(backward_tsc)
{
	struct victim victim;
};

FIXTURE_SETUP(backward_tsc)
{
	cpu_set_t first;

	/* What a test that has failed may have left. */
	set_tsc_back(0);
	/* Whose TSC it is. */
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(first), &first),
		    "sched_setaffinity() failed, errno: %i", errno);
	write_file(PARAM_TIME, "Y");
}

FIXTURE_TEARDOWN(backward_tsc)
{
	write_file(PARAM_TIME, "N");
}

/* What the vCPU did last is booked after this. */
static void begin(struct victim *v, void *guest_code)
{
	v->began = rdtsc();
	v->vm = vm_create_with_one_vcpu(&v->vcpu, guest_code);
	vm_debugfs_file(v->vm, "vcpu0/states", v->path, sizeof(v->path));
	step = ms_to_cycles(v->vcpu, STEP_MS);
	read_ledger_states(DEBUGFS_DIR "/states", &v->host_before);
}

/*
 * At least what the TSC was moved by is lost, but for the time that has really passed.
 * All else is as if that had not been: no state, and no exit, has taken that long.
 */
static void assert_lost(struct victim *v, enum exit_kind last_exit)
{
	u64 passed = rdtsc() + step - v->began;
	struct ledger_states s;
	struct ledger_row row;
	unsigned int state;

	TEST_ASSERT(passed < step / 2, "It took %lu cycles to move the TSC by %lu", passed,
		    step);
	read_ledger_states(v->path, &s);
	TEST_ASSERT(s.lost <= step && s.lost >= step - passed,
		    "%lu cycles are lost, of %lu, in %lu", s.lost, step, passed);
	TEST_ASSERT(s.booked <= passed, "%lu cycles are booked in %lu", s.booked, passed);
	for (state = 0; state < NR_LEDGER_STATES; state++)
		TEST_ASSERT(s.cycles[state] <= passed && s.open[state] <= passed,
			    "%s: %lu cycles, %lu open, in %lu", ledger_state_names[state],
			    s.cycles[state], s.open[state], passed);
	read_vcpu_row(v->vcpu, reason_of(last_exit), &row);
	TEST_ASSERT(row.longest <= passed, "The longest exit took %lu cycles in %lu",
		    row.longest, passed);

	/* Of the host, also when the VM has ended. */
	read_ledger_states(DEBUGFS_DIR "/states", &s);
	TEST_ASSERT(s.lost - v->host_before.lost <= step &&
		    s.lost - v->host_before.lost >= step - passed,
		    "The host has lost %lu cycles, of %lu", s.lost - v->host_before.lost,
		    step);
	kvm_vm_free(v->vm);
	set_tsc_back(0);
	read_ledger_states(DEBUGFS_DIR "/states", &s);
	TEST_ASSERT(s.lost - v->host_before.lost >= step - passed &&
		    s.booked - v->host_before.booked <= passed,
		    "VM ended, the host has lost %lu of %lu cycles, booked %lu in %lu",
		    s.lost - v->host_before.lost, step,
		    s.booked - v->host_before.booked, passed);
}

TEST_F(backward_tsc, in_the_vmm)
{
	struct victim *v = &self->victim;
	struct ledger_states states;

	begin(v, guest_code_outb);
	vcpu_run(v->vcpu);
	vcpu_run(v->vcpu);
	read_ledger_states(v->path, &states);
	TEST_ASSERT(states.open[LEDGER_VMM], "It is not the VMM's turn");

	set_tsc_back(step);
	/* Nobody knows for how long it is. */
	read_ledger_states(v->path, &states);
	TEST_ASSERT(!states.open[LEDGER_VMM] && !states.lost,
		    "Open for %lu cycles, %lu lost", states.open[LEDGER_VMM],
		    states.lost);
	vcpu_run(v->vcpu);
	vcpu_run(v->vcpu);
	assert_lost(v, EXIT_IO);
}

TEST_F(backward_tsc, stopped)
{
	struct victim *v = &self->victim;
	struct ledger_states states;

	begin(v, guest_code_outb);
	vcpu_run(v->vcpu);
	v->vcpu->run->immediate_exit = 1;
	TEST_ASSERT(__vcpu_run(v->vcpu) == -1 && errno == EINTR,
		    "KVM_RUN with immediate_exit: errno %i", errno);
	v->vcpu->run->immediate_exit = 0;
	read_ledger_states(v->path, &states);
	TEST_ASSERT(states.open[LEDGER_STOPPED], "It is not said to be stopped");

	set_tsc_back(step);
	vcpu_run(v->vcpu);
	vcpu_run(v->vcpu);
	assert_lost(v, EXIT_IO);
}

static void handle_signal(int sig)
{
}

static void *run_once(void *vcpu)
{
	int r = __vcpu_run(vcpu);

	TEST_ASSERT(!r || errno == EINTR, "KVM_RUN: %i, errno %i", r, errno);
	return NULL;
}

static bool is_in(const char *path, enum ledger_state state)
{
	struct ledger_states s;

	read_ledger_states(path, &s);
	return s.open[state];
}

/* Asleep in KVM, until somebody wakes it. */
TEST_F(backward_tsc, halted)
{
	struct sigaction action = { .sa_handler = handle_signal };
	struct victim *v = &self->victim;
	pthread_t runner;

	begin(v, guest_code_halt);
	TEST_ASSERT(!sigaction(SIGUSR1, &action, NULL), "sigaction() failed");
	TEST_ASSERT(!pthread_create(&runner, NULL, run_once, v->vcpu),
		    "pthread_create() failed");
	TEST_ASSERT(wait_until(is_in(v->path, LEDGER_HALTED)), "It is not halted");

	set_tsc_back(step);
	TEST_ASSERT(!pthread_kill(runner, SIGUSR1), "pthread_kill() failed");
	TEST_ASSERT(!pthread_join(runner, NULL), "pthread_join() failed");
	assert_lost(v, EXIT_HLT);
}

/* This thread has the CPU, so that one has not. */
TEST_F(backward_tsc, preempted)
{
	struct victim *v = &self->victim;
	pthread_t runner;

	begin(v, guest_code_cpuid);
	TEST_ASSERT(!pthread_create(&runner, NULL, run_once, v->vcpu),
		    "pthread_create() failed");
	TEST_ASSERT(wait_until(is_in(v->path, LEDGER_PREEMPTED)), "It is not preempted");

	guest_must_stop = true;
	sync_global_to_guest(v->vm, guest_must_stop);
	set_tsc_back(step);
	TEST_ASSERT(!pthread_join(runner, NULL), "pthread_join() failed");
	assert_lost(v, EXIT_CPUID);
}

/* Half of the range is what the ledger takes for no time, see EXIT_LEDGER_SLOW. */
TEST_F(backward_tsc, halfway_is_refused)
{
	struct kmsg_lines lines[] = {
		{ "", "exit_counters_time: the TSC of this machine is 2^63 or above" },
		{ }
	};
	char on[8];
	int r;

	write_file(PARAM_TIME, "N");
	kmsg_start();
	set_tsc_back(1ull << 63);
	r = try_write_file(PARAM_TIME, "Y");
	set_tsc_back(0);
	TEST_ASSERT(r == -EOPNOTSUPP, "exit_counters_time=Y: %i", r);
	read_line(PARAM_TIME, on, sizeof(on));
	TEST_ASSERT(on[0] == 'N', "Refused, it is %s", on);
	kmsg_count(lines);
	TEST_ASSERT_EQ(lines[0].nr, 1);
	write_file(PARAM_TIME, "Y");
}

int main(int argc, char **argv)
{
	const char *wanted = getenv("STEP_TSC_BACK");

	__TEST_REQUIRE(wanted && !strcmp(wanted, "1"),
		       "STEP_TSC_BACK=1 does not say that the TSC may be written");
	require_ledger();
	__TEST_REQUIRE(this_cpu_has(X86_FEATURE_TSC_ADJUST),
		       "This CPU has no IA32_TSC_ADJUST");
	__TEST_REQUIRE(file_exists(MSR_DEVICE), "No " MSR_DEVICE);
	TEST_ASSERT(read_adjust(), "IA32_TSC_ADJUST: errno %i", errno);
	atexit(put_tsc_right);

	return test_harness_run(argc, argv);
}
