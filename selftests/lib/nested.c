// SPDX-License-Identifier: GPL-2.0-only
#include "nested.h"
#include "svm_util.h"
#include "vmx.h"

bool nested_is_possible(void)
{
	return kvm_cpu_has(X86_FEATURE_VMX) || kvm_cpu_has(X86_FEATURE_SVM);
}

gva_t nested_alloc(struct kvm_vm *vm)
{
	gva_t gva;

	if (host_cpu_is_amd)
		vcpu_alloc_svm(vm, &gva);
	else
		vcpu_alloc_vmx(vm, &gva);
	return gva;
}

void guest_nested_prepare(gva_t nested, void *l2_code)
{
	if (host_cpu_is_amd) {
		struct svm_test_data *svm = (void *)nested;

		generic_svm_setup(svm, l2_code);
		/* On VMX it always exits to L1. */
		svm->vmcb->control.intercept |= BIT_ULL(INTERCEPT_CPUID);
	} else {
		struct vmx_pages *vmx = (void *)nested;

		GUEST_ASSERT(prepare_for_vmx_operation(vmx));
		GUEST_ASSERT(load_vmcs(vmx));
		prepare_vmcs(vmx, l2_code);
	}
}

u32 guest_nested_enter(gva_t nested, bool again)
{
	if (host_cpu_is_amd) {
		struct svm_test_data *svm = (void *)nested;

		run_guest(svm->vmcb, svm->vmcb_gpa);
		return svm->vmcb->control.exit_code;
	}

	GUEST_ASSERT(again ? !vmresume() : !vmlaunch());
	return vmreadz(VM_EXIT_REASON);
}

void guest_nested_skip(gva_t nested, unsigned int length)
{
	if (host_cpu_is_amd)
		((struct svm_test_data *)nested)->vmcb->save.rip += length;
	else
		vmwrite(GUEST_RIP, vmreadz(GUEST_RIP) + length);
}
