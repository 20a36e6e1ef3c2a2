// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_VIEW_TOP_STATE_H_
#define KVM_EXITS_VIEW_TOP_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/host_snapshot.h"
#include "view/report.h"

namespace kvm_exits {

// Keys that are no characters.  Their values are above those of all characters.
enum TopKey : int {
  kKeyUp = 0x200000,
  kKeyDown,
  kKeyLeft,
  kKeyRight,
  kKeyPageUp,
  kKeyPageDown,
  kKeyHome,
  kKeyEnd,
  kKeyEnter,
  kKeyEscape,
  kKeyBackspace,
  kKeyResize,
};

// How deep the user has gone into a host.
enum class TopLevel { kHost, kVm, kVcpu, kReason };

// What is laid over the table.
enum class TopPage { kTable, kHelp, kExplain };

// By what rows are sorted; on each level those that it has.
enum class TopSort { kRate, kTime, kName };

// What the user types a line for.
enum class TopPrompt { kNone, kFilter, kDelay };

// What `top` shows, of whatever it reads.
struct TopState {
  TopLevel level = TopLevel::kHost;
  TopPage page = TopPage::kTable;
  // What was entered.
  std::optional<VmIdentity> vm = std::nullopt;
  std::optional<uint32_t> vcpu = std::nullopt;  // none: all of the VM's
  std::optional<ExitReason> reason = std::nullopt;

  size_t selected = 0;   // row of the table
  size_t rows = 0;       // that there are
  size_t page_rows = 1;  // that fit
  size_t scroll = 0;     // of a page of text

  TopSort sort = TopSort::kRate;
  bool is_inverted = false;
  bool shows_totals = false;  // and not rates
  bool shows_states = true;   // the split of time
  bool is_frozen = false;
  std::string filter = {};                      // a regular expression; empty: none
  std::vector<std::string> filters_above = {};  // those of the levels that were left
  double delay_seconds = 1;
  TopPrompt prompt = TopPrompt::kNone;
  std::string typed = {};    // at the prompt
  std::string message = {};  // for the last line

  // What the loop has to do; it takes them back.
  bool wants_quit = false;
  bool wants_reset = false;  // totals from now on
  bool wants_enter = false;  // the selected row
  bool wants_back = false;
};

// Does what a key means.
void HandleKey(int key, TopState& state);

// The names of the next level are others.
void PutFilterAside(TopState& state);

// One level up.  Returns false on the first.
bool GoBack(TopState& state);

// The keys and what they do, for the page of help.
struct KeyHelp {
  const char* keys;
  const char* what;
};
extern const KeyHelp kTopKeys[];
extern const size_t kTopKeysCount;

}  // namespace kvm_exits

#endif  // KVM_EXITS_VIEW_TOP_STATE_H_
