// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_TO_OUTPUT_H_
#define KVM_EXITS_COMMAND_TO_OUTPUT_H_

#include <functional>
#include <string>

#include "base/output.h"

namespace kvm_exits {

// Has `write` write to the file of an option -o, which is there only when all is
// written; to `standard` where the option was not given, or is "-".
void WriteTo(const std::string& file, Output& standard, const std::function<void(Output&)>& write);

// Throws Error where the file of an option -o is the one that is read, by whatever name.
void RequireOtherFile(const std::string& file, const std::string& read);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_TO_OUTPUT_H_
