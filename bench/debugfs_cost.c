// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to read what kvm_exits shows of a number of VMs with one vCPU
 * each: ticks of the TSC, least of some, from open() to close() of all files.
 *
 *	debugfs_cost NR_VMS
 */
#include <dirent.h>

#include "allow_files.h"
#include "debugfs.h"
#include "files.h"
#include "processor.h"

#define ROUNDS	2

static void read_whole(const char *path)
{
	static char buffer[1 << 16];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	TEST_ASSERT(fd >= 0, "open(%s) failed, errno: %i", path, errno);
	do {
		n = read(fd, buffer, sizeof(buffer));
	} while (n > 0);
	TEST_ASSERT(!n, "read(%s) failed, errno: %i", path, errno);
	close(fd);
}

static void read_file_of_host(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS_DIR "/%s", name);
	read_whole(path);
}

static void read_tree(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	char path[512];

	TEST_ASSERT(d, "opendir(%s) failed, errno: %i", directory, errno);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "log"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (entry->d_type == DT_DIR)
			read_tree(path);
		else
			read_whole(path);
	}
	closedir(d);
}

static const struct {
	const char *name;
	void (*read)(const char *what);
	const char *what;
} readings[] = {
	{ "HOST_TOTAL", read_file_of_host, "total" },
	{ "HOST_REASONS", read_file_of_host, "reasons" },
	{ "HOST_STATES", read_file_of_host, "states" },
	{ "ALL_FILES", read_tree, DEBUGFS_DIR },
};

int main(int argc, char *argv[])
{
	int i, nr_vms, vm_fd = -1, kvm_fd = open_kvm_dev_path_or_exit();
	u64 start, ticks, least;
	char path[128];
	unsigned int r;

	TEST_ASSERT(argc == 2, "Usage: debugfs_cost NR_VMS");
	nr_vms = atoi_positive("NR_VMS", argv[1]);
	allow_files(2 * nr_vms + 100);

	for (i = 0; i < nr_vms; i++) {
		vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
		TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM failed, errno: %i", errno);
		TEST_ASSERT(ioctl(vm_fd, KVM_CREATE_VCPU, 0) >= 0,
			    "KVM_CREATE_VCPU failed, errno: %i", errno);
	}
	snprintf(path, sizeof(path), VMS_DIR "/%d-%d/vcpu0/durations", getpid(), vm_fd);
	wait_for_file(path);

	for (r = 0; r < ARRAY_SIZE(readings); r++) {
		least = ~0ull;
		for (i = 0; i < ROUNDS; i++) {
			start = rdtsc();
			readings[r].read(readings[r].what);
			ticks = rdtsc() - start;
			if (ticks < least)
				least = ticks;
		}
		printf("%s %lu\n", readings[r].name, (unsigned long)least);
	}
	return 0;
}
