// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_PROCESS_H_
#define KVM_EXITS_BASE_PROCESS_H_

#include <string>
#include <vector>

namespace kvm_exits {

// What timeout(1) and others say of a command that could not be run.
inline constexpr int kCannotMeasure = 125;  // the program itself failed
inline constexpr int kCannotInvoke = 126;
inline constexpr int kNotFound = 127;

// Lets this program, and not the commands that it runs, have as many files open as it may:
// a host has a directory for each of its VMs.
void RaiseFileLimit();

// Runs a command that is looked for in PATH, and waits for its end.  Returns its exit
// status, 128 and the number of the signal that ended it, or kCannotInvoke and
// kNotFound, with the reason in `error`.
//
// Meanwhile what the terminal's keys send is the command's alone; other requests to stop
// are passed on to it.
int RunCommand(const std::vector<std::string>& command, std::string& error);

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_PROCESS_H_
