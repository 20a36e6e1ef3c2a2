// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_JSON_PARTS_H_
#define KVM_EXITS_VIEW_JSON_PARTS_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "model/explanation.h"
#include "model/host_snapshot.h"
#include "view/report.h"

// What the JSON of a guest and that of a host have in common.
namespace kvm_exits {

template <typename Value>
nlohmann::ordered_json OrNull(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

// One line of printable ASCII; bytes that are no UTF-8 are replaced.
std::string JsonLine(const nlohmann::ordered_json& object);

nlohmann::ordered_json JsonIdentity(const VmIdentity& identity);

// The states of the ledger, an object each; null where nobody tells.
nlohmann::ordered_json JsonStates(const VmSummary& vm);

// One reason; a value that does not exist is null.
nlohmann::ordered_json JsonReason(const ReportRow& row);

// What there is to know of a reason: title, what, never, causes, look, help and sources.
nlohmann::ordered_json JsonExplanation(const Explanation& explanation, Isa isa,
                                       std::string_view reason);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_JSON_PARTS_H_
