// SPDX-License-Identifier: GPL-2.0-only
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "stuck_reader.h"
#include "wait.h"

static int open_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
}

void require_stuck_readers(void)
{
	int uffd = open_userfaultfd();

	__TEST_REQUIRE(uffd >= 0, "The kernel has no userfaultfd");
	close(uffd);
}

static void *read_once(void *arg)
{
	struct stuck_reader *reader = arg;
	struct stat st;

	if (!fstat(reader->fd, &st) && S_ISDIR(st.st_mode))
		reader->result = syscall(SYS_getdents64, reader->fd, reader->page,
					 getpagesize());
	else
		reader->result = read(reader->fd, reader->page, getpagesize());
	if (reader->result < 0)
		reader->result = -errno;

	return NULL;
}

static void release(struct stuck_reader *reader)
{
	munmap(reader->page, getpagesize());
	close(reader->uffd);
	close(reader->fd);
}

bool stuck_reader_start(struct stuck_reader *reader, const char *path)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd fault = { .events = POLLIN };
	struct uffd_msg msg;

	reader->fd = open(path, O_RDONLY);
	if (reader->fd < 0)
		return false;
	reader->page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(reader->page != MAP_FAILED, "mmap() failed, errno: %i", errno);

	reader->uffd = open_userfaultfd();
	TEST_ASSERT(reader->uffd >= 0, "userfaultfd() failed, errno: %i", errno);
	TEST_ASSERT(!ioctl(reader->uffd, UFFDIO_API, &api),
		    "UFFDIO_API failed, errno: %i", errno);
	range.range.start = (unsigned long)reader->page;
	range.range.len = getpagesize();
	TEST_ASSERT(!ioctl(reader->uffd, UFFDIO_REGISTER, &range),
		    "UFFDIO_REGISTER failed, errno: %i", errno);

	TEST_ASSERT(!pthread_create(&reader->thread, NULL, read_once, reader),
		    "pthread_create() failed");
	fault.fd = reader->uffd;
	while (poll(&fault, 1, 1) != 1) {
		if (pthread_tryjoin_np(reader->thread, NULL))
			continue;
		release(reader);
		return false;
	}
	TEST_ASSERT(read(reader->uffd, &msg, sizeof(msg)) == sizeof(msg) &&
		    msg.event == UFFD_EVENT_PAGEFAULT, "No page fault");
	return true;
}

ssize_t stuck_reader_end(struct stuck_reader *reader)
{
	struct uffdio_zeropage zeros = { 0 };

	zeros.range.start = (unsigned long)reader->page;
	zeros.range.len = getpagesize();
	TEST_ASSERT(!ioctl(reader->uffd, UFFDIO_ZEROPAGE, &zeros),
		    "UFFDIO_ZEROPAGE failed, errno: %i", errno);
	TEST_ASSERT(!pthread_join(reader->thread, NULL), "pthread_join() failed");
	release(reader);
	return reader->result;
}
