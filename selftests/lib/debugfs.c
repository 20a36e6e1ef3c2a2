// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <sys/syscall.h>

#include "debugfs.h"
#include "files.h"
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

/* "<number or -> <name> <exits> <cycles or ->" below a line of what it is about. */
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS])
{
	char line[256], number[32], name[64], exits[32], cycles[32], rest[2];
	unsigned int nr_lines = 0;
	int bucket, last = -1, end = 0;
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, sizeof(line), f) && !strncmp(line, "# ", 2),
		    "%s does not say what it is about", path);
	TEST_ASSERT(fgets(line, sizeof(line), f) &&
		    sscanf(line, "# reason name exits cycles%n", &end) == 0 &&
		    end && !line[end + strspn(line + end, "\n ")],
		    "%s has no headings: \"%s\"", path, line);
	while (fgets(line, sizeof(line), f)) {
		TEST_ASSERT(sscanf(line, "%31s %63s %31s %31s %1s", number,
				   name, exits, cycles, rest) == 4,
			    "%s: not four fields: \"%s\"", path, line);
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
	TEST_ASSERT(nr_lines == nr_reasons() + 1,
		    "%s: %u lines, wanted %u and UNKNOWN", path, nr_lines,
		    nr_reasons());
}
