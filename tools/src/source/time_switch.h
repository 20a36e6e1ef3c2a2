// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_TIME_SWITCH_H_
#define KVM_EXITS_SOURCE_TIME_SWITCH_H_

#include <string>

namespace kvm_exits {

// KVM's ledger of time and its histograms, switched on for as long as this lives; then
// they are what they were before, also where SIGINT, SIGTERM or SIGHUP ends the program.
//
// Several programs can do so at a time: the last one to end switches off what the first
// has switched on.  What was on already stays on.  There is one in a program at a time.
class TimeSwitch {
 public:
  // Throws Error where KVM, below `root`, has no such switch or refuses it.
  explicit TimeSwitch(const std::string& root);
  TimeSwitch(const TimeSwitch&) = delete;
  TimeSwitch& operator=(const TimeSwitch&) = delete;
  ~TimeSwitch();

 private:
  void End();
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_TIME_SWITCH_H_
