// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "exit_counts.h"

/* Written from the manual's table, not from KVM's. */
bool reason_is_defined(u32 reason)
{
	static const struct {
		u32 first;
		u32 last;
	} defined[] = {
		{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 },
		{ 84, 85 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(defined); i++)
		if (reason >= defined[i].first && reason <= defined[i].last)
			return true;

	return false;
}

bool reason_is_asynchronous(u32 reason)
{
	return reason == EXIT_REASON_EXTERNAL_INTERRUPT ||
	       reason == EXIT_REASON_PREEMPTION_TIMER;
}

bool file_exists(const char *path)
{
	return !access(path, F_OK);
}

void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, size, f), "%s is empty", path);
	line[strcspn(line, "\n")] = '\0';
	fclose(f);
}

int try_write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		r = -errno;
	close(fd);

	/* A failed assertion is a skip to the library if errno is EACCES. */
	errno = 0;
	return r;
}

void write_file(const char *path, const char *value)
{
	int r = try_write_file(path, value);

	TEST_ASSERT(!r, "write(%s, \"%s\") failed, rc: %i", path, value, r);
}

static struct {
	const char *path;
	char value[64];
} restored_files[4];

static void restore_files(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(restored_files); i++)
		if (restored_files[i].path)
			try_write_file(restored_files[i].path,
				       restored_files[i].value);
}

void restore_at_exit(const char *path)
{
	static unsigned int nr;

	TEST_ASSERT(nr < ARRAY_SIZE(restored_files), "%u files are too many",
		    nr + 1);
	read_line(path, restored_files[nr].value,
		  sizeof(restored_files[nr].value));
	restored_files[nr].path = path;
	if (!nr++)
		atexit(restore_files);
}

void require_exit_counts(void)
{
	char visible[8];

	TEST_REQUIRE(file_exists(KVM_DEV_PATH));
	__TEST_REQUIRE(file_exists(PARAM_CPUID),
		       "KVM does not count VM exits per reason");
	TEST_REQUIRE(host_cpu_is_intel);
	read_line(PARAM_CPUID, visible, sizeof(visible));
	__TEST_REQUIRE(visible[0] == 'Y', "kvm.exit_counters_cpuid is off");
}

void read_exit_counts_fd(int fd, u64 counts[NR_BUCKETS])
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *descs, *desc = NULL;
	unsigned int i;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		if (!strcmp(desc->name, "exit_reasons"))
			break;
	}
	TEST_ASSERT(i < header.num_desc, "vCPU has no stat exit_reasons");
	TEST_ASSERT_EQ((u32)desc->size, NR_BUCKETS);
	read_stat_data(fd, &header, desc, (uint64_t *)counts, NR_BUCKETS);
	free(descs);
}

void read_exit_counts(struct kvm_vcpu *vcpu, u64 counts[NR_BUCKETS])
{
	int fd = vcpu_get_stats_fd(vcpu);

	read_exit_counts_fd(fd, counts);
	close(fd);
}

u64 sum_exit_counts(const u64 counts[NR_BUCKETS])
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NR_BUCKETS; i++)
		sum += counts[i];

	return sum;
}

u64 sum_asynchronous(const u64 counts[NR_BUCKETS])
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NR_BUCKETS; i++)
		if (reason_is_asynchronous(i))
			sum += counts[i];

	return sum;
}

u64 run_until_ucall(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	for (;;) {
		vcpu_run(vcpu);
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_IO:
			break;
		case KVM_EXIT_MMIO:
			continue;
		default:
			TEST_FAIL("Unexpected exit to userspace: %u (%s)",
				  vcpu->run->exit_reason,
				  exit_reason_str(vcpu->run->exit_reason));
		}

		if (vcpu->run->io.port == PORT_OF_NOBODY)
			continue;

		switch (get_ucall(vcpu, uc)) {
		case UCALL_SYNC:
		case UCALL_DONE:
			return uc->cmd;
		case UCALL_ABORT:
			errno = 0;
			REPORT_GUEST_ASSERT(*uc);
		default:
			TEST_FAIL("Unexpected ucall: %lu", uc->cmd);
		}
	}
}

/* The library's get_cpuid_entry() fails the test if there is none. */
static const struct kvm_cpuid_entry2 *
find_cpuid_entry(const struct kvm_cpuid2 *cpuid, u32 function, u32 index)
{
	const struct kvm_cpuid_entry2 *e = cpuid->entries;
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++, e++)
		if (e->function == function &&
		    (e->index == index ||
		     !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)))
			return e;

	return NULL;
}

/*
 * A leaf above those of its class is answered with the data of the highest
 * basic leaf for the same index, if that has any.  The leaves of extended
 * topology, if they are the highest, have the index in CL and the APIC ID in
 * EDX whatever the index is.
 */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index)
{
	const struct kvm_cpuid_entry2 *e;
	struct leaf l = { 0 };
	u32 max;

	vcpu_ioctl(vcpu, KVM_GET_CPUID2, vcpu->cpuid);

	max = vcpu_get_cpuid_entry(vcpu, 0)->eax;
	e = find_cpuid_entry(vcpu->cpuid, max, index);
	if (e)
		return (struct leaf) { e->eax, e->ebx, e->ecx, e->edx };

	if (max == 0xb || max == 0x1f) {
		e = find_cpuid_entry(vcpu->cpuid, max, 1);
		if (e) {
			l.rcx = index & 0xff;
			l.rdx = e->edx;
		}
	}

	return l;
}

void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry)
{
	struct kvm_cpuid2 *table = allocate_kvm_cpuid2(vcpu->cpuid->nent + 1);

	memcpy(table->entries, vcpu->cpuid->entries,
	       vcpu->cpuid->nent * sizeof(*entry));
	table->entries[vcpu->cpuid->nent] = *entry;
	free(vcpu->cpuid);
	vcpu->cpuid = NULL;
	vcpu_init_cpuid(vcpu, table);
	free(table);
}

#define TRACING_DIR	"/sys/kernel/tracing"
#define TRACE_EVENT	"events/kvm/kvm_exit"

static char trace_instance[64];
static char trace_trigger[128];
static pid_t trace_owner;

bool trace_is_possible(void)
{
	return file_exists(TRACING_DIR "/instances") &&
	       file_exists(TRACING_DIR "/" TRACE_EVENT "/hist");
}

static void trace_path(const char *file, char *path, size_t size)
{
	snprintf(path, size, "%s/" TRACE_EVENT "/%s", trace_instance, file);
}

static void trace_disarm(void)
{
	char path[160], off[sizeof(trace_trigger) + 1];

	if (!trace_trigger[0])
		return;

	trace_path("trigger", path, sizeof(path));
	snprintf(off, sizeof(off), "!%s", trace_trigger);
	try_write_file(path, off);
	trace_trigger[0] = '\0';
}

/* Also runs in tests that fail, which are children of the instance's owner. */
static void trace_clean_up(void)
{
	trace_disarm();
	if (getpid() == trace_owner)
		rmdir(trace_instance);
}

void trace_create_instance(void)
{
	trace_owner = getpid();
	snprintf(trace_instance, sizeof(trace_instance),
		 TRACING_DIR "/instances/exit_counts_%d", trace_owner);
	TEST_ASSERT(!mkdir(trace_instance, 0700), "mkdir(%s) failed, errno: %i",
		    trace_instance, errno);
	atexit(trace_clean_up);
}

void trace_start(pid_t tid)
{
	char path[160];

	trace_path("trigger", path, sizeof(path));
	snprintf(trace_trigger, sizeof(trace_trigger),
		 "hist:keys=exit_reason:size=256 if common_pid == %d", tid);
	write_file(path, trace_trigger);
}

/*
 * "{ exit_reason:  2147483681 } hitcount:          1" per reason, which has
 * the bit of a failed VM entry.  At the end, "Dropped: 0".
 */
void trace_stop(u64 counts[NR_BUCKETS])
{
	unsigned long reason, hits, dropped = -1ul;
	char path[160], line[256];
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	trace_path("hist", path, sizeof(path));
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " Dropped: %lu", &dropped) == 1)
			break;
		if (sscanf(line, "{ exit_reason: %lu } hitcount: %lu", &reason,
			   &hits) != 2)
			continue;
		reason &= 0xffff;
		counts[min_t(u32, reason, UNKNOWN_BUCKET)] += hits;
	}
	fclose(f);
	TEST_ASSERT_EQ(dropped, 0);

	trace_disarm();
}

void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size)
{
	snprintf(path, size, DEBUGFS_DIR "/vms/%ld-%d/%s",
		 syscall(SYS_gettid), vm->fd, file);
}

u64 read_debugfs_total(const char *path)
{
	char line[64], *end;
	u64 total;

	read_line(path, line, sizeof(line));
	total = strtoull(line, &end, 10);
	TEST_ASSERT(isdigit(line[0]) && !*end, "%s is no number: \"%s\"", path,
		    line);
	return total;
}

/* "<number or -> <name> <exits> <cycles or ->" below a line of headings. */
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS])
{
	char line[256], number[32], name[64], exits[32], cycles[32], rest[2];
	unsigned int nr_lines = 0;
	long reason, last = -1;
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, sizeof(line), f) && line[0] == '#',
		    "%s has no headings", path);
	while (fgets(line, sizeof(line), f)) {
		TEST_ASSERT(sscanf(line, "%31s %63s %31s %31s %1s", number,
				   name, exits, cycles, rest) == 4,
			    "%s: not four fields: \"%s\"", path, line);
		reason = UNKNOWN_BUCKET;
		if (strcmp(number, "-")) {
			reason = atoi(number);
			TEST_ASSERT(reason_is_defined(reason),
				    "%s: %ld is no exit reason", path, reason);
		} else {
			TEST_ASSERT(!strcmp(name, "UNKNOWN"),
				    "%s: wanted UNKNOWN, got %s", path, name);
		}
		TEST_ASSERT(reason > last, "%s: %ld follows %ld", path, reason,
			    last);
		last = reason;
		counts[reason] = strtoull(exits, NULL, 10);
		nr_lines++;
	}
	fclose(f);
	TEST_ASSERT(nr_lines == 81, "%s: %u lines, wanted 80 and UNKNOWN", path,
		    nr_lines);
}
