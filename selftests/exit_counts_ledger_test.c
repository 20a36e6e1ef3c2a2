// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a vCPU's time goes: each state has what belongs to it, by clocks that are
 * not KVM's, and all of them together are all the time, to the cycle.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "apic.h"
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* Long beside what an emulated host on a busy machine loses. */
#define SLEEP_MS	100

static void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

FIXTURE(ledger) { };

FIXTURE_SETUP(ledger)
{
	write_file(PARAM_TIME, "Y");
}

FIXTURE_TEARDOWN(ledger)
{
	write_file(PARAM_TIME, "N");
}

static void difference(const struct ledger_states *before,
		       const struct ledger_states *after, u64 cycles[NR_LEDGER_STATES])
{
	unsigned int state;

	for (state = 0; state < NR_LEDGER_STATES; state++)
		cycles[state] = after->cycles[state] - before->cycles[state];
}

/*
 * That @slept has at least @ms more, and none of the others half of that: but for
 * stopped, which is what this thread is otherwise.
 */
static void assert_slept(struct kvm_vcpu *vcpu, const struct ledger_states *before,
			 const struct ledger_states *after, enum ledger_state slept,
			 unsigned int ms)
{
	u64 cycles[NR_LEDGER_STATES], wanted = ms_to_cycles(vcpu, ms);
	unsigned int state;

	difference(before, after, cycles);
	for (state = 0; state < NR_LEDGER_STATES; state++) {
		if (state == LEDGER_STOPPED && slept != LEDGER_STOPPED)
			continue;
		TEST_ASSERT(state == slept ? cycles[state] >= wanted :
					     cycles[state] < wanted / 2,
			    "%s: %lu cycles, slept %u ms (%lu cycles) in state %s",
			    ledger_state_names[state], cycles[state], ms, wanted,
			    ledger_state_names[slept]);
	}
}

/*
 * Nothing is left over: what is booked, and what is open, is all the time since the
 * vCPU's ledger began, which was between two moments.
 */
static void assert_all_time(const char *path, u64 begins_after, u64 begins_before)
{
	u64 total, read_after = rdtsc(), read_before;
	struct ledger_states s;
	unsigned int state;

	read_ledger_states(path, &s);
	read_before = rdtsc();
	for (state = 0, total = s.booked; state < NR_LEDGER_STATES; state++)
		total += s.open[state];
	TEST_ASSERT(total >= read_after - begins_before &&
		    total <= read_before - begins_after,
		    "%lu cycles, in %lu to %lu", total, read_after - begins_before,
		    read_before - begins_after);
	TEST_ASSERT_EQ(s.lost, 0);
}

static void guest_code_everything(void)
{
	u64 i;

	for (;;) {
		for (i = 0; i < 20; i++) {
			guest_cpuid(0, 0);
			guest_outb(PORT_OF_NOBODY, 0);
			wrmsr(MSR_IA32_TSC_DEADLINE, -1ull >> 1);
			wrmsr(MSR_IA32_SYSENTER_ESP, i);
		}
		GUEST_SYNC(0);
	}
}

TEST_F(ledger, balances)
{
	struct ledger_states last = { 0 }, now;
	u64 begins_after, begins_before = 0;
	char vm_states[128];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	int i;

	if (!no_vms_are_shown())
		SKIP(return, "Other VMs are running");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	vm_debugfs_file(vm, "states", vm_states, sizeof(vm_states));
	begins_after = rdtsc();
	for (i = 0; i < 20; i++) {
		run_until_ucall(vcpu, &uc);
		if (!i)
			begins_before = rdtsc();
		assert_all_time(vm_states, begins_after, begins_before);
		read_vcpu_states(vcpu, &now);
		TEST_ASSERT(now.cycles[LEDGER_GUEST] > last.cycles[LEDGER_GUEST] &&
			    now.cycles[LEDGER_KERNEL] > last.cycles[LEDGER_KERNEL] &&
			    now.cycles[LEDGER_VMM] > last.cycles[LEDGER_VMM],
			    "No more time in the guest, the kernel or the VMM");
		TEST_ASSERT(now.open[LEDGER_VMM] || now.open[LEDGER_STOPPED],
			    "The vCPU is said to be in KVM");
		last = now;
		read_ledger_states(vm_states, &now);
		TEST_ASSERT_EQ(now.booked, last.booked);
		read_ledger_states(DEBUGFS_DIR "/states", &now);
	}
	TEST_ASSERT_EQ(last.lost, 0);
	kvm_vm_free(vm);

	read_ledger_states(DEBUGFS_DIR "/states", &now);
	TEST_ASSERT_EQ(now.booked, last.booked);
}

static void guest_code_outb(void)
{
	for (;;) {
		guest_outb(PORT_OF_NOBODY, 0);
		guest_cpuid(0, 0);
	}
}

TEST_F(ledger, vmm_sleeps)
{
	u32 io = reason_of(EXIT_IO), cpuid = reason_of(EXIT_CPUID);
	struct ledger_row io_before, io_after, cpuid_row;
	struct ledger_states before, after;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &before);
	read_vcpu_row(vcpu, io, &io_before);
	sleep_ms(SLEEP_MS);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &after);
	read_vcpu_row(vcpu, io, &io_after);
	read_vcpu_row(vcpu, cpuid, &cpuid_row);

	assert_slept(vcpu, &before, &after, LEDGER_VMM, SLEEP_MS);
	TEST_ASSERT_EQ(io_after.of_state[LEDGER_VMM] - io_before.of_state[LEDGER_VMM],
		       after.cycles[LEDGER_VMM] - before.cycles[LEDGER_VMM]);
	TEST_ASSERT_EQ(cpuid_row.of_state[LEDGER_VMM], 0);
	TEST_ASSERT(io_after.longest >= ms_to_cycles(vcpu, SLEEP_MS),
		    "The longest exit took %lu cycles", io_after.longest);
	kvm_vm_free(vm);
}

/* Each exit has its own duration, whatever the one before took. */
TEST_F(ledger, longest_is_of_one_exit)
{
	u64 began, limit = 0;
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	for (i = 0; i < 4; i++) {
		began = rdtsc();
		vcpu_run(vcpu);
		sleep_ms(SLEEP_MS);
		vcpu_run(vcpu);
		limit = max(limit, rdtsc() - began);
	}
	read_vcpu_row(vcpu, reason_of(EXIT_IO), &row);
	TEST_ASSERT(row.longest >= ms_to_cycles(vcpu, SLEEP_MS) && row.longest <= limit,
		    "The longest exit took %lu cycles, of %lu at most", row.longest, limit);
	kvm_vm_free(vm);
}

/* A VM that is paused: it costs nobody anything, and no exit is long for it. */
TEST_F(ledger, stopped)
{
	struct ledger_row before_row, after_row;
	struct ledger_states before, after;
	u32 io = reason_of(EXIT_IO);
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	vcpu_run(vcpu);
	vcpu->run->immediate_exit = 1;
	TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EINTR,
		    "KVM_RUN with immediate_exit: errno %i", errno);
	vcpu->run->immediate_exit = 0;
	read_vcpu_states(vcpu, &before);
	read_vcpu_row(vcpu, io, &before_row);
	TEST_ASSERT(before.open[LEDGER_STOPPED], "It is not said to be stopped");

	sleep_ms(10 * SLEEP_MS);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &after);
	read_vcpu_row(vcpu, io, &after_row);
	assert_slept(vcpu, &before, &after, LEDGER_STOPPED, 10 * SLEEP_MS);
	TEST_ASSERT(after_row.longest < ms_to_cycles(vcpu, 10 * SLEEP_MS),
		    "The longest exit took %lu cycles", after_row.longest);
	kvm_vm_free(vm);
}

/* So is one whose debugger looks at it. */
TEST_F(ledger, stopped_by_debugger)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};
	struct ledger_states before, after;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	vcpu_guest_debug_set(vcpu, &debug);
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_DEBUG);
	read_vcpu_states(vcpu, &before);
	TEST_ASSERT(before.open[LEDGER_STOPPED], "It is not said to be stopped");

	sleep_ms(SLEEP_MS);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &after);
	assert_slept(vcpu, &before, &after, LEDGER_STOPPED, SLEEP_MS);
	kvm_vm_free(vm);
}

static void *run_once(void *vcpu)
{
	int r = __vcpu_run(vcpu);

	TEST_ASSERT(!r || errno == EINTR, "KVM_RUN: %i, errno %i", r, errno);
	return NULL;
}

static void handle_signal(int sig)
{
}

/* Blocks in KVM_RUN, and is waited for until it does. */
static void start_blocking(struct kvm_vcpu *vcpu, int stats, pthread_t *runner)
{
	struct sigaction action = { .sa_handler = handle_signal };

	TEST_ASSERT(!sigaction(SIGUSR1, &action, NULL), "sigaction() failed");
	TEST_ASSERT(!pthread_create(runner, NULL, run_once, vcpu),
		    "pthread_create() failed");
	TEST_ASSERT(wait_until(read_stat_fd(stats, "blocking")), "It does not block");
}

static void stop_blocking(pthread_t runner)
{
	TEST_ASSERT(!pthread_kill(runner, SIGUSR1), "pthread_kill() failed");
	TEST_ASSERT(!pthread_join(runner, NULL), "pthread_join() failed");
}

static void assert_waits_for_sipi(struct kvm_vcpu *vcpu, int stats)
{
	struct ledger_states before, after;
	pthread_t runner;

	read_vcpu_states(vcpu, &before);
	start_blocking(vcpu, stats, &runner);
	sleep_ms(SLEEP_MS);
	stop_blocking(runner);
	read_vcpu_states(vcpu, &after);
	assert_slept(vcpu, &before, &after, LEDGER_HALTED, SLEEP_MS);
	TEST_ASSERT(after.open[LEDGER_STOPPED], "It is not said to be stopped");
}

/* A vCPU of a guest that has not started it yet: before INIT, and then before SIPI. */
TEST_F(ledger, halted_before_sipi)
{
	struct kvm_mp_state mp_state = { KVM_MP_STATE_UNINITIALIZED };
	struct kvm_vcpu_events events;
	struct ledger_states states;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	int stats;

	vm = vm_create(2);
	vm_vcpu_add(vm, 0, guest_code_outb);
	vcpu = vm_vcpu_add(vm, 1, guest_code_outb);
	stats = vcpu_get_stats_fd(vcpu);
	vcpu_mp_state_set(vcpu, &mp_state);
	assert_waits_for_sipi(vcpu, stats);

	/* An INIT: KVM_RUN returns for no exit's sake. */
	vcpu_events_get(vcpu, &events);
	events.flags |= KVM_VCPUEVENT_VALID_SMM;
	events.smi.latched_init = 1;
	vcpu_events_set(vcpu, &events);
	TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EAGAIN, "KVM_RUN after INIT: errno %i",
		    errno);
	read_vcpu_states(vcpu, &states);
	TEST_ASSERT(states.open[LEDGER_STOPPED], "After INIT, it is not said to be stopped");

	assert_waits_for_sipi(vcpu, stats);
	close(stats);
	kvm_vm_free(vm);
}

#define VECTOR	0x30

static void guest_irq_handler(struct ex_regs *regs)
{
	x2apic_write_reg(APIC_EOI, 0);
}

static void guest_code_sleep(u64 cycles)
{
	x2apic_enable();
	x2apic_write_reg(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | VECTOR);
	for (;;) {
		wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + cycles);
		asm volatile("sti; hlt; cli");
		GUEST_SYNC(0);
	}
}

TEST_F(ledger, halted)
{
	struct ledger_states before, after;
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_sleep);
	vcpu_set_cpuid_feature(vcpu, X86_FEATURE_TSC_DEADLINE_TIMER);
	vm_install_exception_handler(vm, VECTOR, guest_irq_handler);
	/* By a clock that runs before the guest sleeps. */
	vcpu_args_set(vcpu, 1, ms_to_cycles(vcpu, 2 * SLEEP_MS));
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &before);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &after);
	read_vcpu_row(vcpu, reason_of(EXIT_HLT), &row);
	assert_slept(vcpu, &before, &after, LEDGER_HALTED, SLEEP_MS);
	TEST_ASSERT_EQ(row.of_state[LEDGER_HALTED], after.cycles[LEDGER_HALTED]);
	kvm_vm_free(vm);
}

/* struct sched_poll of Xen, and the hypercall that takes one. */
struct xen_sched_poll {
	u32 *ports;
	u32 nr_ports;
	u64 timeout_ns;
};

#define XEN_HYPERCALL_SCHED_OP	29
#define XEN_SCHEDOP_POLL	3

static void guest_code_xen_poll(u64 ns)
{
	u32 port = 1;
	struct xen_sched_poll poll = {
		.ports = &port,
		.nr_ports = 1,
		.timeout_ns = ns,
	};

	for (;;) {
		xen_hypercall(XEN_HYPERCALL_SCHED_OP, XEN_SCHEDOP_POLL, &poll);
		GUEST_SYNC(0);
	}
}

static void be_xen(struct kvm_vm *vm)
{
	struct kvm_xen_hvm_config config = {
		.flags = KVM_XEN_HVM_CONFIG_INTERCEPT_HCALL |
			 KVM_XEN_HVM_CONFIG_EVTCHN_SEND,
		.msr = 0x40000000,
	};
	struct kvm_xen_hvm_attr long_mode = {
		.type = KVM_XEN_ATTR_TYPE_LONG_MODE,
		.u.long_mode = 1,
	};
	struct kvm_xen_hvm_attr shared_info = {
		.type = KVM_XEN_ATTR_TYPE_SHARED_INFO,
		.u.shared_info.gfn = addr_gva2gpa(vm, vm_alloc_page(vm)) >> 12,
	};

	vm_ioctl(vm, KVM_XEN_HVM_CONFIG, &config);
	vm_ioctl(vm, KVM_XEN_HVM_SET_ATTR, &long_mode);
	vm_ioctl(vm, KVM_XEN_HVM_SET_ATTR, &shared_info);
}

/* A guest of Xen's can sleep in a hypercall, for which KVM does not leave its handler. */
TEST_F(ledger, halted_in_xen_poll)
{
	struct ledger_states before, after;
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	if (!(kvm_check_cap(KVM_CAP_XEN_HVM) & KVM_XEN_HVM_CONFIG_EVTCHN_SEND))
		SKIP(return, "KVM is no Xen");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_xen_poll);
	be_xen(vm);
	vcpu_args_set(vcpu, 1, (SLEEP_MS + SLEEP_MS / 4) * 1000000ul);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &before);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &after);
	read_vcpu_row(vcpu, reason_of(EXIT_HYPERCALL), &row);
	assert_slept(vcpu, &before, &after, LEDGER_HALTED, SLEEP_MS);
	TEST_ASSERT_EQ(row.of_state[LEDGER_HALTED], after.cycles[LEDGER_HALTED]);
	kvm_vm_free(vm);
}

static u64 halted_ns(struct kvm_vcpu *vcpu)
{
	return read_stat(vcpu, "halt_wait_ns") +
	       read_stat(vcpu, "halt_poll_success_ns") +
	       read_stat(vcpu, "halt_poll_fail_ns");
}

static u64 guest_sleep;

/*
 * Another interrupt follows each, as an emulated CPU may serve one between STI and HLT,
 * and nothing would end the sleep that begins then.
 */
static void guest_timer_handler(struct ex_regs *regs)
{
	x2apic_write_reg(APIC_EOI, 0);
	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + guest_sleep);
}

static void guest_sleep_for(u64 cycles)
{
	u64 end = rdtsc() + cycles;

	guest_sleep = cycles;
	wrmsr(MSR_IA32_TSC_DEADLINE, end);
	while (rdtsc() < end)
		asm volatile("sti; hlt; cli" : : : "memory");
}

/* One long sleep, for which KVM does not poll, and then short ones, for which it does. */
static void guest_code_sleep_and_nap(u64 sleep, u64 nap)
{
	unsigned int i;

	x2apic_enable();
	x2apic_write_reg(APIC_LVTT, APIC_LVT_TIMER_TSCDEADLINE | VECTOR);
	for (;;) {
		guest_sleep_for(sleep);
		for (i = 0; i < 10; i++)
			guest_sleep_for(nap);
		GUEST_SYNC(0);
	}
}

/*
 * By KVM's statistics.  Their clock begins a little later than the ledger's and ends a
 * little earlier: a hundredth of the time is a millisecond for each ten halts, where it
 * is some microseconds in each.  They are of CLOCK_MONOTONIC, which may be slewed by a
 * two thousandth.
 */
TEST_F(ledger, halted_equals_statistics)
{
	struct ledger_states before, after;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	u64 ns, cycles;
	int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_sleep_and_nap);
	vcpu_set_cpuid_feature(vcpu, X86_FEATURE_TSC_DEADLINE_TIMER);
	vm_install_exception_handler(vm, VECTOR, guest_timer_handler);
	vcpu_args_set(vcpu, 2, ms_to_cycles(vcpu, SLEEP_MS), ms_to_cycles(vcpu, 1) / 5);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &before);
	ns = halted_ns(vcpu);
	for (i = 0; i < 5; i++)
		run_until_ucall(vcpu, &uc);
	ns = halted_ns(vcpu) - ns;
	read_vcpu_states(vcpu, &after);

	cycles = after.cycles[LEDGER_HALTED] - before.cycles[LEDGER_HALTED];
	ns = ms_to_cycles(vcpu, 1) * ns / 1000000;
	TEST_ASSERT(ns >= ms_to_cycles(vcpu, 5 * SLEEP_MS), "Halted for %lu cycles", ns);
	TEST_ASSERT(cycles >= ns - ns / 1000 && cycles <= ns + ns / 100,
		    "Halted for %lu cycles, KVM says %lu", cycles, ns);
	kvm_vm_free(vm);
}

/* More of the same, but from files and in guests: see exit_counts_guests_test.sh. */
static int uffd;
static void *uffd_page;

/* Long beside what KVM does for a page, on a kernel that looks for mistakes. */
#define PAGE_MS		(4 * SLEEP_MS)

static void *serve_fault_late(void *unused)
{
	struct uffdio_zeropage zeros = {
		.range.start = (unsigned long)uffd_page,
		.range.len = getpagesize(),
	};
	struct pollfd fault = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	TEST_ASSERT(poll(&fault, 1, -1) == 1 &&
		    read(uffd, &msg, sizeof(msg)) == sizeof(msg), "No page fault");
	/* The vCPU is not asleep at once: where KVM has a worker for it, that looks first. */
	sleep_ms(PAGE_MS + PAGE_MS / 4);
	TEST_ASSERT(!ioctl(uffd, UFFDIO_ZEROPAGE, &zeros),
		    "UFFDIO_ZEROPAGE failed, errno: %i", errno);
	return NULL;
}

static void guest_code_touch(u64 *page, bool interrupts)
{
	READ_ONCE(*page);
	GUEST_SYNC(0);
	if (interrupts)
		asm volatile("sti; nop");
	READ_ONCE(*(page + PAGE_SIZE / sizeof(*page)));
	asm volatile("cli");
	GUEST_SYNC(0);
}

static void assert_waits_for_page(bool interrupts)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct ledger_states before, after;
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	pthread_t server;
	struct kvm_vm *vm;
	gva_t pages;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_touch);
	pages = vm_alloc_pages(vm, 2);
	vcpu_args_set(vcpu, 2, pages, interrupts);
	run_until_ucall(vcpu, &uc);

	uffd_page = addr_gva2hva(vm, pages + getpagesize());
	madvise(uffd_page, getpagesize(), MADV_DONTNEED);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	TEST_ASSERT(uffd >= 0, "userfaultfd() failed, errno: %i", errno);
	TEST_ASSERT(!ioctl(uffd, UFFDIO_API, &api), "UFFDIO_API: errno %i", errno);
	range.range.start = (unsigned long)uffd_page;
	range.range.len = getpagesize();
	TEST_ASSERT(!ioctl(uffd, UFFDIO_REGISTER, &range),
		    "UFFDIO_REGISTER failed, errno: %i", errno);
	TEST_ASSERT(!pthread_create(&server, NULL, serve_fault_late, NULL),
		    "pthread_create() failed");

	read_vcpu_states(vcpu, &before);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &after);
	read_vcpu_row(vcpu, reason_of(EXIT_PAGE_FAULT), &row);
	TEST_ASSERT(!pthread_join(server, NULL), "pthread_join() failed");
	assert_slept(vcpu, &before, &after, LEDGER_WAITING, PAGE_MS);
	TEST_ASSERT(row.of_state[LEDGER_WAITING] >= ms_to_cycles(vcpu, PAGE_MS),
		    "%lu cycles of waiting in page faults",
		    row.of_state[LEDGER_WAITING]);
	close(uffd);
	kvm_vm_free(vm);
}

/* Swap, or a page of a VM that is on its way from another host. */
TEST_F(ledger, waiting)
{
	assert_waits_for_page(false);
}

/* A guest that could be interrupted is halted by KVM meanwhile, but not by itself. */
TEST_F(ledger, waiting_with_interrupts_enabled)
{
	assert_waits_for_page(true);
}

static u64 run_delay_ns(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/schedstat",
		 syscall(SYS_gettid));
	return read_number(path, "%*u %lu");
}

static bool stop_spinning;

static void *spin(void *unused)
{
	while (!READ_ONCE(stop_spinning))
		;
	return NULL;
}

static void pin_to_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(set), &set),
		    "sched_setaffinity() failed, errno: %i", errno);
}

static void guest_code_spin(u64 cycles)
{
	u64 began;

	for (;;) {
		began = rdtsc();
		while (rdtsc() - began < cycles)
			guest_cpuid(0, 0);
		GUEST_SYNC(0);
	}
}

/* By the scheduler's own clock. */
TEST_F(ledger, preempted)
{
	struct ledger_states before, after;
	u64 delay, wanted, preempted;
	struct kvm_vcpu *vcpu;
	pthread_t spinner;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_spin);
	vcpu_args_set(vcpu, 1, ms_to_cycles(vcpu, 200));
	pin_to_this_cpu();
	run_until_ucall(vcpu, &uc);
	TEST_ASSERT(!pthread_create(&spinner, NULL, spin, NULL),
		    "pthread_create() failed");
	read_vcpu_states(vcpu, &before);
	delay = run_delay_ns();
	run_until_ucall(vcpu, &uc);
	delay = run_delay_ns() - delay;
	read_vcpu_states(vcpu, &after);
	WRITE_ONCE(stop_spinning, true);
	TEST_ASSERT(!pthread_join(spinner, NULL), "pthread_join() failed");

	wanted = ms_to_cycles(vcpu, 1) * delay / 1000000;
	preempted = after.cycles[LEDGER_PREEMPTED] - before.cycles[LEDGER_PREEMPTED];
	TEST_ASSERT(delay > 20000000, "The other thread took only %lu ns", delay);
	TEST_ASSERT(preempted > wanted * 8 / 10 && preempted < wanted * 12 / 10,
		    "%lu cycles, the scheduler says %lu ns: %lu cycles", preempted,
		    delay, wanted);
	kvm_vm_free(vm);
}

/* It stays where it is, and whoever reads sees since when. */
TEST_F(ledger, never_run_again)
{
	struct ledger_states before, after;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u64 began, ended;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &before);
	began = rdtsc();
	sleep_ms(SLEEP_MS);
	ended = rdtsc();
	read_vcpu_states(vcpu, &after);
	TEST_ASSERT_EQ(before.booked, after.booked);
	TEST_ASSERT(after.open[LEDGER_VMM] - before.open[LEDGER_VMM] >= ended - began,
		    "Open for %lu, then %lu cycles, %lu later", before.open[LEDGER_VMM],
		    after.open[LEDGER_VMM], ended - began);
	kvm_vm_free(vm);
}

/* An entry that is cancelled at the last moment is no time in the guest, and no exit. */
TEST_F(ledger, cancelled_entry)
{
	u64 counts[NR_BUCKETS], nr_exits;
	struct kvm_signal_mask *mask;
	struct ledger_states before, after;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	sigset_t set;
	int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	vcpu_run(vcpu);

	/* Pending, and blocked but in KVM_RUN, which sees it on the way into the guest. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	TEST_ASSERT(!pthread_sigmask(SIG_BLOCK, &set, NULL), "pthread_sigmask() failed");
	mask = calloc(1, sizeof(*mask) + sizeof(u64));
	mask->len = sizeof(u64);
	vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, mask);
	TEST_ASSERT(!pthread_kill(pthread_self(), SIGUSR1), "pthread_kill() failed");

	read_vcpu_states(vcpu, &before);
	read_exit_counts(vcpu, counts);
	nr_exits = sum_exit_counts(counts);
	for (i = 0; i < 20; i++) {
		TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EINTR,
			    "KVM_RUN with a signal pending: errno %i", errno);
		read_vcpu_states(vcpu, &after);
		TEST_ASSERT(after.open[LEDGER_STOPPED], "It is not said to be stopped");
	}
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(sum_exit_counts(counts), nr_exits);
	TEST_ASSERT_EQ(after.cycles[LEDGER_GUEST], before.cycles[LEDGER_GUEST]);
	TEST_ASSERT(after.cycles[LEDGER_KERNEL] > before.cycles[LEDGER_KERNEL],
		    "20 times into KVM took no time");

	TEST_ASSERT(sigwaitinfo(&set, NULL) == SIGUSR1, "sigwaitinfo() failed");
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
	read_vcpu_states(vcpu, &after);
	TEST_ASSERT(after.cycles[LEDGER_GUEST] > before.cycles[LEDGER_GUEST],
		    "No time in the guest");
	free(mask);
	kvm_vm_free(vm);
}

static struct kvm_run *interrupted_run;

static void alarm_handler(int sig)
{
	interrupted_run->immediate_exit = 1;
}

/* Entries are cancelled, fastpaths are left, and whoever looks meanwhile sees a balance. */
TEST_F(ledger, balances_with_signals)
{
	struct sigaction action = { .sa_handler = alarm_handler };
	struct itimerval timer = { .it_interval.tv_usec = 2000, .it_value.tv_usec = 2000 };
	struct ledger_states last = { 0 }, now;
	unsigned int i, nr_interrupted = 0;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u64 began;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	interrupted_run = vcpu->run;
	TEST_ASSERT(!sigaction(SIGALRM, &action, NULL), "sigaction() failed");
	TEST_ASSERT(!setitimer(ITIMER_REAL, &timer, NULL), "setitimer() failed");
	began = rdtsc();
	for (i = 0; i < 200 || (nr_interrupted < 10 && i < 100000); i++) {
		vcpu->run->immediate_exit = 0;
		nr_interrupted += !!__vcpu_run(vcpu);
		read_vcpu_states(vcpu, &now);
		TEST_ASSERT(now.booked >= last.booked &&
			    now.booked <= rdtsc() - began, "%lu cycles, then %lu, of %lu",
			    last.booked, now.booked, rdtsc() - began);
		last = now;
	}
	timer = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
	TEST_ASSERT(nr_interrupted >= 10, "%u KVM_RUN of %u were interrupted", nr_interrupted, i);
	TEST_ASSERT_EQ(now.lost, 0);
	kvm_vm_free(vm);
}

static bool stop_reading;

static void *read_all_the_time(void *path)
{
	struct ledger_states last = { 0 }, now;
	unsigned long nr = 0;

	while (!READ_ONCE(stop_reading)) {
		read_ledger_states(path, &now);
		TEST_ASSERT(now.booked >= last.booked, "%lu cycles, then %lu",
			    last.booked, now.booked);
		last = now;
		nr++;
	}
	return (void *)nr;
}

/* Whoever reads while the vCPU runs. */
TEST_F(ledger, balances_while_it_runs)
{
	char path[128];
	struct kvm_vcpu *vcpu;
	pthread_t reader;
	struct kvm_vm *vm;
	struct ucall uc;
	void *nr_read;
	int i;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	WRITE_ONCE(stop_reading, false);
	TEST_ASSERT(!pthread_create(&reader, NULL, read_all_the_time, path),
		    "pthread_create() failed");
	for (i = 0; i < 300; i++)
		run_until_ucall(vcpu, &uc);
	WRITE_ONCE(stop_reading, true);
	TEST_ASSERT(!pthread_join(reader, &nr_read), "pthread_join() failed");
	TEST_ASSERT(nr_read, "Nothing was read");
	kvm_vm_free(vm);
}

/* An entry that fails is an exit, and is a vCPU's that runs no more. */
TEST_F(ledger, failed_vm_entry)
{
	struct ledger_states states;
	struct ledger_row row;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	make_state_invalid(vcpu);
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
	read_vcpu_states(vcpu, &states);
	read_vcpu_row(vcpu, reason_of(EXIT_INVALID_STATE), &row);
	TEST_ASSERT(row.of_state[LEDGER_KERNEL], "No time in the failed entry");
	TEST_ASSERT(states.open[LEDGER_VMM], "It is not the VMM's turn");
	kvm_vm_free(vm);
}

/* VMX can refuse to enter, for what it is told to inject: neither an exit nor a guest. */
TEST_F(ledger, refused_vm_entry)
{
	u64 counts[NR_BUCKETS], nr_exits;
	struct ledger_states before, after;
	struct kvm_vcpu_events events;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	if (host_cpu_is_amd)
		SKIP(return, "On SVM, an entry that fails is an exit");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vcpu_run(vcpu);
	vcpu_run(vcpu);
	read_vcpu_states(vcpu, &before);
	read_exit_counts(vcpu, counts);
	nr_exits = sum_exit_counts(counts);

	/* An error code with an exception that has none. */
	vcpu_events_get(vcpu, &events);
	events.exception.injected = 1;
	events.exception.nr = UD_VECTOR;
	events.exception.has_error_code = 1;
	vcpu_events_set(vcpu, &events);
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
	read_exit_counts(vcpu, counts);
	TEST_ASSERT_EQ(sum_exit_counts(counts), nr_exits);

	/* Nor is what follows. */
	sleep_ms(SLEEP_MS);
	vcpu->run->immediate_exit = 1;
	TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EINTR,
		    "KVM_RUN with immediate_exit: errno %i", errno);
	read_vcpu_states(vcpu, &after);
	TEST_ASSERT_EQ(after.cycles[LEDGER_GUEST], before.cycles[LEDGER_GUEST]);
	TEST_ASSERT(after.cycles[LEDGER_VMM] - before.cycles[LEDGER_VMM] >=
		    ms_to_cycles(vcpu, SLEEP_MS), "%lu cycles of %u ms in the VMM",
		    after.cycles[LEDGER_VMM] - before.cycles[LEDGER_VMM], SLEEP_MS);
	kvm_vm_free(vm);
}

static void l2_code(void)
{
	for (;;)
		guest_cpuid(0, 0);
}

static void l1_code(gva_t nested)
{
	unsigned int i;

	guest_nested_prepare(nested, l2_code);
	for (i = 0; i < 20; i++) {
		GUEST_ASSERT_EQ(guest_nested_enter(nested, i), reason_of(EXIT_CPUID));
		guest_nested_skip(nested, 2);
	}
	GUEST_SYNC(0);
}

static const enum exit_kind nested_kinds[] = {
	EXIT_CPUID, EXIT_NESTED_ENTRY, EXIT_NESTED_REENTRY,
};

/* L2 is entered from the exits that L1 enters it by, and L1 from those of L2. */
TEST_F(ledger, nested)
{
	struct ledger_states states;
	struct ledger_row row;
	unsigned int i;
	struct kvm_vcpu *vcpu;
	gva_t nested;
	struct kvm_vm *vm;
	struct ucall uc;

	if (!nested_is_possible())
		SKIP(return, "No nested guests");

	vm = vm_create_with_one_vcpu(&vcpu, l1_code);
	nested = nested_alloc(vm);
	vcpu_args_set(vcpu, 1, nested);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &states);
	for (i = 0; i < ARRAY_SIZE(nested_kinds); i++) {
		read_vcpu_row(vcpu, reason_of(nested_kinds[i]), &row);
		TEST_ASSERT(row.of_state[LEDGER_GUEST] && row.of_state[LEDGER_KERNEL] &&
			    row.longest, "%s: %lu cycles in the guest, %lu in KVM, longest %lu",
			    reason_str(reason_of(nested_kinds[i])),
			    row.of_state[LEDGER_GUEST], row.of_state[LEDGER_KERNEL],
			    row.longest);
	}
	TEST_ASSERT_EQ(states.lost, 0);
	kvm_vm_free(vm);
}

static void *run_guest_code_everything(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	struct ucall uc;

	while (!READ_ONCE(stop_reading))
		run_until_ucall(vcpu, &uc);
	return NULL;
}

/* Nothing is booked that began before the switch was thrown, wherever the vCPU was. */
TEST_F(ledger, switched_while_it_runs)
{
	struct ledger_states states;
	char path[128];
	struct kvm_vcpu *vcpu;
	pthread_t runner;
	struct kvm_vm *vm;
	u64 began, open;
	unsigned int i, state;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	WRITE_ONCE(stop_reading, false);
	TEST_ASSERT(!pthread_create(&runner, NULL, run_guest_code_everything, vcpu),
		    "pthread_create() failed");
	for (i = 0; i < 50; i++) {
		write_file(PARAM_TIME, "N");
		TEST_ASSERT(!ledger_is_kept(path), "Switched off, %s has cycles", path);
		began = rdtsc();
		write_file(PARAM_TIME, "Y");
		sleep_ms(1 + i % 5);
		read_ledger_states(path, &states);
		for (state = open = 0; state < NR_LEDGER_STATES; state++)
			open += states.open[state];
		TEST_ASSERT(states.booked + open <= rdtsc() - began,
			    "%lu and %lu cycles in %lu", states.booked, open,
			    rdtsc() - began);
	}
	WRITE_ONCE(stop_reading, true);
	TEST_ASSERT(!pthread_join(runner, NULL), "pthread_join() failed");
	kvm_vm_free(vm);
}

/* The exit that the VMM works on was before the ledger, and so was what it took. */
TEST_F(ledger, switched_on_in_an_exit)
{
	u32 io = reason_of(EXIT_IO);
	struct ledger_states states;
	struct ledger_row row;
	char path[128];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u64 thrown, runs;

	write_file(PARAM_TIME, "N");
	vm = vm_create_with_one_vcpu(&vcpu, guest_code_outb);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	vcpu_run(vcpu);
	vcpu_run(vcpu);
	sleep_ms(SLEEP_MS);
	thrown = rdtsc();
	write_file(PARAM_TIME, "Y");
	sleep_ms(SLEEP_MS);
	read_vcpu_states(vcpu, &states);
	TEST_ASSERT(!states.booked && !states.open[LEDGER_VMM],
		    "%lu cycles are booked, %lu open", states.booked,
		    states.open[LEDGER_VMM]);

	runs = rdtsc();
	vcpu_run(vcpu);
	assert_all_time(path, thrown, rdtsc());
	read_vcpu_states(vcpu, &states);
	TEST_ASSERT(states.booked <= rdtsc() - runs, "%lu cycles are booked, in %lu",
		    states.booked, rdtsc() - runs);
	TEST_ASSERT_EQ(states.cycles[LEDGER_VMM], 0);
	read_vcpu_row(vcpu, io, &row);
	TEST_ASSERT_EQ(row.of_state[LEDGER_VMM], 0);
	TEST_ASSERT(row.longest < ms_to_cycles(vcpu, SLEEP_MS),
		    "The longest exit took %lu cycles", row.longest);
	kvm_vm_free(vm);
}

static u64 guest_turns;
static bool guest_may_go;

/* Without interrupts of its own, Bochs would let none of the host's through. */
static void guest_code_turns(void)
{
	asm volatile("sti");
	for (;;) {
		while (!READ_ONCE(guest_may_go))
			WRITE_ONCE(guest_turns, guest_turns + 1);
		guest_outb(PORT_OF_NOBODY, 0);
	}
}

/*
 * With a CPU for each of the two, the vCPU is in the guest then, but where an interrupt
 * of the host's has just ended that. Its ledger begins with the next exit, or entry; it
 * has not been in KVM before there was an exit to blame.
 */
TEST_F(ledger, switched_on_in_the_guest)
{
	struct ledger_row no_exit;
	struct kvm_vcpu *vcpu;
	pthread_t runner;
	struct kvm_vm *vm;
	char path[128];
	bool *may_go;
	u64 *turns, seen;
	int i, in_kvm = 0;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_turns);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	turns = addr_gva2hva(vm, (gva_t)&guest_turns);
	may_go = addr_gva2hva(vm, (gva_t)&guest_may_go);
	for (i = 0; i < 20; i++) {
		write_file(PARAM_TIME, "N");
		WRITE_ONCE(*may_go, false);
		TEST_ASSERT(!pthread_create(&runner, NULL, run_once, vcpu),
			    "pthread_create() failed");
		seen = READ_ONCE(*turns);
		TEST_ASSERT(wait_until(READ_ONCE(*turns) != seen), "No guest runs");

		write_file(PARAM_TIME, "Y");
		WRITE_ONCE(*may_go, true);
		TEST_ASSERT(!pthread_join(runner, NULL), "pthread_join() failed");
		read_vcpu_row_of_no_exit(vcpu, &no_exit);
		if (no_exit.cycles || no_exit.longest)
			in_kvm++;
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_IO);
	}
	TEST_ASSERT(in_kvm < i / 2, "%i times of %i in KVM for no exit's sake", in_kvm, i);
	kvm_vm_free(vm);
}

/* Deaf: an interrupt wakes its thread, which sees nothing to do and sleeps again. */
static void guest_code_halt_for_ever(void)
{
	x2apic_enable();
	for (;;)
		asm volatile("cli; hlt");
}

static u64 nr_sleeps(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	return read_number(path, "voluntary_ctxt_switches: %lu");
}

static pid_t runner_tid;

static void *run_once_with_tid(void *vcpu)
{
	WRITE_ONCE(runner_tid, syscall(SYS_gettid));
	return run_once(vcpu);
}

/* It was asleep before: that it sleeps is only known when it does the next time. */
TEST_F(ledger, switched_on_while_halted)
{
	struct kvm_msi msi = { .address_lo = APIC_DEFAULT_GPA, .data = VECTOR };
	struct sigaction action = { .sa_handler = handle_signal };
	struct ledger_states states;
	struct kvm_vcpu *vcpu;
	u64 woken, sleeps;
	pthread_t runner;
	struct kvm_vm *vm;
	char path[128];
	int stats;

	write_file(PARAM_TIME, "N");
	vm = vm_create_with_one_vcpu(&vcpu, guest_code_halt_for_ever);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	stats = vcpu_get_stats_fd(vcpu);
	TEST_ASSERT(!sigaction(SIGUSR1, &action, NULL), "sigaction() failed");
	TEST_ASSERT(!pthread_create(&runner, NULL, run_once_with_tid, vcpu),
		    "pthread_create() failed");
	TEST_ASSERT(wait_until(read_stat_fd(stats, "blocking")), "It does not halt");

	sleeps = nr_sleeps(runner_tid);
	write_file(PARAM_TIME, "Y");
	TEST_ASSERT(__vm_ioctl(vm, KVM_SIGNAL_MSI, &msi) == 1, "KVM_SIGNAL_MSI: errno %i",
		    errno);
	TEST_ASSERT(wait_until(nr_sleeps(runner_tid) > sleeps), "It does not sleep again");
	sleep_ms(SLEEP_MS);
	woken = rdtsc();
	stop_blocking(runner);
	read_ledger_states(path, &states);
	TEST_ASSERT(states.booked && states.booked <= rdtsc() - woken,
		    "%lu cycles are booked, in %lu", states.booked, rdtsc() - woken);
	TEST_ASSERT(states.open[LEDGER_STOPPED], "It is not said to be stopped");
	TEST_ASSERT_EQ(states.cycles[LEDGER_HALTED], 0);
	close(stats);
	kvm_vm_free(vm);
}

/*
 * The kernel's, in KB: a ledger is too big for kmalloc()'s caches, but counts as slab.
 * From a file that stays open: what opening and closing it frees, KASAN keeps for long, and
 * who looks again and again would see nothing else.
 */
static u64 kernel_memory(void)
{
	static int fd = -1;
	char text[4096];
	char *line;
	ssize_t n;
	u64 kb;

	if (fd < 0)
		fd = open("/proc/meminfo", O_RDONLY);
	n = pread(fd, text, sizeof(text) - 1, 0);
	TEST_ASSERT(n > 0, "Reading /proc/meminfo failed, errno: %i", errno);
	text[n] = '\0';
	line = strstr(text, "SUnreclaim:");
	TEST_ASSERT(line && sscanf(line, "SUnreclaim: %lu", &kb) == 1,
		    "No SUnreclaim in /proc/meminfo");
	return kb;
}

#define NR_VCPUS	64
/* Of all ledgers; half of them is far more than what else comes and goes meanwhile. */
#define LEDGERS_KB	(NR_VCPUS * 16)

/*
 * Nothing is allocated for who does not want to know.  How much a whole VM takes says
 * little: under KASAN the memory of the one before is given back only meanwhile.
 */
TEST_F(ledger, memory_only_where_it_is_on)
{
	struct kvm_vm *vm;
	unsigned int i;
	u64 kb;

	if (kvm_check_cap(KVM_CAP_MAX_VCPUS) < NR_VCPUS)
		SKIP(return, "No %u vCPUs", NR_VCPUS);

	write_file(PARAM_TIME, "N");
	vm = vm_create(NR_VCPUS);
	for (i = 0; i < NR_VCPUS; i++)
		vm_vcpu_add(vm, i, guest_code_outb);

	kb = kernel_memory();
	write_file(PARAM_TIME, "Y");
	TEST_ASSERT(kernel_memory() >= kb + LEDGERS_KB / 2, "%lu KB, %lu with ledgers", kb,
		    kernel_memory());
	kb = kernel_memory();
	write_file(PARAM_TIME, "N");
	TEST_ASSERT(wait_until(kernel_memory() + LEDGERS_KB / 2 <= kb),
		    "%lu KB with ledgers, %lu without", kb, kernel_memory());
	kvm_vm_free(vm);
}

static void *move_between_cpus(void *unused)
{
	cpu_set_t set;
	int cpu;

	for (cpu = 0; !READ_ONCE(stop_reading); cpu = !cpu) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		TEST_ASSERT(!sched_setaffinity(runner_tid, sizeof(set), &set),
			    "sched_setaffinity() failed, errno: %i", errno);
		usleep(1000);
	}
	return NULL;
}

/* Each CPU has a TSC of its own, which is why they have to agree. */
TEST_F(ledger, moves_between_cpus)
{
	unsigned int i, moves = 0;
	int cpu = sched_getcpu();
	struct kvm_vcpu *vcpu;
	pthread_t mover;
	struct kvm_vm *vm;
	u64 began, first;
	char path[128];
	struct ucall uc;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "One CPU");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	runner_tid = syscall(SYS_gettid);
	WRITE_ONCE(stop_reading, false);
	began = rdtsc();
	run_until_ucall(vcpu, &uc);
	first = rdtsc();
	TEST_ASSERT(!pthread_create(&mover, NULL, move_between_cpus, NULL),
		    "pthread_create() failed");
	for (i = 0; i < 300; i++) {
		run_until_ucall(vcpu, &uc);
		assert_all_time(path, began, first);
		moves += cpu != sched_getcpu();
		cpu = sched_getcpu();
	}
	WRITE_ONCE(stop_reading, true);
	TEST_ASSERT(!pthread_join(mover, NULL), "pthread_join() failed");
	TEST_ASSERT(moves >= 10, "It has moved %u times", moves);
	kvm_vm_free(vm);
}

/* Switched off, nothing is kept; on again, it begins with nothing. */
TEST_F(ledger, off_and_on)
{
	struct ledger_states before, after;
	char path[128];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_everything);
	vm_debugfs_file(vm, "vcpu0/states", path, sizeof(path));
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &before);
	TEST_ASSERT(before.booked, "Nothing is booked");

	write_file(PARAM_TIME, "N");
	TEST_ASSERT(!ledger_is_kept(path), "Switched off, %s has cycles", path);
	run_until_ucall(vcpu, &uc);

	write_file(PARAM_TIME, "Y");
	read_vcpu_states(vcpu, &after);
	TEST_ASSERT_EQ(after.booked, 0);
	run_until_ucall(vcpu, &uc);
	read_vcpu_states(vcpu, &after);
	TEST_ASSERT(after.booked && after.booked < before.booked * 100,
		    "%lu cycles are booked, %lu before it was off", after.booked,
		    before.booked);
	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	require_ledger();
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_TSC_DEADLINE_TIMER));

	return test_harness_run(argc, argv);
}
