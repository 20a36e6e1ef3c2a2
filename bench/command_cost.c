// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a command takes of a CPU, in ticks of the TSC, and of memory, in bytes, in a
 * terminal of 160 columns and 50 lines of its own.
 *
 *	command_cost NAME once MEMORY-FILE COMMAND...	until it ends
 *	command_cost NAME SECONDS MEMORY-FILE COMMAND...	a second, of so many,
 *			after it has begun to write; then it is ended by SIGTERM
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "processor.h"

static int has_written[2];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Of the thread that the command is, from the scheduler, which counts nanoseconds. */
static double cpu_seconds(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	return read_number(path, "%lu") / 1e9;
}

/* A terminal shows what is written to it. */
static void *drain(void *arg)
{
	int terminal = *(int *)arg;
	static char text[65536];

	if (read(terminal, text, sizeof(text)) > 0)
		TEST_ASSERT(write(has_written[1], "", 1) == 1, "write() failed");
	while (read(terminal, text, sizeof(text)) > 0)
		;
	return NULL;
}

static pid_t start(int terminal, char *command[])
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	terminal = open(ptsname(terminal), O_RDWR);
	dup2(terminal, STDIN_FILENO);
	dup2(terminal, STDOUT_FILENO);
	setenv("TERM", "linux", 1);
	execvp(*command, command);
	_exit(127);
}

int main(int argc, char *argv[])
{
	struct winsize size = { .ws_row = 50, .ws_col = 160 };
	double seconds, cpu = 0, begin, hz;
	int status, terminal;
	unsigned long start_ticks;
	struct rusage usage;
	pthread_t thread;
	char byte;
	pid_t pid;
	FILE *f;

	TEST_ASSERT(argc > 4, "Usage: command_cost NAME once|SECONDS MEMORY-FILE COMMAND...");
	seconds = atof(argv[2]);
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	TEST_ASSERT(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal),
		    "There is no terminal");
	ioctl(terminal, TIOCSWINSZ, &size);
	TEST_ASSERT(!pipe(has_written), "pipe() failed");

	begin = now();
	start_ticks = rdtsc();
	pid = start(terminal, argv + 4);
	TEST_ASSERT(!pthread_create(&thread, NULL, drain, &terminal), "pthread_create() failed");
	if (seconds > 0) {
		TEST_ASSERT(read(has_written[0], &byte, 1) == 1, "It writes nothing");
		/* What it does at first is not what it does every second. */
		usleep(3500000);
		cpu = cpu_seconds(pid);
		usleep(seconds * 1e6);
		cpu = (cpu_seconds(pid) - cpu) / seconds;
		kill(pid, SIGTERM);
	}
	TEST_ASSERT(wait4(pid, &status, 0, &usage) == pid, "wait4() failed");
	TEST_ASSERT(WIFEXITED(status) && !WEXITSTATUS(status), "It ends with status %#x", status);
	hz = (rdtsc() - start_ticks) / (now() - begin);
	if (!(seconds > 0))
		cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
		      (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;

	printf("%s %.0f\n", argv[1], cpu * hz);
	f = fopen(argv[3], "w");
	TEST_ASSERT(f, "%s cannot be written", argv[3]);
	fprintf(f, "%s %ld\n", argv[1], usage.ru_maxrss * 1024);
	fclose(f);
	return 0;
}
