// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_accesses.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "source/bpf_accesses_maps.h"
#include "source/bpf_images.h"
#include "source/trace_format.h"

namespace kvm_exits {
namespace {

constexpr std::string_view kExitEvent = "kvm_exit";

// Part of a detail.  A field that this kernel lacks, or that has no name, is 0.
struct Part {
  std::string_view field;
  uint32_t mask = 0;
};

struct EventRule {
  AccessKind kind;
  std::string_view event;
  std::string_view key;
  uint64_t key_mask;
  Part first = {};
  Part second = {};
  uint32_t second_shift = 0;
  std::string_view weight = {};  // none: each event counts as 1
};

constexpr uint64_t kAll = ~uint64_t{0};
constexpr uint32_t kAll32 = ~uint32_t{0};
constexpr uint32_t kVector = 0xff;

constexpr EventRule kRules[] = {
    {AccessKind::kMsr, "kvm_msr", "ecx", kAll, {"write", 1}, {"exception", 1}, 1},
    {AccessKind::kPort, "kvm_pio", "port", kAll, {"rw", 1}, {"size", 0xff}, 8, "count"},
    {AccessKind::kGpa, "kvm_mmio", "gpa", kAll, {"type", kAll32}},
    {AccessKind::kGpa, "kvm_fast_mmio", "gpa", kAll},
    {AccessKind::kGpa, "kvm_page_fault", "fault_address", kAll, {"error_code", kAll32}},
    {AccessKind::kLeaf, "kvm_cpuid", "function", kAll, {"index", kAll32}},
    {AccessKind::kHypercall, "kvm_hypercall", "nr", kAll},
    {AccessKind::kHypercall, "kvm_hv_hypercall", "code", kAll},
    {AccessKind::kApic, "kvm_apic", "reg", kAll, {"rw", 1}},
    {AccessKind::kUserspace, "kvm_userspace_exit", "reason", kAll, {"errno", kAll32}},
    {AccessKind::kRip, kExitEvent, "guest_rip", kAll},
    {AccessKind::kVector, kExitEvent, "intr_info", kVector, {"intr_info", ~kVector}},
};

template <typename T>
T Load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

BpfAccessTotals ReadTotals(const BpfObject& object) {
  const auto sums = ReadPerCpu(object.MapFd("totals"), sizeof(BpfAccessTotals) / sizeof(uint64_t));
  return {.exits = sums[0], .lost = sums[1]};
}

std::vector<BpfField> AccessFields(const EventRule& rule, const TraceFormat& format) {
  const auto field = [&](uint32_t number, std::string_view name, int32_t otherwise) {
    return BpfField{.number = number, .field = format.Find(name), .otherwise = otherwise};
  };
  std::vector<BpfField> fields = {field(kAccessKeyField, rule.key, 0),
                                  field(kAccessFirstField, rule.first.field, 0),
                                  field(kAccessSecondField, rule.second.field, 0),
                                  field(kAccessWeightField, rule.weight, 1),
                                  field(kAccessReasonField, {}, 0),
                                  field(kAccessIsaField, {}, 0)};
  if (rule.event == kExitEvent) {
    fields[kAccessReasonField].field = &RequireField(format, rule.event, "exit_reason");
    fields[kAccessIsaField].field = &RequireField(format, rule.event, "isa");
  }
  return fields;
}

std::vector<BpfField> ExitFields(const TraceFormat& format) {
  return {{.number = kAccessReasonField, .field = &RequireField(format, kExitEvent, "exit_reason")},
          {.number = kAccessIsaField, .field = &RequireField(format, kExitEvent, "isa")}};
}

}  // namespace

BpfAccesses::BpfAccesses(const std::string& root, AccessKind kind, std::optional<pid_t> only_tgid,
                         std::optional<uint32_t> reason) {
  const TraceFormat exit_format = RequireKvmTraceFormat(root, kExitEvent);
  const std::vector<BpfField> exit_fields = ExitFields(exit_format);
  for (const EventRule& rule : kRules) {
    if (rule.kind != kind) continue;
    const auto format = ReadKvmTraceFormat(root, rule.event);
    if (!format || format->Find(rule.key) == nullptr) {
      missing_.push_back(rule.event);
      continue;
    }
    BpfObject object(root, AccessesBpfImage());
    const BpfAccessRules rules = {.key_mask = rule.key_mask,
                                  .first_mask = rule.first.mask,
                                  .second_mask = rule.second.mask,
                                  .second_shift = rule.second_shift,
                                  .only_tgid = static_cast<uint32_t>(only_tgid.value_or(0)),
                                  .has_reason = reason.has_value() ? 1U : 0U,
                                  .only_reason = reason.value_or(0),
                                  .accesses_by_exit = rule.event == kExitEvent ? 1U : 0U,
                                  .unused = 0};
    object.SetConstants(std::as_bytes(std::span(&rules, 1)));
    object.SetTracepoint("count_access", std::string(rule.event), *format,
                         AccessFields(rule, *format));
    if (events_.empty()) {
      object.SetTracepoint("count_exit", std::string(kExitEvent), exit_format, exit_fields);
    } else {
      object.LeaveOut("count_exit");
    }
    object.Load();
    events_.push_back({.name = rule.event, .object = std::move(object)});
  }
  if (events_.empty()) {
    std::string names;
    for (const std::string_view name : missing_) names += " " + std::string(name);
    throw Error("this kernel's KVM has no tracepoint that would tell:" + names);
  }
  for (Event& event : events_) event.object.Attach();
}

std::vector<Access> BpfAccesses::Read() {
  std::vector<Access> accesses;
  for (const Event& event : events_) {
    ForEachInHash(event.object.MapFd("accesses"), sizeof(BpfAccessKey), sizeof(uint64_t),
                  [&](const std::byte* key_bytes, const std::byte* value) {
                    const auto key = Load<BpfAccessKey>(key_bytes);
                    accesses.push_back({.event = event.name,
                                        .key = key.key,
                                        .detail = key.detail,
                                        .count = Load<uint64_t>(value)});
                  });
  }
  std::ranges::sort(accesses, [](const Access& a, const Access& b) {
    return std::tuple(b.count, a.event, a.key, a.detail) <
           std::tuple(a.count, b.event, b.key, b.detail);
  });
  return accesses;
}

uint64_t BpfAccesses::Exits() const { return ReadTotals(events_.front().object).exits; }

uint64_t BpfAccesses::Lost() const {
  uint64_t lost = 0;
  for (const Event& event : events_) {
    lost += ReadTotals(event.object).lost + event.object.Misses("count_access");
  }
  return lost;
}

}  // namespace kvm_exits
