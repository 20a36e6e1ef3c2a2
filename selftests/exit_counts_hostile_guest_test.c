// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that asks for nothing but exit counts, up to a million times, for any
 * leaf and any exit reason, learns what is its own and nothing else; the host
 * pays no memory and a bounded number of lines for it, and another VM goes on.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_VCPUS	4
/* Of each vCPU: all rounds are a million reads, on a slow host there are fewer. */
#define READS_OF_ROUND	5000ul
#define MAX_ROUNDS	50
/* Time enough for the module to go and come. */
#define RELOAD_ROUNDS	5
#define ATTACK_S	10

/*
 * No more than the smallest object for each read, and what a kernel's caches grow by
 * in the meantime.
 */
#define SMALLEST_OBJECT		8ul
#define CACHES_KB		2048ul
#define SLAB_DIR		"/sys/kernel/slab"

static u64 guest_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Half of them near those that the manuals define, from either end. */
static u32 guest_random_reason(u64 random)
{
	switch (random % 4) {
	case 0:
		return random >> 54;
	case 1:
		return -(u32)(random >> 60);
	default:
		return random >> 32;
	}
}

static void guest_read_leaf(u32 function, u32 index, u64 *total)
{
	struct leaf l = guest_cpuid(function, index), wanted = { 0 };
	u64 count;

	switch (function) {
	case LEAF_SIGNATURE:
		GUEST_ASSERT_EQ(l.rax, LEAF_EXITS_TOTAL);
		break;
	case LEAF_FEATURES:
		GUEST_ASSERT_EQ(l.rax, FEATURE_COUNTS);
		break;
	case LEAF_OCCURRED:
		__GUEST_ASSERT(!((l.rax | l.rbx | l.rcx | l.rdx) >> 32) &&
			       (index < 2 || leaf_equals(&l, &wanted)),
			       "CPUID %x.%x: " LEAF_FMT, function, index, l.rax,
			       l.rbx, l.rcx, l.rdx);
		break;
	case LEAF_EXITS_TOTAL:
		count = guest_count_of(l, function, index);
		__GUEST_ASSERT(count > *total, "Total %lu after %lu", count,
			       *total);
		*total = count;
		break;
	case LEAF_EXITS_OF_REASON:
		if (reason_is_defined(index)) {
			guest_count_of(l, function, index);
			break;
		}
		wanted.rdx = 0xffffffff;
		GUEST_ASSERT_LEAF_EQ(function, index, l, wanted);
		break;
	default:
		GUEST_ASSERT_LEAF_EQ(function, index, l, wanted);
	}
}

/* At the end of each round: the last total. */
static void guest_code_attacker(u64 seed)
{
	u64 i, random, total = 0;

	for (;;) {
		for (i = 0; i < READS_OF_ROUND; i++) {
			random = guest_random(&seed);
			guest_read_leaf(LEAF_SIGNATURE | (random & 0xf),
					guest_random_reason(random >> 4 |
							    random << 60),
					&total);
		}
		GUEST_SYNC1(total);
	}
}

/* A loop of the same length that asks for what any guest asks for. */
static void guest_code_harmless(u64 seed)
{
	u64 i;

	for (;;) {
		for (i = 0; i < READS_OF_ROUND; i++)
			guest_cpuid(0, 0);
		GUEST_SYNC1(0);
	}
}

#define VICTIM_ROUND	100

static void guest_code_victim(u32 reason)
{
	unsigned int i;

	for (;;) {
		for (i = 1; i < VICTIM_ROUND; i++)
			guest_cpuid(0, 0);
		GUEST_SYNC1(guest_exits_of(reason));
	}
}

struct attacker {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[NR_VCPUS];
	pthread_t threads[NR_VCPUS];
	struct ucall ucalls[NR_VCPUS];
	unsigned int rounds[NR_VCPUS];
	unsigned int max_rounds;
	struct timespec start;
	int nr_running;
};

static struct attacker attacker;

static void *run_attacker(void *index)
{
	long i = (long)index;

	do {
		run_until_ucall(attacker.vcpus[i], &attacker.ucalls[i]);
		attacker.rounds[i]++;
	} while (attacker.rounds[i] < attacker.max_rounds &&
		 timespec_elapsed(attacker.start).tv_sec < ATTACK_S);
	__atomic_fetch_sub(&attacker.nr_running, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void start_attacker(void (*guest_code)(u64 seed), unsigned int max_rounds)
{
	long i;

	attacker = (struct attacker) {
		.vm = vm_create(NR_VCPUS),
		.max_rounds = max_rounds,
		.nr_running = NR_VCPUS,
	};
	clock_gettime(CLOCK_MONOTONIC, &attacker.start);
	for (i = 0; i < NR_VCPUS; i++) {
		attacker.vcpus[i] = vm_vcpu_add(attacker.vm, i, guest_code);
		vcpu_args_set(attacker.vcpus[i], 1, 0x9e3779b97f4a7c15 * (i + 1));
	}
	/* For reason_is_defined() in the guest. */
	sync_global_to_guest(attacker.vm, host_cpu_is_amd);
	sync_global_to_guest(attacker.vm, host_cpu_is_intel);
	for (i = 0; i < NR_VCPUS; i++)
		TEST_ASSERT(!pthread_create(&attacker.threads[i], NULL,
					    run_attacker, (void *)i),
			    "pthread_create() failed");
}

static bool attacker_runs(void)
{
	return __atomic_load_n(&attacker.nr_running, __ATOMIC_RELAXED);
}

static void join_attacker(void)
{
	int i;

	for (i = 0; i < NR_VCPUS; i++)
		TEST_ASSERT(!pthread_join(attacker.threads[i], NULL),
			    "pthread_join() failed");
}

/*
 * Run the victim while the attacker runs, and look at all of the host's files.
 * What the victim is told must be exact all the time.
 */
static double victim_exits_per_second(struct kvm_vcpu *victim, u64 *nr_exits)
{
	struct timespec start, elapsed;
	u64 first = *nr_exits;
	struct ucall uc;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (attacker_runs()) {
		run_until_ucall(victim, &uc);
		*nr_exits += VICTIM_ROUND;
		TEST_ASSERT(uc.args[0] == *nr_exits,
			    "The other VM is told %lu exits, wanted %lu",
			    (unsigned long)uc.args[0],
			    (unsigned long)*nr_exits);
	}
	elapsed = timespec_elapsed(start);

	return (*nr_exits - first) / (elapsed.tv_sec + elapsed.tv_nsec / 1e9);
}

/*
 * What is in use.  Without asking them to shrink, the kernel's caches keep what has
 * been freed: slabs that are partly empty, and all of KASAN's quarantine.
 */
static u64 unreclaimable_slab_kb(void)
{
	DIR *caches = opendir(SLAB_DIR);
	char path[NAME_MAX + 32];
	struct dirent *cache;

	TEST_ASSERT(caches, "opendir(" SLAB_DIR ") failed, errno: %i", errno);
	while ((cache = readdir(caches))) {
		/* Links are other names of caches. */
		if (cache->d_name[0] == '.' || cache->d_type != DT_DIR)
			continue;
		snprintf(path, sizeof(path), SLAB_DIR "/%s/shrink",
			 cache->d_name);
		write_file(path, "1");
	}
	closedir(caches);

	return read_number("/proc/meminfo", "SUnreclaim: %lu kB");
}

static bool stop_reading;

/* All of the host's files, while the VM that is in them works, comes, goes. */
static void *read_everything(void *nr_reads)
{
	static const char * const files[] = { "total", "reasons", "vcpu0/reasons",
					      "vcpu3/reasons" };
	char path[128], buffer[16384];
	unsigned int i;
	int fd;

	while (!READ_ONCE(stop_reading)) {
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			snprintf(path, sizeof(path), VMS_DIR "/%d-%d/%s",
				 getpid(), attacker.vm->fd, files[i]);
			fd = open(path, O_RDONLY);
			if (fd < 0)
				continue;
			while (read(fd, buffer, sizeof(buffer)) > 0)
				++*(u64 *)nr_reads;
			close(fd);
		}
		read_debugfs_total(DEBUGFS_DIR "/total");
	}

	return NULL;
}

/* Those that tell of @vm's queries, and that they are not all */
static void start_counting_lines(struct kvm_vm *vm, struct kmsg_lines lines[3])
{
	static char queries[64], hint[64];

	kmsg_vm_prefix(vm, " vCPU", queries, sizeof(queries));
	kmsg_vm_prefix(vm, ": reads more than", hint, sizeof(hint));
	memset(lines, 0, 3 * sizeof(*lines));
	lines[0].prefix = queries;
	lines[1].prefix = hint;
}

/* Since the attacker started.  The limit is the VM's, whatever becomes of the module. */
static unsigned int assert_few_lines(struct kmsg_lines lines[3])
{
	u64 seconds = timespec_elapsed(attacker.start).tv_sec;
	unsigned int limit = min(LOG_LINES_OF_A_VM * (1 + seconds / LOG_INTERVAL_S),
				 LOG_LINES_OF_A_VM_AN_HOUR * (1 + seconds / 3600));

	kmsg_count(lines);
	TEST_ASSERT(lines[0].nr && lines[0].nr <= limit,
		    "%u lines, wanted %u at most", lines[0].nr, limit);
	TEST_ASSERT(lines[1].nr == 1, "%u lines say that there are more, wanted 1",
		    lines[1].nr);
	return lines[0].nr;
}

/* Returns how often the attacker has read. */
static u64 assert_attackers_counts(void)
{
	u32 cpuid = bucket_of_reason(reason_of(EXIT_CPUID));
	u64 counts[NR_BUCKETS], nr_reads, all_reads = 0, sum = 0, largest = 0;
	int i;

	for (i = 0; i < NR_VCPUS; i++) {
		nr_reads = READS_OF_ROUND * attacker.rounds[i];
		read_exit_counts(attacker.vcpus[i], counts);
		TEST_ASSERT(counts[cpuid] == nr_reads,
			    "vCPU %d: %lu CPUID exits, executed %lu", i,
			    (unsigned long)counts[cpuid],
			    (unsigned long)nr_reads);
		all_reads += nr_reads;
		sum += sum_exit_counts(counts);
		largest = max(largest, attacker.ucalls[i].args[0]);
	}
	TEST_ASSERT(largest <= sum, "The guest was told a total of %lu of %lu",
		    (unsigned long)largest, (unsigned long)sum);
	return all_reads;
}

/* Only a fixture's test can have more time than the others. */
FIXTURE(hostile_guest) { };
FIXTURE_SETUP(hostile_guest) { }
FIXTURE_TEARDOWN(hostile_guest) { }

TEST_F_TIMEOUT(hostile_guest, reads_all_the_time, 1800)
{
	u64 before_kb, after_kb, all_reads, nr_exits = 0, nr_reads = 0;
	double beside_harmless, beside_attacker;
	struct kmsg_lines lines[3];
	struct kvm_vcpu *victim;
	unsigned int nr_lines;
	pthread_t reader;

	if (!file_exists(SLAB_DIR))
		SKIP(return, "The kernel does not show its caches in " SLAB_DIR);

	vm_create_with_one_vcpu(&victim, guest_code_victim);
	vcpu_args_set(victim, 1, reason_of(EXIT_CPUID));

	start_attacker(guest_code_harmless, 1);
	beside_harmless = victim_exits_per_second(victim, &nr_exits);
	join_attacker();
	kvm_vm_free(attacker.vm);

	start_attacker(guest_code_attacker, 1);
	beside_attacker = victim_exits_per_second(victim, &nr_exits);
	join_attacker();
	assert_attackers_counts();
	kvm_vm_free(attacker.vm);

	kmsg_start();
	before_kb = unreclaimable_slab_kb();
	start_attacker(guest_code_attacker, MAX_ROUNDS);
	start_counting_lines(attacker.vm, lines);
	TEST_ASSERT(!pthread_create(&reader, NULL, read_everything, &nr_reads),
		    "pthread_create() failed");
	join_attacker();
	nr_lines = assert_few_lines(lines);
	WRITE_ONCE(stop_reading, true);
	TEST_ASSERT(!pthread_join(reader, NULL), "pthread_join() failed");
	/* What it has read would fill KASAN's quarantine again. */
	after_kb = unreclaimable_slab_kb();
	all_reads = assert_attackers_counts();
	TEST_ASSERT(after_kb <= before_kb + max(all_reads * SMALLEST_OBJECT / 1024,
						CACHES_KB),
		    "The kernel's memory has grown from %lu to %lu kB",
		    (unsigned long)before_kb, (unsigned long)after_kb);
	TEST_ASSERT(nr_reads, "Nobody looked meanwhile");

	ksft_print_msg("another VM: %.0f exits/s beside CPUID leaf 0, %.0f beside our leaves\n",
		       beside_harmless, beside_attacker);
	ksft_print_msg("%lu reads in %ld s: %+ld kB of slabs, %u lines, %lu reads by the host\n",
		       (unsigned long)all_reads,
		       (long)timespec_elapsed(attacker.start).tv_sec,
		       (long)(after_kb - before_kb), nr_lines,
		       (unsigned long)nr_reads);
	kvm_vm_free(attacker.vm);
	kvm_vm_free(victim->vm);
}

/* Who looks at the lines is not a new module's victim: the limit is the VM's. */
TEST_F_TIMEOUT(hostile_guest, while_the_module_goes_and_comes, 1800)
{
	unsigned int nr_loads = 0, nr_lines;
	struct kmsg_lines lines[3];
	int r;

	if (!getenv("KVM_EXITS_KO"))
		SKIP(return, "KVM_EXITS_KO is not set");

	kmsg_start();
	start_attacker(guest_code_attacker, RELOAD_ROUNDS);
	start_counting_lines(attacker.vm, lines);
	while (attacker_runs()) {
		r = unload_module();
		TEST_ASSERT(!r, "delete_module(kvm_exits): %i", r);
		r = load_module();
		TEST_ASSERT(!r, "finit_module(kvm_exits): %i", r);
		nr_loads++;
		read_debugfs_total(DEBUGFS_DIR "/total");
		kmsg_count(lines);
	}
	join_attacker();
	assert_attackers_counts();

	nr_lines = assert_few_lines(lines);
	TEST_ASSERT(nr_loads, "The module has not been loaded");
	ksft_print_msg("%u loads, %u lines in %ld s\n", nr_loads, nr_lines,
		       (long)timespec_elapsed(attacker.start).tv_sec);
	kvm_vm_free(attacker.vm);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	if (getenv("KVM_EXITS_KO"))
		require_module_file();
	restore_at_exit(PARAM_LOG_LIMIT);
	write_file(PARAM_LOG_LIMIT, "1000000");

	return test_harness_run(argc, argv);
}
