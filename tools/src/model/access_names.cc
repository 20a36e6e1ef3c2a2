// SPDX-License-Identifier: GPL-2.0-only
#include "model/access_names.h"

#include <algorithm>
#include <limits>

namespace kvm_exits {
namespace {

struct NumberName {
  uint64_t number;
  std::string_view name;
};

// Ends each of the kernel's tables: what is asked for has fewer bits, or is not one
// of its numbers.
constexpr uint64_t kNoNumber = std::numeric_limits<uint64_t>::max();

// The kernel's names, as the build found them.
#include "generated/kernel_names.inc"

// Registers that come in rows, of which the headers name a few or none.
constexpr NumberName kMsrRows[] = {
    {0xC1, "IA32_PMC0"},
    {0xC2, "IA32_PMC1"},
    {0xC3, "IA32_PMC2"},
    {0xC4, "IA32_PMC3"},
    {0xC5, "IA32_PMC4"},
    {0xC6, "IA32_PMC5"},
    {0xC7, "IA32_PMC6"},
    {0xC8, "IA32_PMC7"},
    {0x186, "IA32_PERFEVTSEL0"},
    {0x187, "IA32_PERFEVTSEL1"},
    {0x188, "IA32_PERFEVTSEL2"},
    {0x189, "IA32_PERFEVTSEL3"},
    {0x18A, "IA32_PERFEVTSEL4"},
    {0x18B, "IA32_PERFEVTSEL5"},
    {0x18C, "IA32_PERFEVTSEL6"},
    {0x18D, "IA32_PERFEVTSEL7"},
    {0x200, "IA32_MTRR_PHYSBASE0"},
    {0x201, "IA32_MTRR_PHYSMASK0"},
    {0x202, "IA32_MTRR_PHYSBASE1"},
    {0x203, "IA32_MTRR_PHYSMASK1"},
    {0x204, "IA32_MTRR_PHYSBASE2"},
    {0x205, "IA32_MTRR_PHYSMASK2"},
    {0x206, "IA32_MTRR_PHYSBASE3"},
    {0x207, "IA32_MTRR_PHYSMASK3"},
    {0x208, "IA32_MTRR_PHYSBASE4"},
    {0x209, "IA32_MTRR_PHYSMASK4"},
    {0x20A, "IA32_MTRR_PHYSBASE5"},
    {0x20B, "IA32_MTRR_PHYSMASK5"},
    {0x20C, "IA32_MTRR_PHYSBASE6"},
    {0x20D, "IA32_MTRR_PHYSMASK6"},
    {0x20E, "IA32_MTRR_PHYSBASE7"},
    {0x20F, "IA32_MTRR_PHYSMASK7"},
    {0xC0010200, "F15H_PERF_CTL0"},
    {0xC0010201, "F15H_PERF_CTR0"},
    {0xC0010202, "F15H_PERF_CTL1"},
    {0xC0010203, "F15H_PERF_CTR1"},
    {0xC0010204, "F15H_PERF_CTL2"},
    {0xC0010205, "F15H_PERF_CTR2"},
    {0xC0010206, "F15H_PERF_CTL3"},
    {0xC0010207, "F15H_PERF_CTR3"},
    {0xC0010208, "F15H_PERF_CTL4"},
    {0xC0010209, "F15H_PERF_CTR4"},
    {0xC001020A, "F15H_PERF_CTL5"},
    {0xC001020B, "F15H_PERF_CTR5"},
};

// Registers of the local APIC (Intel SDM vol. 3, "Local APIC Register Address Map")
// by their offset, which is 16 times their number as MSRs of the x2APIC.  Named as
// these; without the X2 they are the names that KVM's tracepoint kvm_apic prints.
constexpr NumberName kApicRegisters[] = {
    {0x020, "X2APIC_ID"},      {0x030, "X2APIC_LVR"},     {0x080, "X2APIC_TASKPRI"},
    {0x090, "X2APIC_ARBPRI"},  {0x0A0, "X2APIC_PROCPRI"}, {0x0B0, "X2APIC_EOI"},
    {0x0C0, "X2APIC_RRR"},     {0x0D0, "X2APIC_LDR"},     {0x0E0, "X2APIC_DFR"},
    {0x0F0, "X2APIC_SPIV"},    {0x100, "X2APIC_ISR0"},    {0x110, "X2APIC_ISR1"},
    {0x120, "X2APIC_ISR2"},    {0x130, "X2APIC_ISR3"},    {0x140, "X2APIC_ISR4"},
    {0x150, "X2APIC_ISR5"},    {0x160, "X2APIC_ISR6"},    {0x170, "X2APIC_ISR7"},
    {0x180, "X2APIC_TMR0"},    {0x190, "X2APIC_TMR1"},    {0x1A0, "X2APIC_TMR2"},
    {0x1B0, "X2APIC_TMR3"},    {0x1C0, "X2APIC_TMR4"},    {0x1D0, "X2APIC_TMR5"},
    {0x1E0, "X2APIC_TMR6"},    {0x1F0, "X2APIC_TMR7"},    {0x200, "X2APIC_IRR0"},
    {0x210, "X2APIC_IRR1"},    {0x220, "X2APIC_IRR2"},    {0x230, "X2APIC_IRR3"},
    {0x240, "X2APIC_IRR4"},    {0x250, "X2APIC_IRR5"},    {0x260, "X2APIC_IRR6"},
    {0x270, "X2APIC_IRR7"},    {0x280, "X2APIC_ESR"},     {0x2F0, "X2APIC_LVTCMCI"},
    {0x300, "X2APIC_ICR"},     {0x310, "X2APIC_ICR2"},    {0x320, "X2APIC_LVTT"},
    {0x330, "X2APIC_LVTTHMR"}, {0x340, "X2APIC_LVTPC"},   {0x350, "X2APIC_LVT0"},
    {0x360, "X2APIC_LVT1"},    {0x370, "X2APIC_LVTERR"},  {0x380, "X2APIC_TMICT"},
    {0x390, "X2APIC_TMCCT"},   {0x3E0, "X2APIC_TDCR"},    {0x3F0, "X2APIC_SELF_IPI"},
    {0x400, "X2APIC_EFEAT"},   {0x410, "X2APIC_ECTRL"},
};
constexpr uint32_t kFirstX2apicMsr = 0x800;
constexpr uint32_t kLastX2apicMsr = 0x8FF;
constexpr uint32_t kApicRegisterSize = 16;  // of each, with what is unused of it

struct PortRange {
  uint16_t first;
  uint16_t last;
  std::string_view name;
};

// Where they overlap, the one that comes first has it.
constexpr PortRange kPorts[] = {
    {0x0000, 0x000F, "DMA 1"},
    {0x0020, 0x0021, "PIC 1"},
    {0x002E, 0x002F, "Super I/O"},
    {0x0040, 0x0042, "PIT counter"},
    {0x0043, 0x0043, "PIT mode"},
    {0x004E, 0x004F, "Super I/O"},
    {0x0060, 0x0060, "keyboard data"},
    {0x0061, 0x0061, "NMI status, speaker"},
    {0x0064, 0x0064, "keyboard command"},
    {0x0070, 0x0070, "RTC index"},
    {0x0071, 0x0071, "RTC data"},
    {0x0072, 0x0073, "RTC extended"},
    {0x0080, 0x0080, "POST code, I/O delay"},
    {0x0081, 0x008F, "DMA page"},
    {0x0092, 0x0092, "A20, fast reset"},
    {0x00A0, 0x00A1, "PIC 2"},
    {0x00B2, 0x00B3, "APM, SMI command"},
    {0x00C0, 0x00DF, "DMA 2"},
    {0x00ED, 0x00ED, "I/O delay"},
    {0x00F0, 0x00F0, "FPU error"},
    {0x0170, 0x0177, "IDE 2"},
    {0x01CE, 0x01D0, "Bochs VBE"},
    {0x01F0, 0x01F7, "IDE 1"},
    {0x0201, 0x0201, "game port"},
    {0x0278, 0x027F, "LPT2"},
    {0x02E8, 0x02EF, "COM4"},
    {0x02F8, 0x02FF, "COM2"},
    {0x0376, 0x0376, "IDE 2 control"},
    {0x0378, 0x037F, "LPT1"},
    {0x03B0, 0x03DF, "VGA"},
    {0x03E8, 0x03EF, "COM3"},
    {0x03F6, 0x03F6, "IDE 1 control"},
    {0x03F0, 0x03F7, "floppy"},
    {0x03F8, 0x03FF, "COM1"},
    {0x0402, 0x0402, "firmware debug console"},
    {0x04D0, 0x04D1, "PIC trigger modes"},
    {0x0501, 0x0501, "QEMU isa-debug-exit"},
    {0x0505, 0x0505, "QEMU pvpanic"},
    {0x0510, 0x0511, "QEMU fw_cfg"},
    {0x0514, 0x051B, "QEMU fw_cfg DMA"},
    {0x0600, 0x0607, "ACPI PM (Q35)"},
    {0x0608, 0x060B, "ACPI PM timer (Q35)"},
    {0x060C, 0x067F, "ACPI PM (Q35)"},
    {0x0700, 0x073F, "SMBus (Q35)"},
    {0x0CD8, 0x0CE3, "ACPI CPU hotplug (Q35)"},
    {0x0CF9, 0x0CF9, "reset control"},
    {0x0CF8, 0x0CFB, "PCI config address"},
    {0x0CFC, 0x0CFF, "PCI config data"},
    {0x5658, 0x5658, "VMware backdoor"},
    {0x5659, 0x5659, "VMware backdoor, bulk"},
    {0xAE00, 0xAE17, "ACPI PCI hotplug (i440FX)"},
    {0xAF00, 0xAF1F, "ACPI CPU hotplug (i440FX)"},
    {0xAFE0, 0xAFE3, "ACPI GPE (i440FX)"},
    {0xB000, 0xB007, "ACPI PM (i440FX, SeaBIOS)"},
    {0xB008, 0xB00B, "ACPI PM timer (i440FX)"},
    {0xB00C, 0xB03F, "ACPI PM (i440FX, SeaBIOS)"},
};

constexpr NumberName kCpuidLeaves[] = {
    {0x00000000, "vendor, highest leaf"},
    {0x00000001, "family, features"},
    {0x00000002, "cache and TLB descriptors"},
    {0x00000003, "serial number"},
    {0x00000004, "cache parameters"},
    {0x00000005, "MONITOR/MWAIT"},
    {0x00000006, "thermal and power"},
    {0x00000007, "extended features"},
    {0x00000009, "direct cache access"},
    {0x0000000A, "performance monitoring"},
    {0x0000000B, "topology"},
    {0x0000000D, "XSAVE state"},
    {0x0000000F, "RDT monitoring"},
    {0x00000010, "RDT allocation"},
    {0x00000012, "SGX"},
    {0x00000014, "processor trace"},
    {0x00000015, "TSC and crystal clock"},
    {0x00000016, "frequencies"},
    {0x00000017, "SoC vendor"},
    {0x00000018, "TLB parameters"},
    {0x00000019, "key locker"},
    {0x0000001A, "hybrid core type"},
    {0x0000001B, "PCONFIG"},
    {0x0000001C, "last branch records"},
    {0x0000001D, "AMX tiles"},
    {0x0000001E, "AMX TMUL"},
    {0x0000001F, "topology, V2"},
    {0x00000020, "history reset"},
    {0x00000021, "TDX"},
    {0x00000023, "performance monitoring, more"},
    {0x00000024, "AVX10"},
    {0x40000000, "hypervisor signature"},
    {0x40000001, "KVM features, Hyper-V interface"},
    {0x40000002, "Hyper-V version"},
    {0x40000003, "Hyper-V features"},
    {0x40000004, "Hyper-V recommendations"},
    {0x40000005, "Hyper-V limits"},
    {0x40000006, "Hyper-V hardware features"},
    {0x40000007, "Hyper-V CPU management"},
    {0x4000000A, "Hyper-V nested features"},
    {0x40000010, "TSC and APIC frequency (VMware)"},
    {0x40000080, "Hyper-V debugging, vendor"},
    {0x40000081, "Hyper-V debugging, interface"},
    {0x40000082, "Hyper-V debugging, properties"},
    {0x40000100, "hypervisor signature, second"},
    {0x40000101, "KVM features, beside Hyper-V's"},
    {0x4FFFFFF0, "exit counts: signature"},
    {0x4FFFFFF1, "exit counts: features"},
    {0x4FFFFFF2, "exit counts: cycles of a state"},
    {0x4FFFFFF3, "exit counts: reasons there were"},
    {0x4FFFFFFC, "exit counts: cycles of a reason"},
    {0x4FFFFFFD, "exit counts: exits of a reason"},
    {0x4FFFFFFE, "exit counts: cycles"},
    {0x4FFFFFFF, "exit counts: exits"},
    {0x80000000, "highest extended leaf"},
    {0x80000001, "extended family, features"},
    {0x80000002, "processor name, 1"},
    {0x80000003, "processor name, 2"},
    {0x80000004, "processor name, 3"},
    {0x80000005, "L1 caches and TLBs"},
    {0x80000006, "L2 and L3 caches"},
    {0x80000007, "power management, invariant TSC"},
    {0x80000008, "address sizes"},
    {0x8000000A, "SVM features"},
    {0x80000019, "TLBs of 1 GiB pages"},
    {0x8000001A, "performance hints"},
    {0x8000001B, "instruction-based sampling"},
    {0x8000001C, "lightweight profiling"},
    {0x8000001D, "cache parameters (AMD)"},
    {0x8000001E, "topology (AMD)"},
    {0x8000001F, "memory encryption"},
    {0x80000020, "quality of service (AMD)"},
    {0x80000021, "extended features 2 (AMD)"},
    {0x80000022, "performance monitoring (AMD)"},
    {0x80000023, "multi-key encryption"},
    {0x80000026, "topology, extended (AMD)"},
    {0xC0000000, "highest leaf of Centaur"},
    {0xC0000001, "features of Centaur"},
};

// Intel SDM vol. 3, "Exceptions and Interrupts"; AMD APM vol. 2, "Vectors".
constexpr NumberName kExceptions[] = {
    {0, "#DE divide error"},
    {1, "#DB debug"},
    {2, "NMI"},
    {3, "#BP breakpoint"},
    {4, "#OF overflow"},
    {5, "#BR bound range"},
    {6, "#UD invalid opcode"},
    {7, "#NM no FPU"},
    {8, "#DF double fault"},
    {9, "coprocessor overrun"},
    {10, "#TS invalid TSS"},
    {11, "#NP segment not present"},
    {12, "#SS stack fault"},
    {13, "#GP general protection"},
    {14, "#PF page fault"},
    {16, "#MF x87 error"},
    {17, "#AC alignment check"},
    {18, "#MC machine check"},
    {19, "#XM SIMD error"},
    {20, "#VE virtualization"},
    {21, "#CP control protection"},
    {28, "#HV hypervisor injection"},
    {29, "#VC VMM communication"},
    {30, "#SX security"},
};

template <typename Table>
std::optional<std::string_view> Find(const Table& table, uint64_t number) {
  const auto* const found = std::ranges::find(table, number, &NumberName::number);
  if (found == std::ranges::end(table) || found->name.empty()) return std::nullopt;
  return found->name;
}

}  // namespace

std::optional<std::string_view> MsrName(uint32_t msr) {
  if (msr >= kFirstX2apicMsr && msr <= kLastX2apicMsr) {
    return Find(kApicRegisters, uint64_t{msr - kFirstX2apicMsr} * kApicRegisterSize);
  }
  if (const auto name = Find(kMsrRows, msr)) return name;
  return Find(kMsrs, msr);
}

std::optional<std::string_view> PortName(uint16_t port) {
  const auto* const found = std::ranges::find_if(
      kPorts, [port](const PortRange& range) { return port >= range.first && port <= range.last; });
  if (found == std::ranges::end(kPorts)) return std::nullopt;
  return found->name;
}

std::optional<std::string_view> CpuidLeafName(uint32_t leaf) { return Find(kCpuidLeaves, leaf); }

std::optional<std::string_view> HypercallName(uint64_t number) { return Find(kHypercalls, number); }

std::optional<std::string_view> HypervHypercallName(uint16_t code) {
  return Find(kHypervHypercalls, code);
}

std::optional<std::string_view> ApicRegisterName(uint32_t offset) {
  auto name = Find(kApicRegisters, offset - offset % kApicRegisterSize);
  if (name) name->remove_prefix(std::string_view("X2").size());
  return name;
}

std::optional<std::string_view> VectorName(uint32_t vector) {
  if (const auto name = Find(kExceptions, vector)) return name;
  return Find(kLinuxVectors, vector);
}

std::optional<std::string_view> UserspaceReasonName(uint32_t reason) {
  return Find(kUserspaceReasons, reason);
}

}  // namespace kvm_exits
