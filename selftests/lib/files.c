// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>

#include "files.h"
#include "wait.h"

bool file_exists(const char *path)
{
	return !access(path, F_OK);
}

void wait_for_file(const char *path)
{
	TEST_ASSERT(wait_until(file_exists(path)), "%s does not appear", path);
}

void wait_until_gone(const char *path)
{
	TEST_ASSERT(wait_until(!file_exists(path)), "%s does not go", path);
}

void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, size, f), "%s is empty", path);
	line[strcspn(line, "\n")] = '\0';
	fclose(f);
}

unsigned long read_number(const char *path, const char *format)
{
	FILE *f = fopen(path, "r");
	unsigned long number = 0;
	bool found = false;
	char line[256];

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, format, &number) == 1;
	fclose(f);
	TEST_ASSERT(found, "No \"%s\" in %s", format, path);

	return number;
}

unsigned int nr_entries(const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	unsigned int nr = 0;

	TEST_ASSERT(dir, "opendir(%s) failed, errno: %i", directory, errno);
	while ((entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);

	return nr;
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
} restored_files[12];

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
