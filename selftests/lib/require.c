// SPDX-License-Identifier: GPL-2.0-only
#include "files.h"
#include "module.h"
#include "reasons.h"
#include "require.h"

static bool vendor_param(const char *param)
{
	return host_cpu_is_amd ? get_kvm_amd_param_bool(param) :
				 get_kvm_intel_param_bool(param);
}

const char *why_no_interrupt_window(void)
{
	return vendor_param(exit_isa()->virtual_apic) ? "the APIC is virtual" :
							NULL;
}

/* Without unrestricted guest, KVM can't enter whatever state it is. */
const char *why_no_invalid_state_exit(void)
{
	if (host_cpu_is_intel && !kvm_is_unrestricted_guest_enabled())
		return "KVM emulates a guest with invalid state";
	return NULL;
}

/* SVM has to tell KVM where the next instruction is, which not all CPUs do. */
const char *why_no_ipi_fastpath(void)
{
	if (vendor_param(exit_isa()->virtual_ipis))
		return "IPIs are virtual";
	if (host_cpu_is_amd && !get_kvm_amd_param_integer("nrips"))
		return "without nrips KVM has no fastpath";
	return NULL;
}

/* Whose SVM is not quite what the manual says. */
static bool host_is_emulated_by_qemu(void)
{
	u32 eax, ebx, ecx, edx;

	if (!host_cpu_is_amd || !this_cpu_has(X86_FEATURE_HYPERVISOR))
		return false;
	cpuid(0x40000000, &eax, &ebx, &ecx, &edx);
	return !memcmp(&ebx, "TCGT", 4);
}

const char *why_no_invd_exit(void)
{
	return host_is_emulated_by_qemu() ? "QEMU's SVM takes INVD for WBINVD" :
					    NULL;
}

const char *why_no_monitor_exit(void)
{
	return this_cpu_has(X86_FEATURE_MWAIT) ? NULL : "no MONITOR";
}

const char *why_no_xsetbv_exit(void)
{
	if (!kvm_cpu_has(X86_FEATURE_XSAVE))
		return "no XSAVE";
	return host_is_emulated_by_qemu() ? "QEMU's SVM does not trap XSETBV" :
					    NULL;
}

void require_exit_counts(void)
{
	char visible[8];

	TEST_REQUIRE(file_exists(KVM_DEV_PATH));
	__TEST_REQUIRE(file_exists(PARAM_CPUID),
		       "KVM does not count VM exits per reason");
	TEST_REQUIRE(host_cpu_is_intel || host_cpu_is_amd);
	look_for_shadow_paging();
	read_line(PARAM_CPUID, visible, sizeof(visible));
	__TEST_REQUIRE(visible[0] == 'Y', "kvm.exit_counters_cpuid is off");
}
