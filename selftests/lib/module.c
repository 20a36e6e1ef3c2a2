// SPDX-License-Identifier: GPL-2.0-only
#include <sys/syscall.h>

#include "files.h"
#include "module.h"

int load_module(void)
{
	int fd = open(getenv("KVM_EXITS_KO"), O_RDONLY);
	int r;

	if (fd < 0)
		return -errno;
	r = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return r;
}

int unload_module(void)
{
	return syscall(SYS_delete_module, "kvm_exits", O_NONBLOCK) ? -errno : 0;
}

static void load_module_at_exit(void)
{
	if (!file_exists(MODULE_DIR))
		load_module();
}

void require_module_file(void)
{
	const char *path = getenv("KVM_EXITS_KO");

	__TEST_REQUIRE(path && file_exists(path),
		       "KVM_EXITS_KO is not the module's file");
	atexit(load_module_at_exit);
}
