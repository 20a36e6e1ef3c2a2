// SPDX-License-Identifier: GPL-2.0-only
//
// Runs twice: with the names of the kernel's headers, if the build has them, and
// with those that a build without them has.
#include "model/access_names.h"

#include <gmock/gmock.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvm_exits {
namespace {

using ::testing::Eq;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::Optional;
using ::testing::StartsWith;

constexpr auto kNone = std::nullopt;
constexpr uint32_t kMaxUint32 = std::numeric_limits<uint32_t>::max();

// Numbers from Intel SDM vol. 4 and AMD APM vol. 2.
TEST(AccessNames, Msrs) {
  EXPECT_THAT(MsrName(0x10), Optional(Eq("IA32_TSC")));
  EXPECT_THAT(MsrName(0x48), Optional(Eq("IA32_SPEC_CTRL")));
  EXPECT_THAT(MsrName(0x277), Optional(Eq("IA32_CR_PAT")));
  EXPECT_THAT(MsrName(0x6E0), Optional(Eq("IA32_TSC_DEADLINE")));
  EXPECT_THAT(MsrName(0xC0000080), Optional(Eq("EFER")));
  EXPECT_THAT(MsrName(0xC0000102), Optional(Eq("KERNEL_GS_BASE")));
  EXPECT_EQ(MsrName(0x3FFFFFFF), kNone);
  EXPECT_EQ(MsrName(kMaxUint32), kNone);
}

// Documentation/virt/kvm/x86/msr.rst, and the Hypervisor Top Level Functional
// Specification.
TEST(AccessNames, MsrsOfHypervisors) {
  EXPECT_THAT(MsrName(0x4B564D01), Optional(Eq("KVM_SYSTEM_TIME_NEW")));
  EXPECT_THAT(MsrName(0x4B564D05), Optional(Eq("KVM_POLL_CONTROL")));
  EXPECT_THAT(MsrName(0x40000020), Optional(Eq("HV_X64_MSR_TIME_REF_COUNT")));
  EXPECT_THAT(MsrName(0x40000070), Optional(Eq("HV_X64_MSR_EOI")));
  EXPECT_THAT(MsrName(0x400000B0), Optional(Eq("HV_X64_MSR_STIMER0_CONFIG")));
  // Not HV_X64_MSR_HYPERCALL_ENABLE, a bit.
  EXPECT_THAT(MsrName(0x1), Not(Optional(StartsWith("HV_"))));
}

TEST(AccessNames, MsrsInRows) {
  EXPECT_THAT(MsrName(0xC1), Optional(Eq("IA32_PMC0")));
  EXPECT_THAT(MsrName(0x18D), Optional(Eq("IA32_PERFEVTSEL7")));
  EXPECT_THAT(MsrName(0x200), Optional(Eq("IA32_MTRR_PHYSBASE0")));
  EXPECT_THAT(MsrName(0x20F), Optional(Eq("IA32_MTRR_PHYSMASK7")));
  EXPECT_THAT(MsrName(0xC001020B), Optional(Eq("F15H_PERF_CTR5")));
}

// Intel SDM vol. 3, "Local APIC Register Address Map Supported by x2APIC".
TEST(AccessNames, MsrsOfTheX2apic) {
  EXPECT_THAT(MsrName(0x802), Optional(Eq("X2APIC_ID")));
  EXPECT_THAT(MsrName(0x80B), Optional(Eq("X2APIC_EOI")));
  EXPECT_THAT(MsrName(0x830), Optional(Eq("X2APIC_ICR")));
  EXPECT_THAT(MsrName(0x838), Optional(Eq("X2APIC_TMICT")));
  EXPECT_THAT(MsrName(0x83F), Optional(Eq("X2APIC_SELF_IPI")));
  EXPECT_EQ(MsrName(0x7FF), kNone);
  EXPECT_EQ(MsrName(0x8FF), kNone);
  EXPECT_EQ(MsrName(0x900), kNone);
}

TEST(AccessNames, MsrsOfTheKernelsHeaders) {
  if (KVM_EXITS_HAS_KERNEL_NAMES == 0) {
    EXPECT_EQ(MsrName(0x480), kNone);
    GTEST_SKIP() << "built without the kernel's headers";
  }
  EXPECT_THAT(MsrName(0x480), Optional(Eq("IA32_VMX_BASIC")));
  EXPECT_THAT(MsrName(0xC0000084), Optional(Eq("SYSCALL_MASK")));
  EXPECT_THAT(MsrName(0xC0010117), Optional(Eq("VM_HSAVE_PA")));
  EXPECT_THAT(MsrName(0x40000105), Optional(Eq("HV_X64_MSR_CRASH_CTL")));
}

TEST(AccessNames, MsrsAreNoBits) {
  for (uint32_t msr = 0; msr < 0x2000; ++msr) {
    const auto name = MsrName(msr);
    if (!name) continue;
    EXPECT_THAT(std::string(*name), MatchesRegex("[A-Z][A-Za-z0-9_]+")) << msr;
    EXPECT_FALSE(name->ends_with("_BIT") || name->ends_with("_MASK")) << *name;
  }
}

TEST(AccessNames, Ports) {
  EXPECT_THAT(PortName(0x21), Optional(Eq("PIC 1")));
  EXPECT_THAT(PortName(0xA0), Optional(Eq("PIC 2")));
  EXPECT_THAT(PortName(0x43), Optional(Eq("PIT mode")));
  EXPECT_THAT(PortName(0x71), Optional(Eq("RTC data")));
  EXPECT_THAT(PortName(0x3F8), Optional(Eq("COM1")));
  EXPECT_THAT(PortName(0x2FF), Optional(Eq("COM2")));
  EXPECT_THAT(PortName(0x511), Optional(Eq("QEMU fw_cfg")));
  EXPECT_THAT(PortName(0xCFC), Optional(Eq("PCI config data")));
  EXPECT_THAT(PortName(0x5658), Optional(Eq("VMware backdoor")));
  EXPECT_EQ(PortName(0x22), kNone);
  EXPECT_EQ(PortName(0xFFFF), kNone);
}

TEST(AccessNames, PortsWithinOthersHaveTheirOwnName) {
  EXPECT_THAT(PortName(0xCF8), Optional(Eq("PCI config address")));
  EXPECT_THAT(PortName(0xCF9), Optional(Eq("reset control")));
  EXPECT_THAT(PortName(0x3F6), Optional(Eq("IDE 1 control")));
  EXPECT_THAT(PortName(0x3F7), Optional(Eq("floppy")));
  EXPECT_THAT(PortName(0x608), Optional(Eq("ACPI PM timer (Q35)")));
}

TEST(AccessNames, CpuidLeaves) {
  EXPECT_THAT(CpuidLeafName(0), Optional(Eq("vendor, highest leaf")));
  EXPECT_THAT(CpuidLeafName(7), Optional(Eq("extended features")));
  EXPECT_THAT(CpuidLeafName(0x40000000), Optional(Eq("hypervisor signature")));
  EXPECT_THAT(CpuidLeafName(0x8000000A), Optional(Eq("SVM features")));
  EXPECT_THAT(CpuidLeafName(0x4FFFFFFF), Optional(StartsWith("exit counts")));
  EXPECT_EQ(CpuidLeafName(8), kNone);
  EXPECT_EQ(CpuidLeafName(kMaxUint32), kNone);
}

// Documentation/virt/kvm/x86/hypercalls.rst
TEST(AccessNames, Hypercalls) {
  EXPECT_THAT(HypercallName(5), Optional(Eq("KVM_HC_KICK_CPU")));
  EXPECT_THAT(HypercallName(10), Optional(Eq("KVM_HC_SEND_IPI")));
  EXPECT_THAT(HypercallName(11), Optional(Eq("KVM_HC_SCHED_YIELD")));
  EXPECT_EQ(HypercallName(4), kNone);  // PowerPC's
  EXPECT_EQ(HypercallName(std::numeric_limits<uint64_t>::max()), kNone);
}

TEST(AccessNames, HypervHypercalls) {
  EXPECT_THAT(HypervHypercallName(0x02), Optional(Eq("HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE")));
  EXPECT_THAT(HypervHypercallName(0x08), Optional(Eq("HVCALL_NOTIFY_LONG_SPIN_WAIT")));
  EXPECT_THAT(HypervHypercallName(0x0B), Optional(Eq("HVCALL_SEND_IPI")));
  EXPECT_THAT(HypervHypercallName(0x5D), Optional(Eq("HVCALL_SIGNAL_EVENT")));
  EXPECT_EQ(HypervHypercallName(0xFFFF), kNone);
}

TEST(AccessNames, ApicRegisters) {
  EXPECT_THAT(ApicRegisterName(0x020), Optional(Eq("APIC_ID")));
  EXPECT_THAT(ApicRegisterName(0x0B0), Optional(Eq("APIC_EOI")));
  EXPECT_THAT(ApicRegisterName(0x300), Optional(Eq("APIC_ICR")));
  EXPECT_THAT(ApicRegisterName(0x313), Optional(Eq("APIC_ICR2")));
  EXPECT_THAT(ApicRegisterName(0x380), Optional(Eq("APIC_TMICT")));
  EXPECT_EQ(ApicRegisterName(0), kNone);
  EXPECT_EQ(ApicRegisterName(kMaxUint32), kNone);
}

TEST(AccessNames, Vectors) {
  EXPECT_THAT(VectorName(0), Optional(StartsWith("#DE")));
  EXPECT_THAT(VectorName(2), Optional(Eq("NMI")));
  EXPECT_THAT(VectorName(6), Optional(StartsWith("#UD")));
  EXPECT_THAT(VectorName(14), Optional(StartsWith("#PF")));
  EXPECT_THAT(VectorName(18), Optional(StartsWith("#MC")));
  EXPECT_THAT(VectorName(0xEC), Optional(Eq("Linux LOCAL_TIMER_VECTOR")));
  EXPECT_THAT(VectorName(0xFB), Optional(Eq("Linux CALL_FUNCTION_SINGLE_VECTOR")));
  EXPECT_THAT(VectorName(0xFD), Optional(Eq("Linux RESCHEDULE_VECTOR")));
  EXPECT_THAT(VectorName(0xFF), Optional(Eq("Linux SPURIOUS_APIC_VECTOR")));
  EXPECT_EQ(VectorName(15), kNone);
  EXPECT_EQ(VectorName(0x20), kNone);  // the first of the devices'
  EXPECT_EQ(VectorName(kMaxUint32), kNone);
}

// Documentation/virt/kvm/api.rst
TEST(AccessNames, UserspaceReasons) {
  EXPECT_THAT(UserspaceReasonName(0), Optional(Eq("KVM_EXIT_UNKNOWN")));
  // Not KVM_EXIT_IO_OUT, KVM_EXIT_HYPERV_SYNIC or KVM_EXIT_XEN_HCALL.
  EXPECT_THAT(UserspaceReasonName(1), Optional(Eq("KVM_EXIT_EXCEPTION")));
  EXPECT_THAT(UserspaceReasonName(2), Optional(Eq("KVM_EXIT_IO")));
  EXPECT_THAT(UserspaceReasonName(3), Optional(Eq("KVM_EXIT_HYPERCALL")));
  EXPECT_THAT(UserspaceReasonName(6), Optional(Eq("KVM_EXIT_MMIO")));
  EXPECT_THAT(UserspaceReasonName(27), Optional(Eq("KVM_EXIT_HYPERV")));
  EXPECT_EQ(UserspaceReasonName(kMaxUint32), kNone);
}

}  // namespace
}  // namespace kvm_exits
