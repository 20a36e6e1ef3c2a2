// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_MEASURED_COMMAND_H_
#define KVM_EXITS_COMMAND_MEASURED_COMMAND_H_

#include <functional>
#include <string>

#include "base/error.h"
#include "command/environment.h"

namespace CLI {
class App;
}

// `kvm-exits VERB ... -- COMMAND`: what the command costs.
namespace kvm_exits {

// Ends the program with another status than 1.
class CommandFailed : public Error {
 public:
  CommandFailed(const std::string& what, int status) : Error(what), status_(status) {}

  int Status() const { return status_; }

 private:
  int status_;
};

// Says in the verb's help that it takes a command, which it finds in the environment.
void TakesCommand(CLI::App& verb);

// Whether it does.
bool DoesTakeCommand(const CLI::App& verb);

// Has `measure` run the environment's command and return its exit status, which becomes
// the program's.  What keeps it from that is kCannotMeasure.
void MeasureCommand(Environment& environment, const std::function<int()>& measure);

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_MEASURED_COMMAND_H_
