// SPDX-License-Identifier: GPL-2.0-only
#include "command/host_options.h"

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "command/options.h"
#include "source/proc_file.h"

namespace kvm_exits {
namespace {

constexpr const char* kEach = "all";

std::string CheckPid(const std::string& text) {
  constexpr pid_t kMaxPid = 4194304;  // PID_MAX_LIMIT of the kernel
  const auto pid = ParsePid(text);
  if (pid && *pid <= kMaxPid) return "";
  return "'" + text + "' is not the number of a process";
}

std::string CheckVcpu(const std::string& text) {
  constexpr uint64_t kMaxVcpu = 65535;
  if (text == kEach) return "";
  const auto vcpu = ParseNumber(text);
  if (vcpu && *vcpu <= kMaxVcpu) return "";
  return "'" + text + "' is neither the number of a vCPU nor 'all'";
}

std::string CheckName(const std::string& text) {
  return text.empty() ? "the name of a VM is empty" : "";
}

}  // namespace

void AddVmOptions(CLI::App& command, HostOptions& options, bool with_record) {
  CLI::Option* const any =
      command.add_option("VM", options.vm.any, "One VM: its name, its process, or <pid>-<fd>")
          ->type_name("")
          ->check(CLI::Validator(CheckName, "", "name"));
  CLI::Option* const pid =
      command
          .add_option_function<std::string>(
              "-p,--pid", [&options](const std::string& text) { options.vm.pid = ParsePid(text); },
              "The VM of process PID")
          ->type_name("PID")
          ->check(CLI::Validator(CheckPid, "", "pid"));
  CLI::Option* const name = command.add_option("-g,--guest", options.vm.name, "The VM named NAME")
                                ->type_name("NAME")
                                ->check(CLI::Validator(CheckName, "", "name"))
                                ->excludes(pid);
  CLI::Option* const all = command.add_flag("-a,--all", options.all, "All VMs (the default)")
                               ->excludes(pid)
                               ->excludes(name);
  if (with_record) return;
  for (CLI::Option* const option : {pid, name, all}) option->excludes(any);
}

void AddVcpuOption(CLI::App& command, HostOptions& options) {
  command
      .add_option_function<std::string>(
          "--vcpu",
          [&options](const std::string& text) {
            options.vcpus.each = true;
            if (text != kEach) {
              options.vcpus.only = static_cast<uint32_t>(ParseNumber(text).value_or(0));
            }
          },
          "Show vCPU N, or all, on their own")
      ->type_name("N")
      ->check(CLI::Validator(CheckVcpu, "", "vcpu"));
}

void AddSourceOptions(CLI::App& command, HostOptions& options, bool with_time) {
  AddChoice<SourceKind>(
      command, "--source", options.source,
      {{"auto", SourceKind::kAuto}, {"module", SourceKind::kModule}, {"bpf", SourceKind::kBpf}},
      "module, bpf or auto (the module, or else BPF)")
      ->type_name("SOURCE");
  if (!with_time) return;
  command.add_flag("--time", options.with_time, "Switch KVM's ledger of time on meanwhile");
}

std::unique_ptr<HostSource> OpenHost(const SourceOptions& options, const Environment& environment) {
  return environment.open_source ? environment.open_source(options)
                                 : OpenSource(options, environment.root, environment.clock);
}

std::unique_ptr<TimeSwitch> SwitchTimeOn(const HostOptions& options, const HostSource& source,
                                         const Environment& environment) {
  if (!options.with_time) return nullptr;
  if (source.Name() != "module") {
    throw Error("--time is for the source module: BPF tells times anyway");
  }
  return std::make_unique<TimeSwitch>(environment.root);
}

}  // namespace kvm_exits
