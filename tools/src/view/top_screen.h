// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TOP_SCREEN_H_
#define KVM_EXITS_VIEW_TOP_SCREEN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "view/screen.h"
#include "view/top_table.h"

namespace kvm_exits {

inline constexpr size_t kMinTopColumns = 80;
inline constexpr size_t kMinTopLines = 24;

// What `top` knows at a moment.
struct TopData {
  HostReport rates;   // between the last two readings
  HostReport totals;  // since the VMs were created, or since the user's reset
  // Below the one reason that was entered: lines of text.
  std::vector<std::string> accesses;
  // Of the reason that is selected or was entered: lines of text.
  std::vector<std::string> explanation;
};

struct TopSize {
  size_t columns;
  size_t lines;
  bool has_utf8;
};

// Returns the whole screen, of exactly `size` lines; the table's rows and the selection
// in `state` are made to fit.  `table` is that of MakeTopTable().
Screen MakeTopScreen(const TopData& data, const TopTable& table, const TopSize& size,
                     TopState& state);

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TOP_SCREEN_H_
