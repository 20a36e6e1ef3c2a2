// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host with something to look at: VMs, each a process of its own as those of a
 * VMM are, of vCPUs that exit a few times a second, until it is killed.
 *
 *	busy_vms NR_VMS NR_VCPUS
 *
 * It says "ready" when each vCPU has run.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kvm_util.h"
#include "processor.h"
#include "vcpu.h"

#define MAX_VCPUS	64
/* Of a vCPU between two returns to its VMM */
#define PAUSE_US	500000

static int running[2];

static void guest_code(void)
{
	u32 eax, ebx, ecx, edx;

	for (;;) {
		cpuid(0, &eax, &ebx, &ecx, &edx);
		guest_outb(PORT_OF_NOBODY, 0);
	}
}

static void *run_vcpu(void *vcpu)
{
	bool has_run = false;

	for (;;) {
		vcpu_run(vcpu);
		if (!has_run)
			TEST_ASSERT(write(running[1], "", 1) == 1,
				    "write() failed, errno: %i", errno);
		has_run = true;
		usleep(PAUSE_US);
	}
	return NULL;
}

static void run_vm(int nr_vcpus)
{
	struct kvm_vcpu *vcpus[MAX_VCPUS];
	pthread_t thread;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vm_create_with_vcpus(nr_vcpus, guest_code, vcpus);
	for (i = 0; i < nr_vcpus; i++)
		TEST_ASSERT(!pthread_create(&thread, NULL, run_vcpu, vcpus[i]),
			    "pthread_create() failed");
	pause();
}

int main(int argc, char *argv[])
{
	int i, nr_vms, nr_vcpus;
	char byte;

	TEST_ASSERT(argc == 3, "Usage: busy_vms NR_VMS NR_VCPUS");
	nr_vms = atoi_positive("NR_VMS", argv[1]);
	nr_vcpus = atoi_positive("NR_VCPUS", argv[2]);
	TEST_ASSERT(nr_vcpus <= MAX_VCPUS, "At most %i vCPUs", MAX_VCPUS);
	TEST_ASSERT(!pipe(running), "pipe() failed, errno: %i", errno);

	for (i = 0; i < nr_vms; i++) {
		if (!fork())
			run_vm(nr_vcpus);
	}
	close(running[1]);
	for (i = 0; i < nr_vms * nr_vcpus; i++)
		TEST_ASSERT(read(running[0], &byte, 1) == 1, "A VM has ended");
	printf("ready\n");
	fflush(stdout);
	wait(NULL);
	return 1;
}
