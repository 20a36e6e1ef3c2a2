// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <sys/syscall.h>

#include "debugfs.h"
#include "files.h"
#include "ledger.h"
#include "wait.h"

void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size)
{
	snprintf(path, size, DEBUGFS_DIR "/vms/%ld-%d/%s",
		 syscall(SYS_gettid), vm->fd, file);
}

void vm_debugfs_file(struct kvm_vm *vm, const char *file, char *path,
		     size_t size)
{
	vm_debugfs_path(vm, file, path, size);
	wait_for_file(path);
}

bool no_vms_are_shown(void)
{
	return wait_until(!nr_entries(VMS_DIR));
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

static unsigned int nr_words(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += !isspace(*text) && (isspace(text[1]) || !text[1]);

	return nr;
}

/*
 * "<number or -> <name> <exits>" and the columns of cycles, below a line of what it is
 * about; last, what no exit has caused.
 */
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS])
{
	static const char headings[] = "# reason name exits cycles longest%n";
	char line[512], number[32], name[64], exits[32];
	unsigned int nr_lines = 0;
	bool no_exit = false;
	int bucket, last = -1, end = 0;
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, sizeof(line), f) && !strncmp(line, "# ", 2),
		    "%s does not say what it is about", path);
	TEST_ASSERT(fgets(line, sizeof(line), f) && sscanf(line, headings, &end) == 0 &&
		    end && nr_words(line + end) == NR_LEDGER_STATES,
		    "%s has no headings: \"%s\"", path, line);
	while (fgets(line, sizeof(line), f)) {
		TEST_ASSERT(sscanf(line, "%31s %63s %31s %n", number, name, exits,
				   &end) == 3 && nr_words(line + end) == NR_LEDGER_STATES + 2,
			    "%s: not twelve fields: \"%s\"", path, line);
		TEST_ASSERT(!no_exit, "%s: a line after NO_EXIT: \"%s\"", path, line);
		no_exit = !strcmp(name, "NO_EXIT");
		if (no_exit)
			continue;
		bucket = parse_reason(number);
		TEST_ASSERT((bucket == UNKNOWN_BUCKET) ==
			    !strcmp(name, "UNKNOWN"), "%s: %s is called %s",
			    path, number, name);
		TEST_ASSERT(bucket > last, "%s: %s is not in order", path,
			    number);
		last = bucket;
		counts[bucket] = strtoull(exits, NULL, 10);
		nr_lines++;
	}
	fclose(f);
	TEST_ASSERT(nr_lines == nr_reasons() + 1 && no_exit,
		    "%s: %u lines, wanted %u, UNKNOWN and NO_EXIT", path, nr_lines,
		    nr_reasons());
}
