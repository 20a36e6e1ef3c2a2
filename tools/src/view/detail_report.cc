// SPDX-License-Identifier: GPL-2.0-only
#include "view/detail_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/printable.h"
#include "model/access_names.h"
#include "view/csv.h"
#include "view/grid.h"
#include "view/host_report.h"
#include "view/json_parts.h"
#include "view/report.h"
#include "view/units.h"

namespace kvm_exits {
namespace {

using nlohmann::ordered_json;

struct KindName {
  AccessKind kind;
  std::string_view name;
};
constexpr std::array kKinds = {KindName{AccessKind::kMsr, "msr"},
                               KindName{AccessKind::kPort, "port"},
                               KindName{AccessKind::kGpa, "gpa"},
                               KindName{AccessKind::kLeaf, "leaf"},
                               KindName{AccessKind::kHypercall, "hypercall"},
                               KindName{AccessKind::kApic, "apic"},
                               KindName{AccessKind::kUserspace, "userspace"},
                               KindName{AccessKind::kRip, "rip"},
                               KindName{AccessKind::kVector, "vector"}};

std::string Name(std::optional<std::string_view> name) { return std::string(name.value_or("")); }

std::string NameOf(const Access& access, AccessKind kind, const Kallsyms* kallsyms) {
  const auto low = static_cast<uint32_t>(access.key);
  switch (kind) {
    case AccessKind::kMsr:
      return Name(MsrName(low));
    case AccessKind::kPort:
      return Name(PortName(static_cast<uint16_t>(low)));
    case AccessKind::kLeaf:
      return Name(CpuidLeafName(low));
    case AccessKind::kHypercall:
      return access.event == "kvm_hv_hypercall"
                 ? Name(HypervHypercallName(static_cast<uint16_t>(low)))
                 : Name(HypercallName(access.key));
    case AccessKind::kApic:
      return Name(ApicRegisterName(low));
    case AccessKind::kUserspace:
      return Name(UserspaceReasonName(low));
    case AccessKind::kVector:
      return Name(VectorName(low));
    case AccessKind::kRip:
      return kallsyms != nullptr ? kallsyms->Find(access.key).value_or("") : "";
    case AccessKind::kGpa:
      break;
  }
  return "";
}

// Intel SDM vol. 3, section 4.7, and AMD APM vol. 2, section 15.25.6: bits of the error
// code of a page fault, which KVM makes of its own exits.
std::string FaultText(uint32_t error) {
  constexpr uint32_t kPresent = 1U << 0U;
  constexpr uint32_t kWrite = 1U << 1U;
  constexpr uint32_t kFetch = 1U << 4U;
  std::string text = (error & kFetch) != 0 ? "fetch" : ((error & kWrite) != 0 ? "write" : "read");
  text += (error & kPresent) != 0 ? " (present)" : " (not present)";
  return text;
}

std::string WhatOf(const Access& access, AccessKind kind) {
  const bool is_write = (access.detail & 1U) != 0;
  switch (kind) {
    case AccessKind::kMsr:
      return std::string(is_write ? "write" : "read") + ((access.detail & 2U) != 0 ? " (#GP)" : "");
    case AccessKind::kPort:
      return fmt::format("{} {}", is_write ? "out" : "in", (access.detail >> 8U) & 0xFFU);
    case AccessKind::kGpa:
      if (access.event == "kvm_page_fault") return FaultText(access.detail);
      if (access.event == "kvm_fast_mmio") return "fast MMIO";
      return access.detail == 2 ? "MMIO write" : "MMIO read";
    case AccessKind::kLeaf:
      return fmt::format("ECX {:#x}", access.detail);
    case AccessKind::kHypercall:
      return access.event == "kvm_hv_hypercall" ? "Hyper-V" : "KVM";
    case AccessKind::kApic:
      return is_write ? "write" : "read";
    case AccessKind::kUserspace: {
      const auto error = static_cast<int32_t>(access.detail);
      return error < 0 ? fmt::format("error {}", -error) : "";
    }
    case AccessKind::kRip:
    case AccessKind::kVector:
      break;
  }
  return "";
}

std::string KeyOf(const Access& access, AccessKind kind) {
  return kind == AccessKind::kUserspace || kind == AccessKind::kVector ||
                 kind == AccessKind::kHypercall
             ? fmt::to_string(access.key)
             : fmt::format("{:#x}", access.key);
}

size_t Shown(const DetailReport& report, std::optional<size_t> limit) {
  return std::min(report.rows.size(), limit.value_or(report.rows.size()));
}

std::string_view Accesses(AccessKind kind) {
  constexpr std::array kNames = {"accesses to MSRs",
                                 "accesses to ports",
                                 "accesses to guest-physical addresses",
                                 "CPUID leaves",
                                 "hypercalls",
                                 "accesses to the local APIC",
                                 "returns to user space",
                                 "exits",
                                 "exits"};
  return kNames[static_cast<size_t>(kind)];
}

// A read that the VMM is to answer, which is traced once more when it has.
bool IsRequest(const Access& access) {
  constexpr uint32_t kReadUnsatisfied = 0;  // KVM_TRACE_MMIO_READ_UNSATISFIED
  return access.event == "kvm_mmio" && access.detail == kReadUnsatisfied;
}

}  // namespace

std::string_view AccessKindName(AccessKind kind) {
  return std::ranges::find(kKinds, kind, &KindName::kind)->name;
}

std::optional<AccessKind> FindAccessKind(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &KindName::name);
  if (found == kKinds.end()) return std::nullopt;
  return found->kind;
}

AccessKind UsualKind(const ExitReason& reason) {
  struct Usual {
    std::string_view name;
    AccessKind kind;
  };
  constexpr std::array kUsual = {Usual{"MSR_READ", AccessKind::kMsr},
                                 Usual{"MSR_WRITE", AccessKind::kMsr},
                                 Usual{"MSR", AccessKind::kMsr},
                                 Usual{"IO_INSTRUCTION", AccessKind::kPort},
                                 Usual{"IOIO", AccessKind::kPort},
                                 Usual{"EPT_VIOLATION", AccessKind::kGpa},
                                 Usual{"EPT_MISCONFIG", AccessKind::kGpa},
                                 Usual{"NPF", AccessKind::kGpa},
                                 Usual{"CPUID", AccessKind::kLeaf},
                                 Usual{"VMCALL", AccessKind::kHypercall},
                                 Usual{"VMMCALL", AccessKind::kHypercall},
                                 Usual{"APIC_ACCESS", AccessKind::kApic},
                                 Usual{"APIC_WRITE", AccessKind::kApic},
                                 Usual{"EOI_INDUCED", AccessKind::kApic},
                                 Usual{"AVIC_UNACCELERATED_ACCESS", AccessKind::kApic},
                                 Usual{"AVIC_INCOMPLETE_IPI", AccessKind::kApic},
                                 Usual{"EXCEPTION_NMI", AccessKind::kVector},
                                 Usual{"EXTERNAL_INTERRUPT", AccessKind::kVector}};
  const auto found = std::ranges::find(kUsual, reason.name, &Usual::name);
  return found == kUsual.end() ? AccessKind::kRip : found->kind;
}

std::vector<DetailRow> MakeDetailRows(const std::vector<Access>& accesses, AccessKind kind,
                                      const Kallsyms* kallsyms) {
  std::map<std::tuple<uint64_t, std::string_view, std::string>, DetailRow> rows;
  for (const Access& access : accesses) {
    if (IsRequest(access)) continue;
    std::string what = WhatOf(access, kind);
    DetailRow& row = rows[{access.key, access.event, what}];
    row.count += access.count;
    if (!row.key.empty()) continue;
    row.key = KeyOf(access, kind);
    row.name = NameOf(access, kind, kallsyms);
    row.what = std::move(what);
    row.event = access.event;
    row.number = access.key;
  }
  std::vector<DetailRow> sorted;
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &DetailRow::count);
  return sorted;
}

std::string FormatDetail(const DetailReport& report, std::optional<size_t> limit) {
  const std::string of = report.reason ? std::string(report.reason->name) : "all reasons";
  std::string text =
      fmt::format("{} by {}, of {}, in the {:.3f} s to {}\n", of, AccessKindName(report.kind),
                  report.vm ? "VM " + FitMiddle(DisplayName(*report.vm), 24) : "all VMs",
                  report.period.count(), FormatTime(report.taken.wall));
  Grid grid{.columns = {{.title = "KEY", .width = 18},
                        {.title = "NAME", .width = 26, .is_text = true},
                        {.title = "WHAT", .width = 16, .is_text = true},
                        {.title = "COUNT", .width = 8},
                        {.title = "%", .width = 5}},
            .rows = {}};
  for (size_t i = 0; i < Shown(report, limit); ++i) {
    const DetailRow& row = report.rows[i];
    grid.rows.push_back({row.key, row.name.empty() ? "-" : Printable(row.name), row.what,
                         ShortCount(static_cast<double>(row.count)),
                         ShortPercent(SharePercent(row.count, report.accesses))});
  }
  text += FormatGrid(grid);
  if (grid.rows.size() < report.rows.size()) {
    text += fmt::format("... and {} more\n", report.rows.size() - grid.rows.size());
  }
  text += fmt::format("{} {}, {} exits meanwhile", report.accesses, Accesses(report.kind),
                      report.exits);
  // What counts exits needs no warning.
  if (report.kind != AccessKind::kRip && report.kind != AccessKind::kVector) {
    text +=
        "\nAn access is not an exit: string I/O has several in one, and KVM makes some\n"
        "itself, in its emulator or for other exits";
  }
  text += "\n";
  if (report.lost > 0) text += fmt::format("Lost: {} accesses had no room\n", report.lost);
  if (!report.missing.empty()) {
    text += fmt::format("Not in this kernel: {}\n", fmt::join(report.missing, ", "));
  }
  return text;
}

std::string FormatDetailJson(const DetailReport& report, std::optional<size_t> limit) {
  ordered_json object = {
      {"time", FormatTime(report.taken.wall)},
      {"seconds", report.period.count()},
      {"source", "bpf"},
      {"isa", report.isa ? ordered_json(IsaName(*report.isa)) : nullptr},
      {"vm", report.vm ? JsonIdentity(*report.vm) : ordered_json(nullptr)},
      {"reason", report.reason ? ordered_json(report.reason->number) : nullptr},
      {"reason_name", report.reason ? ordered_json(report.reason->name) : nullptr},
      {"by", AccessKindName(report.kind)},
      {"exits", report.exits},
      {"accesses", report.accesses},
      {"lost_accesses", report.lost},
      {"missing_tracepoints", report.missing},
      {"rows", ordered_json::array()}};
  for (size_t i = 0; i < Shown(report, limit); ++i) {
    const DetailRow& row = report.rows[i];
    const auto share = SharePercent(row.count, report.accesses);
    object["rows"].push_back(
        {{"key", row.number},
         {"name", row.name.empty() ? ordered_json(nullptr) : ordered_json(row.name)},
         {"what", row.what},
         {"tracepoint", row.event},
         {"count", row.count},
         {"share_percent", share ? ordered_json(*share) : ordered_json(nullptr)}});
  }
  return JsonLine(object);
}

std::string FormatDetailCsv(const DetailReport& report, std::optional<size_t> limit,
                            bool with_titles) {
  std::string text;
  if (with_titles) {
    text =
        "time,seconds,vm,vm_name,reason,reason_name,by,key,name,what,tracepoint,count,"
        "accesses,exits,lost_accesses\n";
  }
  for (size_t i = 0; i < Shown(report, limit); ++i) {
    const DetailRow& row = report.rows[i];
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", FormatTime(report.taken.wall),
                    report.period.count(), report.vm ? report.vm->id : "",
                    report.vm ? CsvField(Printable(report.vm->name)) : "",
                    report.reason ? fmt::to_string(report.reason->number) : "",
                    report.reason ? report.reason->name : "", AccessKindName(report.kind), row.key,
                    CsvField(Printable(row.name)), CsvField(row.what), row.event, row.count,
                    report.accesses, report.exits, report.lost);
  }
  return text;
}

}  // namespace kvm_exits
