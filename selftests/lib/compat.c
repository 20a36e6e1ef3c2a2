// SPDX-License-Identifier: GPL-2.0-only
#include "compat.h"

/* Before Linux 7.3 */
#ifdef prepare_vmcs

/* As after a call, which has pushed where to return to. */
void *guest_l2_stack(void)
{
	static u64 __aligned(16) stack[64];

	return &stack[ARRAY_SIZE(stack) - 1];
}

#endif

/* Linux 6.1 */
#ifdef get_ucall

#include "files.h"

bool host_cpu_is_intel;
bool host_cpu_is_amd;

static void __attribute__((constructor)) find_out_vendor(void)
{
	host_cpu_is_intel = is_intel_cpu();
	host_cpu_is_amd = is_amd_cpu();
}

int get_kvm_amd_param_integer(const char *param)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/kvm_amd/parameters/%s", param);
	return read_number(path, "%lu");
}

static u64 guest_assert_numbers[NR_GUEST_ASSERT_NUMBERS];

/* Those of the library itself have no format, hence no numbers. */
u64 get_ucall_and_numbers(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	struct ucall own;

	uc = uc ?: &own;
	if ((get_ucall)(vcpu, uc) == UCALL_ABORT && GUEST_ASSERT_ARG(*uc, 0))
		memcpy(guest_assert_numbers,
		       addr_gva2hva(vcpu->vm, GUEST_ASSERT_ARG(*uc, 1)),
		       sizeof(guest_assert_numbers));
	return uc->cmd;
}

void report_guest_assert(const struct ucall *uc)
{
	const char *format = (const char *)GUEST_ASSERT_ARG(*uc, 0);
	const u64 *n = guest_assert_numbers;
	char text[512] = "";

	if (format)
		snprintf(text, sizeof(text), format, n[0], n[1], n[2], n[3], n[4],
			 n[5], n[6], n[7], n[8], n[9]);
	test_assert(false, (const char *)uc->args[GUEST_ERROR_STRING],
		    (const char *)uc->args[GUEST_FILE], uc->args[GUEST_LINE],
		    "%s", text);
}

struct kvm_vcpu *vm_vcpu_add_as_later(struct kvm_vm *vm, u32 id, void *guest_code)
{
	struct kvm_vcpu *vcpu = (vm_vcpu_add)(vm, id, guest_code);
	struct kvm_regs regs;

	sync_global_to_guest(vm, host_cpu_is_intel);
	sync_global_to_guest(vm, host_cpu_is_amd);

	if (!vm->handlers)
		vm_init_descriptor_tables(vm);
	vcpu_init_descriptor_tables(vcpu);

	/* As above */
	vcpu_regs_get(vcpu, &regs);
	regs.rsp -= sizeof(u64);
	vcpu_regs_set(vcpu, &regs);
	return vcpu;
}

struct kvm_vm *vm_create_as_later(u32 nr_vcpus, u64 extra_pages, void *guest_code,
				  struct kvm_vcpu *vcpus[])
{
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, nr_vcpus, extra_pages);
	u32 i;

	for (i = 0; i < nr_vcpus; i++)
		vcpus[i] = vm_vcpu_add(vm, i, guest_code);
	return vm;
}

void vcpu_arch_set_entry_point(struct kvm_vcpu *vcpu, void *guest_code)
{
	struct kvm_regs regs;

	vcpu_regs_get(vcpu, &regs);
	regs.rip = (unsigned long)guest_code;
	vcpu_regs_set(vcpu, &regs);
}

#endif
