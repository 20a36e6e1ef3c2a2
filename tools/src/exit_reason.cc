// SPDX-License-Identifier: GPL-2.0-only
#include "exit_reason.h"

#include <algorithm>
#include <array>
#include <functional>

namespace kvm_exits {
namespace {

// The kernel's own list, taken out of the patches when the build is configured.
constexpr auto kVmxReasons = std::to_array<ExitReason>({
#define KVM_EXIT_REASON(number, name) {number, #name},
#include "arch/x86/kvm/vmx_exit_reasons.h"
#undef KVM_EXIT_REASON
});

constexpr bool IsStrictlyAscending(std::span<const ExitReason> reasons) {
  return std::ranges::adjacent_find(reasons, std::ranges::greater_equal{}, &ExitReason::number) ==
         reasons.end();
}
static_assert(IsStrictlyAscending(kVmxReasons), "Find() searches by halving");

constexpr std::array kTables = {
    ReasonTable{.isa = Isa::kVmx, .reasons = kVmxReasons},
};

}  // namespace

const ExitReason* ReasonTable::Find(uint32_t number) const {
  const auto found = std::ranges::lower_bound(reasons, number, {}, &ExitReason::number);
  return found != reasons.end() && found->number == number ? &*found : nullptr;
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

}  // namespace kvm_exits
