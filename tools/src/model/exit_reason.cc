// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace kvm_exits {
namespace {

// The kernel patches' own lists.
#define EXIT_COUNTERS_REASON(number, name) {static_cast<uint32_t>(number), #name},
constexpr auto kVmxReasons = std::to_array<ExitReason>({
#include "arch/x86/kvm/vmx_exit_reasons.h"
});
// The negative codes come last in the manual, and so they do as uint32_t.
constexpr auto kSvmReasons = std::to_array<ExitReason>({
#include "arch/x86/kvm/svm_exit_reasons.h"
});
#undef EXIT_COUNTERS_REASON

constexpr bool IsStrictlyAscending(std::span<const ExitReason> reasons) {
  return std::ranges::adjacent_find(reasons, std::ranges::greater_equal{}, &ExitReason::number) ==
         reasons.end();
}
static_assert(IsStrictlyAscending(kVmxReasons), "Find() searches by halving");
static_assert(IsStrictlyAscending(kSvmReasons), "Find() searches by halving");

constexpr std::array kTables = {
    ReasonTable{.isa = Isa::kVmx, .reasons = kVmxReasons},
    ReasonTable{.isa = Isa::kSvm, .reasons = kSvmReasons},
};

}  // namespace

const ExitReason* ReasonTable::Find(uint64_t number) const {
  const auto found = std::ranges::lower_bound(reasons, number, {}, &ExitReason::number);
  return found != reasons.end() && found->number == number ? &*found : nullptr;
}

ExitReason ReasonTable::Get(uint64_t number) const {
  if (number == kUnknownReason.number) return kUnknownReason;
  const ExitReason* const known = Find(number);
  return known != nullptr ? *known : ExitReason{.number = number, .name = kUnnamed};
}

const ExitReason* ReasonTable::FindName(std::string_view name) const {
  const auto found = std::ranges::find(reasons, name, &ExitReason::name);
  return found != reasons.end() ? &*found : nullptr;
}

const ReasonTable* FindReasonTable(Isa isa) {
  const auto* const found = std::ranges::find(kTables, isa, &ReasonTable::isa);
  return found != kTables.end() ? &*found : nullptr;
}

std::string_view IsaName(Isa isa) {
  switch (isa) {
    case Isa::kVmx:
      return "VMX";
    case Isa::kSvm:
      return "SVM";
  }
  return "unknown";
}

std::string FormatReasonNumber(Isa isa, uint64_t number) {
  if (number == kUnknownReason.number) return "-";
  if (isa != Isa::kSvm) return fmt::to_string(number);
  // The manual's negative codes are few.  Others that have the top bit set are
  // software's and no negative numbers: 0x80000001, 0xf0000000 (<asm/svm.h>).
  constexpr uint64_t kFirstNegative = 0xFFFFFF00;
  if (number >= kFirstNegative) return fmt::to_string(static_cast<int32_t>(number));
  return fmt::format("{:#04x}", number);
}

}  // namespace kvm_exits
