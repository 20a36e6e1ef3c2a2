// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever sleeps in the middle of a read of the module's files delays neither the
 * start nor the end of any VM, nor another reader.
 */
#include <sys/wait.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

static void guest_code(void)
{
	for (;;)
		GUEST_SYNC1(guest_exits_total());
}

static struct kvm_vm *create_vm(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_one_vcpu(&vcpu, guest_code);
	run_until_ucall(vcpu, &uc);
	return vm;
}

/* A process, and what it is doing. */
struct process {
	pid_t pid;
	bool ended;
	int status;
	const char *doing;
};

FIXTURE(stuck_reader)
{
	/* Shared by the processes */
	struct process *owner;
	struct process *bystander;
	/* The owner tells the number of its VM's file, and is told to end it. */
	int from_owner[2];
	int to_owner[2];
	char owners_dir[64];
	/* There is another VM all the time. */
	struct kvm_vm *vm;
	struct stuck_reader reader;
};

FIXTURE_VARIANT(stuck_reader)
{
	const char *of_host;
	const char *of_vm;
};

FIXTURE_VARIANT_ADD(stuck_reader, host_total)
{
	.of_host = DEBUGFS_DIR "/total",
};

FIXTURE_VARIANT_ADD(stuck_reader, host_reasons)
{
	.of_host = DEBUGFS_DIR "/reasons",
};

FIXTURE_VARIANT_ADD(stuck_reader, vm_total)
{
	.of_vm = "total",
};

FIXTURE_VARIANT_ADD(stuck_reader, vm_reasons)
{
	.of_vm = "reasons",
};

FIXTURE_VARIANT_ADD(stuck_reader, host_states)
{
	.of_host = DEBUGFS_DIR "/states",
};

FIXTURE_VARIANT_ADD(stuck_reader, vm_states)
{
	.of_vm = "states",
};

FIXTURE_VARIANT_ADD(stuck_reader, vcpu_states)
{
	.of_vm = "vcpu0/states",
};

FIXTURE_VARIANT_ADD(stuck_reader, vcpu_durations)
{
	.of_vm = "vcpu0/durations",
};

FIXTURE_VARIANT_ADD(stuck_reader, guest_visible)
{
	.of_vm = "guest_visible",
};

FIXTURE_VARIANT_ADD(stuck_reader, vcpu_reasons)
{
	.of_vm = "vcpu0/reasons",
};

FIXTURE_VARIANT_ADD(stuck_reader, directory_of_vms)
{
	.of_host = VMS_DIR,
};

FIXTURE_VARIANT_ADD(stuck_reader, directory_of_vm)
{
	.of_vm = "",
};

static void own_vm(struct process *self, int from_owner, int to_owner)
{
	struct kvm_vm *vm = create_vm();
	char go;

	TEST_ASSERT(write(from_owner, &vm->fd, sizeof(vm->fd)) == sizeof(vm->fd),
		    "write() failed, errno: %i", errno);
	TEST_ASSERT(read(to_owner, &go, 1) == 1, "read() failed, errno: %i", errno);
	WRITE_ONCE(self->doing, "ending the VM that is read");
	kvm_vm_free(vm);
}

/* What a host does all day. */
static void stand_by(struct process *self, const char *dir_of_other)
{
	static const char * const files[] = {
		"total", "reasons", "states", "guest_visible",
		"vcpu0/reasons", "vcpu0/states", "vcpu0/durations",
	};
	char path[256], line[256];
	struct kvm_vm *vm;
	unsigned int i;

	WRITE_ONCE(self->doing, "creating and running a VM");
	vm = create_vm();

	WRITE_ONCE(self->doing, "reading the host's counts");
	read_line(DEBUGFS_DIR "/total", line, sizeof(line));
	read_line(DEBUGFS_DIR "/reasons", line, sizeof(line));
	read_line(DEBUGFS_DIR "/states", line, sizeof(line));

	WRITE_ONCE(self->doing, "reading another VM's files");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s%s", dir_of_other, files[i]);
		read_line(path, line, sizeof(line));
	}

	WRITE_ONCE(self->doing, "logging the table");
	write_file(PARAM_LOG, "1");

	WRITE_ONCE(self->doing, "throwing a VM's switch");
	snprintf(line, sizeof(line), "%d-%d 1", getpid(), vm->fd);
	write_file(PARAM_GUEST_VISIBLE, line);

	WRITE_ONCE(self->doing, "throwing the ledger's switches");
	write_file(PARAM_TIME, "N");
	write_file(PARAM_HISTOGRAM, "N");
	write_file(PARAM_HISTOGRAM, "Y");
	try_write_file(PARAM_TIME, "Y");

	WRITE_ONCE(self->doing, "ending a VM");
	kvm_vm_free(vm);

	WRITE_ONCE(self->doing, "listing the VMs");
	nr_entries(VMS_DIR);
}

/* The child is the one that gets NULL: what is shared is not its to change. */
static struct process *start(struct process *p)
{
	pid_t pid = fork();

	TEST_ASSERT(pid >= 0, "fork() failed, errno: %i", errno);
	if (!pid)
		return NULL;
	p->pid = pid;
	return p;
}

static bool has_ended(struct process *p)
{
	if (!p->ended)
		p->ended = waitpid(p->pid, &p->status, WNOHANG) == p->pid;
	return p->ended;
}

FIXTURE_SETUP(stuck_reader)
{
	struct process *processes;
	int fd;

	write_file(PARAM_HISTOGRAM, "Y");
	/* Without it, the files are there nevertheless. */
	try_write_file(PARAM_TIME, "Y");

	processes = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(processes != MAP_FAILED, "mmap() failed, errno: %i", errno);
	self->owner = &processes[0];
	self->bystander = &processes[1];
	TEST_ASSERT(!pipe(self->from_owner) && !pipe(self->to_owner),
		    "pipe() failed, errno: %i", errno);

	if (!start(self->owner)) {
		own_vm(self->owner, self->from_owner[1], self->to_owner[0]);
		_exit(0);
	}
	TEST_ASSERT(read(self->from_owner[0], &fd, sizeof(fd)) == sizeof(fd),
		    "read() failed, errno: %i", errno);
	snprintf(self->owners_dir, sizeof(self->owners_dir), VMS_DIR "/%d-%d",
		 self->owner->pid, fd);

	self->vm = create_vm();
}

FIXTURE_TEARDOWN(stuck_reader)
{
	kvm_vm_free(self->vm);
	write_file(PARAM_TIME, "N");
	write_file(PARAM_HISTOGRAM, "N");
}

TEST_F(stuck_reader, harms_nobody)
{
	const char *hangs = NULL;
	char path[128];
	ssize_t result;

	vm_debugfs_file(self->vm, "vcpu0/reasons", path, sizeof(path));
	snprintf(path, sizeof(path), "%s/vcpu0/reasons", self->owners_dir);
	wait_for_file(path);
	snprintf(path, sizeof(path), "%s/%s", self->owners_dir,
		 variant->of_vm ?: "");
	TEST_ASSERT(stuck_reader_start(&self->reader, variant->of_host ?: path),
		    "Whoever reads %s does not sleep", variant->of_host ?: path);

	TEST_ASSERT(write(self->to_owner[1], "", 1) == 1, "write() failed, errno: %i",
		    errno);
	if (!wait_until(has_ended(self->owner)))
		hangs = self->owner->doing;

	vm_debugfs_path(self->vm, "", path, sizeof(path));
	if (!start(self->bystander)) {
		stand_by(self->bystander, path);
		_exit(0);
	}
	if (!wait_until(has_ended(self->bystander)))
		hangs = self->bystander->doing;

	/* Whoever waited for it goes on. */
	result = stuck_reader_end(&self->reader);
	TEST_ASSERT(wait_until(has_ended(self->owner) && has_ended(self->bystander)),
		    "A process does not end");

	TEST_ASSERT(!hangs, "As somebody sleeps in a read: \"%s\" hangs", hangs);
	TEST_ASSERT(!self->owner->status, "Owner: %s: status %x",
		    self->owner->doing, self->owner->status);
	TEST_ASSERT(!self->bystander->status, "Bystander: %s: status %x",
		    self->bystander->doing, self->bystander->status);
	TEST_ASSERT(result > 0, "The reader itself got %zd", result);
	wait_until_gone(self->owners_dir);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_HISTOGRAM);
	require_stuck_readers();

	return test_harness_run(argc, argv);
}
