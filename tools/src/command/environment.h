// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_ENVIRONMENT_H_
#define KVM_EXITS_COMMAND_ENVIRONMENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/output.h"
#include "source/cpuid_source.h"
#include "source/host_source.h"
#include "source/open_source.h"

namespace kvm_exits {

// All of the world that a command touches.
struct Environment {
  CpuidSource& cpuid;
  Clock& clock;
  Output& out;
  Output& err;
  std::string root = {};                  // of the host's files: "", or a recorded tree
  size_t columns = 80;                    // of the terminal, if there is one
  std::vector<std::string> command = {};  // that is to be measured: what stands behind "--"
  bool has_command = false;               // whether there was a "--"
  int status = 0;                         // the program's, where nothing failed
  std::string reload = {};                // the script that reloads KVM; "": as installed
  std::function<std::unique_ptr<HostSource>(const SourceOptions&)> open_source = {};
  Seconds recorded_interval = {};  // of the samples, where the host is a record
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_ENVIRONMENT_H_
