// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_COMMAND_HOST_FIXTURE_H_
#define KVM_EXITS_COMMAND_HOST_FIXTURE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "base/read_file.h"
#include "base/stop_signals_fixture.h"
#include "command/command_line.h"
#include "source/fakes.h"
#include "source/module_tree.h"

namespace kvm_exits {

// A host with two VMs and the program on it.
class HostCommandTest : public StopSignalsTest {
 protected:
  HostCommandTest() {
    tree_.vms["1000-11"] = {.process = 1000, .vcpus = {{0, {{12, 10}}}, {2, {{12, 30}, {48, 5}}}}};
    tree_.vms["2000-11"] = {.process = 2000, .vcpus = {{0, {{10, 100}}}}};
    SetName(1000, "web");
    SetName(2000, "db");
    tree_.Write();
  }

  void SetName(int process, const std::string& name) const {
    const std::string directory = "/proc/" + std::to_string(process);
    std::string arguments = "qemu-system-x86_64 -name " + name + " ";
    for (char& c : arguments) c = c == ' ' ? '\0' : c;
    tree_.files.Write(directory + "/cmdline", arguments);
    tree_.files.Write(directory + "/comm", "qemu-system-x86\n");
  }

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "kvm-exits");
    FakeGuest guest;
    Environment environment{
        .cpuid = guest, .clock = clock_, .out = out_, .err = err_, .root = tree_.Root()};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }

  // Adds exits for HLT to a VM's first vCPU.
  void AddExits(const std::string& id, uint64_t exits) {
    tree_.vms.at(id).vcpus.at(0)[12] += exits;
    tree_.Write();
  }

  // What was written as JSON, a report a line.
  static std::vector<nlohmann::json> Reports(const std::string& text) {
    std::vector<nlohmann::json> reports;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      reports.push_back(nlohmann::json::parse(line));
    }
    return reports;
  }

  ModuleTree tree_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_COMMAND_HOST_FIXTURE_H_
