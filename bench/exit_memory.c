// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VMs and vCPUs take of the kernel's memory: bytes of its allocator's
 * slabs, from a number of VMs that no guest runs in.
 */
#include "exit_counts.h"

#define NR_VMS		100
#define NR_VCPUS	4

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

int main(void)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vm_fds[NR_VMS], vcpu_fds[NR_VMS][NR_VCPUS];
	u64 none, vms, vcpus;
	int i, j;

	/* The object of a vCPU itself, as the cache of them has it. */
	printf("VCPU_OBJECT %lu\n",
	       read_number("/proc/slabinfo", "kvm_vcpu %*u %*u %lu"));

	/* What is allocated once, for the first. */
	vm_fds[0] = create_vm(kvm_fd);
	close(ioctl(vm_fds[0], KVM_CREATE_VCPU, 0));
	close(vm_fds[0]);

	none = slab_bytes();
	for (i = 0; i < NR_VMS; i++)
		vm_fds[i] = create_vm(kvm_fd);
	vms = slab_bytes();
	for (i = 0; i < NR_VMS; i++) {
		for (j = 0; j < NR_VCPUS; j++) {
			vcpu_fds[i][j] = ioctl(vm_fds[i], KVM_CREATE_VCPU, j);
			TEST_ASSERT(vcpu_fds[i][j] >= 0,
				    "KVM_CREATE_VCPU failed, errno: %i", errno);
		}
	}
	vcpus = slab_bytes();

	printf("SLABS_A_VM %lu\n", (unsigned long)(vms - none) / NR_VMS);
	printf("SLABS_A_VCPU %lu\n",
	       (unsigned long)(vcpus - vms) / (NR_VMS * NR_VCPUS));
	return 0;
}
