// SPDX-License-Identifier: GPL-2.0-only
#include <sys/stat.h>

#include "files.h"
#include "trace.h"

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

static void write_instance_file(const char *file, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", trace_instance, file);
	write_file(path, value);
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
 * "{ exit_reason:         48 } hitcount:          1" per reason, in decimal and
 * without a sign.  At the end, "Dropped: 0".
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
		counts[bucket_of_reason(reason & exit_isa()->trace_mask)] += hits;
	}
	fclose(f);
	TEST_ASSERT_EQ(dropped, 0);

	trace_disarm();
}

void trace_durations_start(pid_t tid, u32 reason)
{
	char filter[96];

	write_instance_file("tracing_on", "0");
	write_instance_file("trace_clock", "x86-tsc");
	write_instance_file("trace", "");
	snprintf(filter, sizeof(filter), "common_pid == %d && exit_reason == %u", tid,
		 reason);
	write_instance_file("events/kvm/kvm_exit/filter", filter);
	snprintf(filter, sizeof(filter), "common_pid == %d", tid);
	write_instance_file("events/kvm/kvm_entry/filter", filter);
	write_instance_file("events/kvm/kvm_exit/enable", "1");
	write_instance_file("events/kvm/kvm_entry/enable", "1");
	write_instance_file("tracing_on", "1");
}

/* "task-pid [cpu] flags <TSC>: kvm_exit: ..." */
static bool parse_event(const char *line, const char *event, u64 *tsc)
{
	const char *name = strstr(line, event);
	const char *end;

	if (!name)
		return false;
	for (end = name; end > line && end[-1] != ' '; end--)
		;
	for (end = end - 1; end > line && end[-1] != ' '; end--)
		;
	return sscanf(end, "%lu:", tsc) == 1;
}

void trace_durations_stop(struct traced_exits *exits)
{
	char path[160], line[512];
	u64 tsc, exit = 0;
	FILE *f;

	write_instance_file("tracing_on", "0");
	write_instance_file("events/kvm/kvm_exit/enable", "0");
	write_instance_file("events/kvm/kvm_entry/enable", "0");

	memset(exits, 0, sizeof(*exits));
	snprintf(path, sizeof(path), "%s/trace", trace_instance);
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		TEST_ASSERT(!strstr(line, "LOST"), "%s: %s", path, line);
		if (line[0] == '#')
			continue;
		if (parse_event(line, "kvm_exit:", &tsc)) {
			exit = tsc;
		} else if (parse_event(line, "kvm_entry:", &tsc) && exit) {
			TEST_ASSERT(exits->nr < ARRAY_SIZE(exits->durations),
				    "More than %u exits", exits->nr);
			exits->durations[exits->nr++] = tsc - exit;
			exits->cycles += tsc - exit;
			exit = 0;
		}
	}
	fclose(f);
}
