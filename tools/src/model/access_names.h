// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_ACCESS_NAMES_H_
#define KVM_EXITS_MODEL_ACCESS_NAMES_H_

#include <cstdint>
#include <optional>
#include <string_view>

// What a number is called that a guest gave, or was given, at an exit.  Nothing
// where it has no name here: what this version does not know, the user sees as a
// number.  The names live as long as the program.
namespace kvm_exits {

// "IA32_TSC_DEADLINE", "X2APIC_ICR", "KVM_STEAL_TIME", "HV_X64_MSR_EOI": the
// kernel's name without its MSR_, which leaves the manuals' for what is in these.
std::optional<std::string_view> MsrName(uint32_t msr);

// What a PC, or QEMU's, has at an I/O port: "COM1", "PCI config data".
std::optional<std::string_view> PortName(uint16_t port);

// "extended features": what a leaf of CPUID, a value of EAX, tells.
std::optional<std::string_view> CpuidLeafName(uint32_t leaf);

// "KVM_HC_SEND_IPI": of the hypercalls in KVM's own convention.
std::optional<std::string_view> HypercallName(uint64_t number);

// "HVCALL_SEND_IPI": of those in Hyper-V's, the low 16 bits of its input value.
std::optional<std::string_view> HypervHypercallName(uint16_t code);

// "APIC_EOI": the register at an offset in the local APIC's page, which need not be
// the register's first byte.
std::optional<std::string_view> ApicRegisterName(uint32_t offset);

// "#PF page fault" and "NMI": of the exceptions, 0 to 31.  Above, what a vector
// means is up to the system that runs: "Linux LOCAL_TIMER_VECTOR".  So it is for
// the host's interrupts, and for a guest's only where that is Linux.
std::optional<std::string_view> VectorName(uint32_t vector);

// "KVM_EXIT_MMIO": for what KVM returned to its user space.
std::optional<std::string_view> UserspaceReasonName(uint32_t reason);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_ACCESS_NAMES_H_
