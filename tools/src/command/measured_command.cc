// SPDX-License-Identifier: GPL-2.0-only
#include "command/measured_command.h"

#include <CLI/CLI.hpp>

#include "base/process.h"

namespace kvm_exits {
namespace {

constexpr const char* kFooter = "-- COMMAND [ARG...]         Measure this command; its exit status";

}  // namespace

void TakesCommand(CLI::App& verb) { verb.footer(kFooter); }

bool DoesTakeCommand(const CLI::App& verb) { return verb.get_footer() == kFooter; }

void MeasureCommand(Environment& environment, const std::function<int()>& measure) {
  try {
    environment.status = measure();
  } catch (const CommandFailed&) {
    throw;
  } catch (const Error& e) {
    throw CommandFailed(e.what(), kCannotMeasure);
  }
}

}  // namespace kvm_exits
