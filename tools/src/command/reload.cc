// SPDX-License-Identifier: GPL-2.0-only
#include "command/reload.h"

#include <CLI/CLI.hpp>
#include <string>

#include "base/error.h"
#include "base/process.h"

namespace kvm_exits {
namespace {

void RunReload(Environment& environment) {
  if (!environment.root.empty()) throw Error("KVM can be reloaded on this host only: omit --root");
  const std::string script = environment.reload.empty() ? KVM_EXITS_RELOAD : environment.reload;
  std::string error;
  environment.status = RunCommand({script}, error);
  if (error.empty()) return;
  throw Error(error + "; install the package kvm-exits, or run 'make install'");
}

}  // namespace

CLI::App& AddReloadCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("reload", "Load the installed KVM, while no VM runs");
  command.callback([&environment] { RunReload(environment); });
  return command;
}

}  // namespace kvm_exits
