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
