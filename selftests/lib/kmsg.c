// SPDX-License-Identifier: GPL-2.0-only
#include <sys/syscall.h>

#include "kmsg.h"

static int kmsg = -1;

void kmsg_start(void)
{
	if (kmsg >= 0)
		close(kmsg);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	TEST_ASSERT(kmsg >= 0, "open(/dev/kmsg) failed, errno: %i", errno);
	lseek(kmsg, 0, SEEK_END);
}

/* "<level>,<number>,<time>,<flags>;<line>", and then what belongs to it */
static bool next_line(char *line, size_t size)
{
	char record[8192], *begin;
	ssize_t r;

	for (;;) {
		r = read(kmsg, record, sizeof(record) - 1);
		if (r < 0 && errno == EPIPE)
			TEST_FAIL("Lines of the kernel log have been lost");
		if (r < 0)
			return false;
		record[r] = '\0';
		begin = strchr(record, ';');
		if (!begin)
			continue;
		begin++;
		begin[strcspn(begin, "\n")] = '\0';
		snprintf(line, size, "%s", begin);
		return true;
	}
}

static bool begins_with(const char *line, const char *prefix)
{
	return !strncmp(line, prefix, strlen(prefix));
}

bool kmsg_next(const char *prefix, char *rest, size_t size)
{
	char line[1024];

	while (next_line(line, sizeof(line))) {
		if (!begins_with(line, prefix))
			continue;
		snprintf(rest, size, "%s", line + strlen(prefix));
		return true;
	}

	return false;
}

void kmsg_count(struct kmsg_lines *lines)
{
	struct kmsg_lines *l;
	char line[1024];

	while (next_line(line, sizeof(line)))
		for (l = lines; l->prefix; l++)
			l->nr += begins_with(line, l->prefix) &&
				 (!l->part || strstr(line, l->part));
}

void kmsg_vm_prefix(struct kvm_vm *vm, const char *rest, char *prefix,
		    size_t size)
{
	snprintf(prefix, size, KMSG_MODULE "VM %ld-%d%s", syscall(SYS_gettid),
		 vm->fd, rest);
}
