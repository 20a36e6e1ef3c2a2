// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_UNITS_H_
#define KVM_EXITS_VIEW_UNITS_H_

#include <cstdint>
#include <optional>
#include <string>

// Numbers for people, of few columns; what does not exist is "-".
namespace kvm_exits {

// "999999", "1.23M": at most 6 columns.
std::string ShortCount(std::optional<double> count);

// "0.12us", "12.3us", "123ms", "1234s", with three digits: at most 6 columns.
std::string ShortTime(std::optional<double> microseconds);

// "0.0", "12.3", "100.0"; "<0.1" for what is more than nothing.
std::string ShortPercent(std::optional<double> percent);

// Whole percent, at most 3 columns.
std::string WholePercent(std::optional<double> percent);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_UNITS_H_
