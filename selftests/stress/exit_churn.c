// SPDX-License-Identifier: GPL-2.0-only
/*
 * All that can happen to the exit counters of a host, at the same time: VMs
 * begin, take each other's names, read the leaves, end and get killed, the module
 * kvm_exits comes and goes, its files are read, also by who sleeps in the middle
 * of it, switches are switched, statistics are read.  For a kernel that notices
 * what goes wrong: KASAN, lockdep, KCSAN.
 *
 *	CHURN_SECONDS=600 KVM_EXITS_KO=/path/to/kvm_exits.ko exit_churn
 *
 * Every process here ends when a time has passed and never waits for a time:
 * what it does next depends on what the others have done.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "exit_counts.h"
#include "kselftest.h"

#define MAX_VCPUS		4
#define PROGRESS_SECONDS	30

enum activity {
	VMS_CREATED,
	VMS_FREED,
	VMS_KILLED,
	NAMESAKES,
	LEAF_READS,
	SIGNATURES_SHOWN,
	SIGNATURES_HIDDEN,
	MODULE_LOADS,
	MODULE_UNLOADS,
	MODULE_IN_USE,
	FILE_READS,
	BALANCES,
	DEAD_VM_FILE_READS,
	STUCK_READS,
	STUCK_LISTS,
	DIRECTORY_READS,
	TABLES_LOGGED,
	GARBAGE_REFUSED,
	VMS_HIDDEN,
	SWITCHES,
	STATS_READS,
	ORPHANED_STATS_READS,
	NR_ACTIVITIES,
};

static const char * const activities[NR_ACTIVITIES] = {
	[VMS_CREATED]		= "VMs created",
	[VMS_FREED]		= "VMs freed",
	[VMS_KILLED]		= "VMs killed while they ran",
	[NAMESAKES]		= "VMs that took the name of a living one",
	[LEAF_READS]		= "leaves read by guests",
	[SIGNATURES_SHOWN]	= "leaves read while shown",
	[SIGNATURES_HIDDEN]	= "leaves read while hidden",
	[MODULE_LOADS]		= "module loads",
	[MODULE_UNLOADS]	= "module unloads",
	[MODULE_IN_USE]		= "module unloads refused, a file was open",
	[FILE_READS]		= "files read",
	[BALANCES]		= "ledgers read, which balanced",
	[DEAD_VM_FILE_READS]	= "open files read after their VM's end",
	[STUCK_READS]		= "files read by who slept while VMs came",
	[STUCK_LISTS]		= "directories read by who slept while VMs came",
	[DIRECTORY_READS]	= "directories read",
	[TABLES_LOGGED]		= "tables logged",
	[GARBAGE_REFUSED]	= "garbage refused by switches",
	[VMS_HIDDEN]		= "VMs' own switches written",
	[SWITCHES]		= "module parameters written",
	[STATS_READS]		= "statistics read",
	[ORPHANED_STATS_READS]	= "statistics read when all else of a VM was closed",
};

/* Shared between all processes. */
static struct {
	u64 done[NR_ACTIVITIES];
	bool stop;
	/* Nobody keeps files open; opening and reading them goes on. */
	bool unloading;
} *shared;

static __thread unsigned int seed;

static void count(enum activity activity, u64 times)
{
	__atomic_fetch_add(&shared->done[activity], times, __ATOMIC_RELAXED);
}

static u64 done(enum activity activity)
{
	return __atomic_load_n(&shared->done[activity], __ATOMIC_RELAXED);
}

static bool stopping(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static void stop(void)
{
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
}

static bool unloading(void)
{
	return __atomic_load_n(&shared->unloading, __ATOMIC_RELAXED);
}

static void set_unloading(bool value)
{
	__atomic_store_n(&shared->unloading, value, __ATOMIC_RELAXED);
}

static unsigned int random_below(unsigned int limit)
{
	return rand_r(&seed) % limit;
}

/* VMs */

static u32 guest_indices[] = { 0, 12, 85, 86, 0x72, 0x400, 444, -1u };

/* A total that is shown to this vCPU never decreases. */
static void guest_code(void)
{
	u64 total, last_total = 0, shown;
	struct leaf l;
	u32 function;
	unsigned int i;

	for (;;) {
		for (function = LEAF_SIGNATURE; function <= LEAF_EXITS_TOTAL; function++)
			for (i = 0; i < ARRAY_SIZE(guest_indices); i++)
				guest_cpuid(function, guest_indices[i]);

		l = guest_cpuid(LEAF_EXITS_TOTAL, 0);
		total = l.rbx << 32 | l.rax;
		if (total && !l.rcx && !l.rdx) {
			__GUEST_ASSERT(total > last_total, "Total %lu after %lu",
				       total, last_total);
			last_total = total;
		}

		l = guest_cpuid(LEAF_SIGNATURE, 0);
		shown = l.rbx == 0x454d564b && l.rcx == 0x43746978 &&
			l.rdx == 0x746e756f;
		GUEST_SYNC1(shown);
	}
}

struct churned_vcpu {
	struct kvm_vcpu *vcpu;
	pthread_t thread;
	int stats_fd;
	unsigned int rounds;
	bool kills;
};

static void *run_vcpu(void *arg)
{
	struct churned_vcpu *c = arg;
	struct ucall uc;

	while (c->rounds && !stopping()) {
		TEST_ASSERT(run_until_ucall(c->vcpu, &uc) == UCALL_SYNC,
			    "Unexpected ucall: %lu", uc.cmd);
		count(LEAF_READS, 0x10 * ARRAY_SIZE(guest_indices) + 2);
		count(uc.args[0] ? SIGNATURES_SHOWN : SIGNATURES_HIDDEN, 1);
		c->rounds--;
	}
	/* While the other vCPUs run. */
	if (c->kills && !stopping())
		kill(getpid(), SIGKILL);

	return NULL;
}

/* Whatever statistics there are, read whole; the sum of all exit reasons. */
static u64 read_stats(int fd)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *descs, *desc;
	unsigned int i, j;
	u64 *data, sum = 0;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		data = calloc(desc->size, sizeof(*data));
		TEST_ASSERT(data, "No memory");
		read_stat_data(fd, &header, desc, data, desc->size);
		if (!strcmp(desc->name, "exit_reasons"))
			for (j = 0; j < desc->size; j++)
				sum += data[j];
		free(data);
	}
	free(descs);

	return sum;
}

static void churn_one_vm(void)
{
	struct kvm_vcpu *vcpus[MAX_VCPUS];
	struct churned_vcpu c[MAX_VCPUS];
	unsigned int i, nr = 1 + random_below(MAX_VCPUS);
	u64 sum, last_sum = 0;
	bool kill_it = !random_below(4);
	int vm_stats_fd, kept_stats_fd;
	struct kvm_vm *vm;

	vm = vm_create_with_vcpus(nr, guest_code, vcpus);
	count(VMS_CREATED, 1);
	/* Counted beforehand, as nobody is there to do it afterwards. */
	if (kill_it)
		count(VMS_KILLED, 1);
	vm_stats_fd = vm_get_stats_fd(vm);
	for (i = 0; i < nr; i++) {
		c[i].vcpu = vcpus[i];
		c[i].stats_fd = vcpu_get_stats_fd(vcpus[i]);
		c[i].rounds = 1 + random_below(32);
		c[i].kills = kill_it && !i;
		/* So that there is somebody to be killed in the middle. */
		if (kill_it && i)
			c[i].rounds = -1u;
	}

	for (i = 0; i < nr; i++)
		TEST_ASSERT(!pthread_create(&c[i].thread, NULL, run_vcpu, &c[i]),
			    "pthread_create() failed");
	do {
		read_stats(vm_stats_fd);
		sum = read_stats(c[0].stats_fd);
		TEST_ASSERT(sum >= last_sum, "%lu exits after %lu",
			    (unsigned long)sum, (unsigned long)last_sum);
		last_sum = sum;
		count(STATS_READS, 2);
	} while (__atomic_load_n(&c[0].rounds, __ATOMIC_RELAXED) && !stopping());
	for (i = 0; i < nr; i++)
		TEST_ASSERT(!pthread_join(c[i].thread, NULL), "pthread_join() failed");

	close(vm_stats_fd);
	for (i = 1; i < nr; i++)
		close(c[i].stats_fd);
	kept_stats_fd = c[0].stats_fd;
	if (random_below(2)) {
		close(kept_stats_fd);
		kept_stats_fd = -1;
	}

	kvm_vm_free(vm);

	/* The last reference to the VM. */
	if (kept_stats_fd >= 0) {
		sum = read_stats(kept_stats_fd);
		TEST_ASSERT(sum >= last_sum, "%lu exits after %lu",
			    (unsigned long)sum, (unsigned long)last_sum);
		count(ORPHANED_STATS_READS, 1);
		close(kept_stats_fd);
	}
	count(VMS_FREED, 1);
}

static void churn_vms(void)
{
	while (!stopping())
		churn_one_vm();
}

#define MAX_NAMESAKES	6

/* The files of VMs are closed, those of vCPUs keep them. */
static void churn_names(void)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vcpu_fds[MAX_NAMESAKES], vm_fd, i, nr;

	while (!stopping()) {
		nr = 2 + random_below(MAX_NAMESAKES - 1);
		for (i = 0; i < nr; i++) {
			vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
			TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM failed, errno: %i",
				    errno);
			vcpu_fds[i] = ioctl(vm_fd, KVM_CREATE_VCPU, 0);
			TEST_ASSERT(vcpu_fds[i] >= 0,
				    "KVM_CREATE_VCPU failed, errno: %i", errno);
			close(vm_fd);
		}
		count(NAMESAKES, nr - 1);
		/* Not in the order in which they have come. */
		for (i = 0; i < nr; i += 2)
			close(vcpu_fds[i]);
		for (i = 1; i < nr; i += 2)
			close(vcpu_fds[i]);
	}
}

/* The module */

/* Stays in, and stays out, until others have done a random amount of work. */
static void wait_for_more(enum activity activity, unsigned int limit)
{
	u64 wanted = done(activity) + random_below(limit);

	while (done(activity) < wanted && !stopping())
		sched_yield();
}

static void churn_module(void)
{
	int r;

	while (!stopping()) {
		wait_for_more(FILE_READS, 200);
		set_unloading(true);
		while ((r = unload_module())) {
			TEST_ASSERT(r == -EAGAIN, "delete_module(kvm_exits): %i", r);
			count(MODULE_IN_USE, 1);
			if (stopping())
				return;
			sched_yield();
		}
		count(MODULE_UNLOADS, 1);
		set_unloading(false);

		wait_for_more(VMS_CREATED, 3);
		r = load_module();
		TEST_ASSERT(!r, "finit_module(kvm_exits): %i", r);
		count(MODULE_LOADS, 1);
	}
}

/* Files */

#define MAX_KEPT	16

static const char * const vm_files[] = {
	"total", "reasons", "states", "guest_visible", "vcpu0/reasons",
	"vcpu1/reasons", "vcpu2/reasons", "vcpu3/reasons", "vcpu0/states",
	"vcpu1/states", "vcpu0/durations", "vcpu1/durations",
};

/* Other than this, opening a file that may be going must not fail. */
static bool is_gone(int error)
{
	return error == ENOENT || error == ENODEV || error == ENXIO || error == EIO;
}

/* A file ends in a newline, or is gone; a ledger balances. */
static bool read_whole(int fd, const char *path)
{
	static char buffer[65536];
	ssize_t size = 0, r;
	char *sum;

	do {
		r = read(fd, buffer + size, sizeof(buffer) - 1 - size);
		if (r < 0) {
			TEST_ASSERT(is_gone(errno), "read(%s) failed, errno: %i",
				    path, errno);
			return false;
		}
		size += r;
	} while (r);
	TEST_ASSERT(size && buffer[size - 1] == '\n', "%s: %zd bytes", path, size);
	count(FILE_READS, 1);

	buffer[size] = '\0';
	sum = strstr(buffer, "# sum ");
	if (sum) {
		TEST_ASSERT(strstr(sum, ", difference 0,"), "%s does not balance: %s",
			    path, sum);
		count(BALANCES, 1);
	}

	return true;
}

static struct {
	int fd;
	unsigned int reads_left;
} kept[MAX_KEPT];

/* Files that stay open see the end of their VM, but also keep the module. */
static void read_kept(void)
{
	unsigned int i;

	for (i = 0; i < MAX_KEPT; i++) {
		if (!kept[i].reads_left)
			continue;
		if (lseek(kept[i].fd, 0, SEEK_SET) ||
		    !read_whole(kept[i].fd, "an open file")) {
			count(DEAD_VM_FILE_READS, 1);
			kept[i].reads_left = 1;
		}
		if (unloading())
			kept[i].reads_left = 1;
		if (!--kept[i].reads_left)
			close(kept[i].fd);
	}
}

static void read_file(const char *path, bool keep)
{
	int fd = open(path, O_RDONLY);
	unsigned int i;

	if (fd < 0) {
		TEST_ASSERT(is_gone(errno), "open(%s) failed, errno: %i", path,
			    errno);
		return;
	}
	read_whole(fd, path);

	for (i = 0; keep && !unloading() && i < MAX_KEPT; i++) {
		if (kept[i].reads_left)
			continue;
		kept[i].fd = fd;
		kept[i].reads_left = 1 + random_below(32);
		return;
	}
	close(fd);
}

/* A VM of those that there are, false if there is none. */
static bool pick_vm(DIR *dir, char *name, size_t size)
{
	unsigned int nr = 0;
	struct dirent *e;

	rewinddir(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] != '.' && !random_below(++nr))
			snprintf(name, size, "%s", e->d_name);
	}
	count(DIRECTORY_READS, 1);

	return nr;
}

/*
 * Opened while the module is there, and kept when it goes: a directory does not
 * hold it.
 */
static DIR *open_vms_dir(void)
{
	DIR *dir = opendir(VMS_DIR);

	TEST_ASSERT(dir || is_gone(errno), "opendir(" VMS_DIR ") failed, errno: %i",
		    errno);
	return dir;
}

/*
 * Whoever opens files all the time, or keeps one open, keeps the module in.  So
 * most of the time get out of the way, but not always: opening races with
 * unloading.
 */
static void let_unload(void)
{
	if (!random_below(4))
		return;
	while (unloading() && !stopping()) {
		read_kept();
		sched_yield();
	}
}

static void churn_reads(void)
{
	char name[NAME_MAX + 1], path[512];
	unsigned int i, round;
	DIR *dir;

	while (!stopping()) {
		dir = open_vms_dir();
		if (!dir)
			continue;
		for (round = 0; round < 8; round++) {
			read_kept();
			let_unload();
			read_file(DEBUGFS_DIR "/total", false);
			read_file(DEBUGFS_DIR "/reasons", false);
			read_file(DEBUGFS_DIR "/states", false);
			if (!pick_vm(dir, name, sizeof(name)))
				continue;
			for (i = 0; i < ARRAY_SIZE(vm_files); i++) {
				snprintf(path, sizeof(path), VMS_DIR "/%s/%s",
					 name, vm_files[i]);
				read_file(path, !random_below(8));
			}
		}
		closedir(dir);
	}
}

/*
 * Somebody sleeps in the middle of a read until VMs have come that did not wait for
 * it.  If they did, this would not end.
 */
static void churn_stuck(void)
{
	char name[NAME_MAX + 1], path[512] = VMS_DIR;
	struct stuck_reader reader;
	bool list;
	DIR *dir;

	while (!stopping()) {
		let_unload();
		dir = open_vms_dir();
		if (!dir)
			continue;
		list = !random_below(4);
		if (list)
			snprintf(path, sizeof(path), VMS_DIR);
		else if (pick_vm(dir, name, sizeof(name)))
			snprintf(path, sizeof(path), VMS_DIR "/%s/%s", name,
				 vm_files[random_below(ARRAY_SIZE(vm_files))]);
		closedir(dir);
		if (!stuck_reader_start(&reader, path))
			continue;
		wait_for_more(VMS_CREATED, 3);
		stuck_reader_end(&reader);
		count(list ? STUCK_LISTS : STUCK_READS, 1);
	}
}

static void write_garbage(const char *path)
{
	static const char * const garbage[] = {
		"2\n", "-1", "yes", " ", "1 2", "18446744073709551616",
		"11111111111111111111111111111111111111111111111111111111111",
		"00000000000000000000000x",
	};
	int r = try_write_file(path, garbage[random_below(ARRAY_SIZE(garbage))]);

	if (is_gone(-r))
		return;
	TEST_ASSERT(r == -EINVAL, "Garbage in %s: %i", path, r);
	count(GARBAGE_REFUSED, 1);
}

static bool write_value(const char *path, const char *value)
{
	int r = try_write_file(path, value);

	TEST_ASSERT(!r || is_gone(-r), "\"%s\" in %s: %i", value, path, r);
	return !r;
}

static const struct {
	const char *path;
	const char *values[3];
} switches[] = {
	{ PARAM_CPUID,		{ "Y", "Y", "N" } },
	{ PARAM_CPUID_DEFAULT,	{ "Y", "Y", "N" } },
	{ PARAM_LOG_QUERIES,	{ "Y", "Y", "N" } },
	{ PARAM_LOG_ENDS,	{ "Y", "Y", "N" } },
	{ PARAM_LOG_LIMIT,	{ "1000000", "1000", "0" } },
	{ PARAM_TIME,		{ "Y", "Y", "N" } },
	{ PARAM_HISTOGRAM,	{ "Y", "Y", "N" } },
	{ PARAM_CPUID_TIME,	{ "Y", "Y", "N" } },
};

static void churn_writes(void)
{
	char name[NAME_MAX + 1], text[NAME_MAX + 8];
	unsigned int i;
	DIR *dir;

	while (!stopping()) {
		let_unload();
		for (i = 0; i < ARRAY_SIZE(switches); i++)
			count(SWITCHES,
			      write_value(switches[i].path,
					  switches[i].values[random_below(3)]));
		write_garbage(DEBUGFS_DIR "/log");
		write_garbage(PARAM_LOG);
		write_garbage(PARAM_GUEST_VISIBLE);
		if (!random_below(16))
			count(TABLES_LOGGED,
			      write_value(random_below(2) ? DEBUGFS_DIR "/log" :
							    PARAM_LOG, "1"));

		dir = open_vms_dir();
		if (!dir)
			continue;
		if (pick_vm(dir, name, sizeof(name))) {
			snprintf(text, sizeof(text), "%s %d", name,
				 !!random_below(4));
			count(VMS_HIDDEN, write_value(PARAM_GUEST_VISIBLE, text));
		}
		closedir(dir);
	}
}

/* The processes */

static struct process {
	const char *name;
	void (*churn)(void);
	pid_t pid;
} processes[] = {
	{ "VMs", churn_vms },
	{ "VMs", churn_vms },
	{ "VMs", churn_vms },
	{ "names", churn_names },
	{ "module", churn_module },
	{ "reads", churn_reads },
	{ "reads", churn_reads },
	{ "stuck reads", churn_stuck },
	{ "writes", churn_writes },
};

/* What atexit() has registered is the parent's, who still needs it. */
static void leave(int status, void *unused)
{
	_exit(status);
}

static void start(struct process *p)
{
	static unsigned int next_seed;

	seed = ++next_seed;
	p->pid = fork();
	TEST_ASSERT(p->pid >= 0, "fork() failed, errno: %i", errno);
	if (p->pid)
		return;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	on_exit(leave, NULL);
	p->churn();
	exit(0);
}

/* True if it ended as it should. */
static bool ended_well(const struct process *p, int status)
{
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	       p->churn == churn_vms;
}

static bool wait_for_one(struct process **p, int *status)
{
	pid_t pid = wait(status);
	unsigned int i;

	for (i = 0; pid > 0 && i < ARRAY_SIZE(processes); i++) {
		*p = &processes[i];
		if ((*p)->pid == pid)
			return true;
	}
	return false;
}

static void on_alarm(int signal)
{
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void print_progress(u64 seconds)
{
	ksft_print_msg("%lu s: %lu VMs, %lu killed, %lu leaves, %lu unloads, %lu files, "
		       "%lu writes\n",
		       (unsigned long)seconds, (unsigned long)done(VMS_CREATED),
		       (unsigned long)done(VMS_KILLED),
		       (unsigned long)done(LEAF_READS),
		       (unsigned long)done(MODULE_UNLOADS),
		       (unsigned long)done(FILE_READS),
		       (unsigned long)(done(GARBAGE_REFUSED) + done(VMS_HIDDEN)));
}

/* A guest that is broken may keep its process busy for ever: do not ask. */
static void kill_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(processes); i++)
		if (processes[i].pid)
			kill(processes[i].pid, SIGKILL);
}

/* False as soon as a process ended as it should not: it ends the others, too. */
static bool churn_for(u64 seconds)
{
	struct itimerval tick = {
		.it_interval.tv_sec = 1,
		.it_value.tv_sec = 1,
	};
	struct sigaction action = { .sa_handler = on_alarm };
	u64 began = now(), elapsed, printed = 0;
	unsigned int i, nr_alive = 0;
	struct process *p;
	bool good = true;
	int status;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (i = 0; i < ARRAY_SIZE(processes); i++, nr_alive++)
		start(&processes[i]);

	while (nr_alive) {
		elapsed = now() - began;
		if (elapsed / PROGRESS_SECONDS != printed) {
			printed = elapsed / PROGRESS_SECONDS;
			print_progress(elapsed);
		}
		if (elapsed >= seconds)
			stop();
		if (!wait_for_one(&p, &status))
			continue;

		p->pid = 0;
		if (good && !ended_well(p, status)) {
			ksft_print_msg("%s: status %x\n", p->name, status);
			good = false;
			stop();
			kill_all();
		}
		nr_alive--;
		if (!stopping()) {
			start(p);
			nr_alive++;
		}
	}
	setitimer(ITIMER_REAL, &(struct itimerval){}, NULL);

	return good;
}

int main(void)
{
	const char *seconds = getenv("CHURN_SECONDS");
	unsigned int i;
	bool good;

	TEST_REQUIRE(file_exists(KVM_DEV_PATH));
	__TEST_REQUIRE(file_exists(PARAM_CPUID),
		       "KVM does not count VM exits per reason");
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	require_stuck_readers();
	require_module_file();
	restore_at_exit(PARAM_CPUID);
	restore_at_exit(PARAM_CPUID_DEFAULT);
	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_HISTOGRAM);
	restore_at_exit(PARAM_CPUID_TIME);
	setvbuf(stdout, NULL, _IOLBF, 0);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(shared != MAP_FAILED, "mmap() failed, errno: %i", errno);

	ksft_print_header();
	ksft_set_plan(NR_ACTIVITIES + 1);
	good = churn_for(seconds ? atoi(seconds) : 60);
	ksft_test_result(good, "every process ended as it should\n");
	for (i = 0; i < NR_ACTIVITIES; i++)
		ksft_test_result(done(i), "%s: %lu\n",
				 activities[i], (unsigned long)done(i));
	ksft_finished();
}
