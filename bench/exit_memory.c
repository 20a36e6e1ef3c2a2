// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VMs and vCPUs take of the kernel's memory: bytes of its allocator's
 * slabs, from a number of VMs that no guest runs in.
 *
 *	exit_memory		with the ledger as it is: a VM, a vCPU
 *	exit_memory switch	a vCPU and its share of its VM, when the ledger is
 *				switched on, and off again
 */
#include <time.h>

#include "files.h"
#include "ledger.h"

#define NR_VMS		100
#define NR_VCPUS	4

static int vm_fds[NR_VMS], vcpu_fds[NR_VMS][NR_VCPUS];

static u64 slab_bytes(void)
{
	return read_number("/proc/meminfo", "Slab: %lu kB") * 1024ull;
}

static int create_vm(int kvm_fd)
{
	int vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);

	TEST_ASSERT(vm_fd >= 0, "KVM_CREATE_VM failed, errno: %i", errno);
	TEST_ASSERT(!ioctl(vm_fd, KVM_CREATE_IRQCHIP, 0),
		    "KVM_CREATE_IRQCHIP failed, errno: %i", errno);
	return vm_fd;
}

static void create_vms(int kvm_fd)
{
	int i;

	for (i = 0; i < NR_VMS; i++)
		vm_fds[i] = create_vm(kvm_fd);
}

static void create_vcpus(void)
{
	int i, j;

	for (i = 0; i < NR_VMS; i++) {
		for (j = 0; j < NR_VCPUS; j++) {
			vcpu_fds[i][j] = ioctl(vm_fds[i], KVM_CREATE_VCPU, j);
			TEST_ASSERT(vcpu_fds[i][j] >= 0,
				    "KVM_CREATE_VCPU failed, errno: %i", errno);
		}
	}
}

static unsigned long of_each(u64 before, u64 after, int nr)
{
	return after > before ? (after - before) / nr : 0;
}

/*
 * Memory comes back when RCU has waited for all readers: when it has, or it takes
 * longer than that can.
 */
static u64 slab_bytes_when_freed(u64 off)
{
	time_t end = time(NULL) + 20;
	u64 bytes;

	do {
		usleep(10000);
		bytes = slab_bytes();
	} while (bytes > off + NR_VMS * NR_VCPUS * 1024 && time(NULL) < end);
	return bytes;
}

static void measure_switch(int kvm_fd)
{
	u64 off, on, off_again;

	create_vms(kvm_fd);
	create_vcpus();
	off = slab_bytes();
	write_file(PARAM_TIME, "Y");
	on = slab_bytes();
	write_file(PARAM_TIME, "N");
	off_again = slab_bytes_when_freed(off);

	printf("SWITCHED_ON %lu\n", of_each(off, on, NR_VMS * NR_VCPUS));
	printf("GIVEN_BACK %lu\n", of_each(off_again, on, NR_VMS * NR_VCPUS));
}

static void measure_kinds(int kvm_fd)
{
	u64 none, vms, vcpus;

	/* The object of a vCPU itself, as the cache of them has it. */
	printf("VCPU_OBJECT %lu\n",
	       read_number("/proc/slabinfo", "kvm_vcpu %*u %*u %lu"));

	none = slab_bytes();
	create_vms(kvm_fd);
	vms = slab_bytes();
	create_vcpus();
	vcpus = slab_bytes();

	printf("SLABS_A_VM %lu\n", of_each(none, vms, NR_VMS));
	printf("SLABS_A_VCPU %lu\n", of_each(vms, vcpus, NR_VMS * NR_VCPUS));
}

int main(int argc, char *argv[])
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vm_fd;

	/* What is allocated once, for the first. */
	vm_fd = create_vm(kvm_fd);
	close(ioctl(vm_fd, KVM_CREATE_VCPU, 0));
	close(vm_fd);

	if (argc == 2 && !strcmp(argv[1], "switch"))
		measure_switch(kvm_fd);
	else
		measure_kinds(kvm_fd);
	return 0;
}
