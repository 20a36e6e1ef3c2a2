// SPDX-License-Identifier: GPL-2.0-only
#include "command/doctor.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "command/command_line.h"
#include "model/diagnosis.h"
#include "source/host_facts_reader.h"
#include "view/diagnosis_text.h"

namespace kvm_exits {

CLI::App& AddDoctorCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("doctor", "Say what can be shown here, and why not more");
  const auto as_json = std::make_shared<bool>(false);
  command.add_flag("--json", *as_json, "Write JSON");
  command.callback([as_json, &environment] {
    const Diagnosis diagnosis = Diagnose(ReadHostFacts(environment.root, environment.cpuid));
    environment.out.Write(*as_json ? DiagnosisJson(diagnosis) : DiagnosisText(diagnosis));
    if (!diagnosis.sources.Any()) environment.status = kFailure;
  });
  return command;
}

}  // namespace kvm_exits
