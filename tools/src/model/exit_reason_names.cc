// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_reason_names.h"

#include <algorithm>
#include <array>

namespace kvm_exits {
namespace {

struct Alias {
  Isa isa;
  std::string_view alias;  // in the form of Normalize()
  std::string_view name;   // the table's
};

// Names that are not the table's own with another prefix.
constexpr auto kAliases = std::to_array<Alias>({
    // Intel SDM vol. 3, appendix C; and what Linux before 5.7 called it.
    {Isa::kVmx, "EXCEPTION_OR_NON_MASKABLE_INTERRUPT_NMI", "EXCEPTION_NMI"},
    {Isa::kVmx, "START_UP_IPI_SIPI", "SIPI_SIGNAL"},
    {Isa::kVmx, "I_O_SYSTEM_MANAGEMENT_INTERRUPT_SMI", "IO_SMI"},
    {Isa::kVmx, "I_O_SMI", "IO_SMI"},
    {Isa::kVmx, "PENDING_INTERRUPT", "INTERRUPT_WINDOW"},
    {Isa::kVmx, "VMXOFF", "VMOFF"},
    {Isa::kVmx, "VMXON", "VMON"},
    {Isa::kVmx, "CONTROL_REGISTER_ACCESSES", "CR_ACCESS"},
    {Isa::kVmx, "MOV_DR", "DR_ACCESS"},
    {Isa::kVmx, "I_O_INSTRUCTION", "IO_INSTRUCTION"},
    {Isa::kVmx, "RDMSR", "MSR_READ"},
    {Isa::kVmx, "WRMSR", "MSR_WRITE"},
    {Isa::kVmx, "VM_ENTRY_FAILURE_DUE_TO_INVALID_GUEST_STATE", "INVALID_STATE"},
    {Isa::kVmx, "VM_ENTRY_FAILURE_DUE_TO_MSR_LOADING", "MSR_LOAD_FAIL"},
    {Isa::kVmx, "MWAIT", "MWAIT_INSTRUCTION"},
    {Isa::kVmx, "MONITOR", "MONITOR_INSTRUCTION"},
    {Isa::kVmx, "PAUSE", "PAUSE_INSTRUCTION"},
    {Isa::kVmx, "VM_ENTRY_FAILURE_DUE_TO_MACHINE_CHECK_EVENT", "MCE_DURING_VMENTRY"},
    {Isa::kVmx, "VIRTUALIZED_EOI", "EOI_INDUCED"},
    {Isa::kVmx, "ACCESS_TO_GDTR_OR_IDTR", "GDTR_IDTR"},
    {Isa::kVmx, "ACCESS_TO_LDTR_OR_TR", "LDTR_TR"},
    {Isa::kVmx, "EPT_MISCONFIGURATION", "EPT_MISCONFIG"},
    {Isa::kVmx, "VMX_PREEMPTION_TIMER_EXPIRED", "PREEMPTION_TIMER"},
    {Isa::kVmx, "WBINVD_OR_WBNOINVD", "WBINVD"},
    {Isa::kVmx, "PAGE_MODIFICATION_LOG_FULL", "PML_FULL"},
    {Isa::kVmx, "SPP_RELATED_EVENT", "SPP_EVENT"},
    {Isa::kVmx, "ENQCMD_PASID_TRANSLATION_FAILURE", "ENQCMD"},
    {Isa::kVmx, "ENQCMDS_PASID_TRANSLATION_FAILURE", "ENQCMDS"},
    {Isa::kVmx, "INSTRUCTION_TIMEOUT", "NOTIFY"},
    // Linux 7.3's <asm/vmx.h>
    {Isa::kVmx, "MSR_READ_IMM", "RDMSR_IMM"},
    {Isa::kVmx, "MSR_WRITE_IMM", "WRMSR_IMM"},

    // <asm/svm.h> and the tracepoint; the table has the manual's names.
    {Isa::kSvm, "READ_CR0", "CR0_READ"},
    {Isa::kSvm, "READ_CR2", "CR2_READ"},
    {Isa::kSvm, "READ_CR3", "CR3_READ"},
    {Isa::kSvm, "READ_CR4", "CR4_READ"},
    {Isa::kSvm, "READ_CR8", "CR8_READ"},
    {Isa::kSvm, "WRITE_CR0", "CR0_WRITE"},
    {Isa::kSvm, "WRITE_CR2", "CR2_WRITE"},
    {Isa::kSvm, "WRITE_CR3", "CR3_WRITE"},
    {Isa::kSvm, "WRITE_CR4", "CR4_WRITE"},
    {Isa::kSvm, "WRITE_CR8", "CR8_WRITE"},
    {Isa::kSvm, "READ_DR0", "DR0_READ"},
    {Isa::kSvm, "READ_DR1", "DR1_READ"},
    {Isa::kSvm, "READ_DR2", "DR2_READ"},
    {Isa::kSvm, "READ_DR3", "DR3_READ"},
    {Isa::kSvm, "READ_DR4", "DR4_READ"},
    {Isa::kSvm, "READ_DR5", "DR5_READ"},
    {Isa::kSvm, "READ_DR6", "DR6_READ"},
    {Isa::kSvm, "READ_DR7", "DR7_READ"},
    {Isa::kSvm, "WRITE_DR0", "DR0_WRITE"},
    {Isa::kSvm, "WRITE_DR1", "DR1_WRITE"},
    {Isa::kSvm, "WRITE_DR2", "DR2_WRITE"},
    {Isa::kSvm, "WRITE_DR3", "DR3_WRITE"},
    {Isa::kSvm, "WRITE_DR4", "DR4_WRITE"},
    {Isa::kSvm, "WRITE_DR5", "DR5_WRITE"},
    {Isa::kSvm, "WRITE_DR6", "DR6_WRITE"},
    {Isa::kSvm, "WRITE_DR7", "DR7_WRITE"},
    {Isa::kSvm, "DE_EXCP", "EXCP_DE"},
    {Isa::kSvm, "DB_EXCP", "EXCP_DB"},
    {Isa::kSvm, "BP_EXCP", "EXCP_BP"},
    {Isa::kSvm, "OF_EXCP", "EXCP_OF"},
    {Isa::kSvm, "BR_EXCP", "EXCP_BR"},
    {Isa::kSvm, "UD_EXCP", "EXCP_UD"},
    {Isa::kSvm, "NM_EXCP", "EXCP_NM"},
    {Isa::kSvm, "DF_EXCP", "EXCP_DF"},
    {Isa::kSvm, "TS_EXCP", "EXCP_TS"},
    {Isa::kSvm, "NP_EXCP", "EXCP_NP"},
    {Isa::kSvm, "SS_EXCP", "EXCP_SS"},
    {Isa::kSvm, "GP_EXCP", "EXCP_GP"},
    {Isa::kSvm, "PF_EXCP", "EXCP_PF"},
    {Isa::kSvm, "MF_EXCP", "EXCP_MF"},
    {Isa::kSvm, "AC_EXCP", "EXCP_AC"},
    {Isa::kSvm, "MC_EXCP", "EXCP_MC"},
    {Isa::kSvm, "XF_EXCP", "EXCP_XF"},
    {Isa::kSvm, "INTERRUPT", "INTR"},
    {Isa::kSvm, "READ_IDTR", "IDTR_READ"},
    {Isa::kSvm, "READ_GDTR", "GDTR_READ"},
    {Isa::kSvm, "READ_LDTR", "LDTR_READ"},
    {Isa::kSvm, "READ_RT", "TR_READ"},
    {Isa::kSvm, "WRITE_IDTR", "IDTR_WRITE"},
    {Isa::kSvm, "WRITE_GDTR", "GDTR_WRITE"},
    {Isa::kSvm, "WRITE_LDTR", "LDTR_WRITE"},
    {Isa::kSvm, "WRITE_RT", "TR_WRITE"},
    {Isa::kSvm, "IO", "IOIO"},
    {Isa::kSvm, "HYPERCALL", "VMMCALL"},
    {Isa::kSvm, "MWAIT_COND", "MWAIT_CONDITIONAL"},
    {Isa::kSvm, "WRITE_EFER_TRAP", "EFER_WRITE_TRAP"},
    {Isa::kSvm, "WRITE_CR0_TRAP", "CR0_WRITE_TRAP"},
    {Isa::kSvm, "WRITE_CR4_TRAP", "CR4_WRITE_TRAP"},
    {Isa::kSvm, "WRITE_CR8_TRAP", "CR8_WRITE_TRAP"},
    {Isa::kSvm, "AVIC_UNACCELERATED_ACCESS", "AVIC_NOACCEL"},
    {Isa::kSvm, "BUS_LOCK", "BUSLOCK"},
    {Isa::kSvm, "IDLE_HALT", "IDLE_HLT"},
    {Isa::kSvm, "ERR", "INVALID"},
    {Isa::kSvm, "INVALID_GUEST_STATE", "INVALID"},

    // AMD APM vol. 2, appendix C: an exception by its vector.
    {Isa::kSvm, "EXCP0", "EXCP_DE"},
    {Isa::kSvm, "EXCP1", "EXCP_DB"},
    {Isa::kSvm, "EXCP2", "EXCP_NMI"},
    {Isa::kSvm, "EXCP3", "EXCP_BP"},
    {Isa::kSvm, "EXCP4", "EXCP_OF"},
    {Isa::kSvm, "EXCP5", "EXCP_BR"},
    {Isa::kSvm, "EXCP6", "EXCP_UD"},
    {Isa::kSvm, "EXCP7", "EXCP_NM"},
    {Isa::kSvm, "EXCP8", "EXCP_DF"},
    {Isa::kSvm, "EXCP9", "EXCP_9"},
    {Isa::kSvm, "EXCP10", "EXCP_TS"},
    {Isa::kSvm, "EXCP11", "EXCP_NP"},
    {Isa::kSvm, "EXCP12", "EXCP_SS"},
    {Isa::kSvm, "EXCP13", "EXCP_GP"},
    {Isa::kSvm, "EXCP14", "EXCP_PF"},
    {Isa::kSvm, "EXCP15", "EXCP_15"},
    {Isa::kSvm, "EXCP16", "EXCP_MF"},
    {Isa::kSvm, "EXCP17", "EXCP_AC"},
    {Isa::kSvm, "EXCP18", "EXCP_MC"},
    {Isa::kSvm, "EXCP19", "EXCP_XF"},
    {Isa::kSvm, "EXCP20", "EXCP_20"},
    {Isa::kSvm, "EXCP21", "EXCP_CP"},
    {Isa::kSvm, "EXCP22", "EXCP_22"},
    {Isa::kSvm, "EXCP23", "EXCP_23"},
    {Isa::kSvm, "EXCP24", "EXCP_24"},
    {Isa::kSvm, "EXCP25", "EXCP_25"},
    {Isa::kSvm, "EXCP26", "EXCP_26"},
    {Isa::kSvm, "EXCP27", "EXCP_27"},
    {Isa::kSvm, "EXCP28", "EXCP_HV"},
    {Isa::kSvm, "EXCP29", "EXCP_VC"},
    {Isa::kSvm, "EXCP30", "EXCP_SX"},
    {Isa::kSvm, "EXCP31", "EXCP_31"},
});

// What one writer or another puts before a name: the kernel's headers, AMD's
// manual, trace-cmd.  A longer one comes before what it begins with.
constexpr std::string_view kPrefixes[] = {"EXIT_REASON_", "SVM_EXIT_", "VMEXIT_", "EXIT_"};

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// "EPT violation", "ept-violation" and "EXIT_REASON_EPT_VIOLATION" become
// "EPT_VIOLATION".
std::string Normalize(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') {
      normal += static_cast<char>(c - 'a' + 'A');
    } else if (IsAlphanumeric(c)) {
      normal += c;
    } else if (!normal.empty() && normal.back() != '_') {
      normal += '_';
    }
  }
  if (normal.ends_with('_')) normal.pop_back();
  for (const std::string_view prefix : kPrefixes) {
    if (normal.starts_with(prefix)) return normal.substr(prefix.size());
  }
  return normal;
}

}  // namespace

const ExitReason* FindReasonNamed(const ReasonTable& table, std::string_view name) {
  const std::string normal = Normalize(name);
  if (const ExitReason* const reason = table.FindName(normal)) return reason;
  const auto* const found = std::ranges::find_if(kAliases, [&](const Alias& alias) {
    return alias.isa == table.isa && alias.alias == normal;
  });
  return found != kAliases.end() ? table.FindName(found->name) : nullptr;
}

std::optional<ExitReason> ResolveReason(const ReasonTable& table, const WantedReason& wanted) {
  if (wanted.number) return table.Get(*wanted.number);
  if (const ExitReason* const known = FindReasonNamed(table, wanted.text)) return *known;
  if (Normalize(wanted.text) == kUnknownReason.name) return kUnknownReason;
  return std::nullopt;
}

}  // namespace kvm_exits
