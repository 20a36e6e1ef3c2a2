// SPDX-License-Identifier: GPL-2.0-only
#include "command/explain.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "command/host_meter.h"
#include "command/options.h"
#include "model/exit_reason_names.h"
#include "model/explanation.h"
#include "source/host_isa.h"
#include "view/explanation_text.h"
#include "view/vm_explanation.h"

namespace kvm_exits {
namespace {

constexpr size_t kColumns = 80;

struct ExplainOptions {
  std::string subject;  // empty: none
  bool all = false;
  bool json = false;
  std::optional<Isa> isa;
  HostOptions host;                                                  // for a VM
  IntervalOptions interval = {.seconds = 3, .count = std::nullopt};  // a VM is measured for
};

// An exit reason of an extension, with what there is to know of it.
struct Explained {
  Isa isa;
  ExitReason reason;
  const Explanation* explanation;
};

// The extensions to tell of: the one that was asked for, else the host's, else the vendor's,
// which a guest knows of its host, else both.
std::vector<Isa> WantedIsas(const ExplainOptions& options, const Environment& environment) {
  if (options.isa) return {*options.isa};
  if (const std::optional<Isa> host = HostIsa(environment.root)) return {*host};
  if (const std::optional<Isa> vendor = VendorIsa(environment.root)) return {*vendor};
  return {Isa::kVmx, Isa::kSvm};
}

// The reasons that go by `text` in one of the extensions.
std::vector<Explained> FindReasons(const std::string& text, const std::vector<Isa>& isas) {
  std::vector<Explained> found;
  const auto wanted = ParseReason(text);
  if (!wanted) return found;
  for (const Isa isa : isas) {
    const auto reason = ResolveReason(*FindReasonTable(isa), *wanted);
    if (!reason) continue;
    if (const Explanation* const explanation = FindExplanation(isa, reason->number)) {
      found.push_back({isa, *reason, explanation});
    }
  }
  return found;
}

// The reasons that a name or number on the command line stands for; none: a VM.
std::vector<Explained> ResolveSubject(const ExplainOptions& options, const std::vector<Isa>& isas) {
  std::vector<Explained> found = FindReasons(options.subject, isas);
  // A name says by itself whose it is, where the host has no such one.
  const auto wanted = ParseReason(options.subject);
  if (found.empty() && !options.isa && wanted && !wanted->number) {
    found = FindReasons(options.subject, {Isa::kVmx, Isa::kSvm});
  }
  return found;
}

std::vector<Explained> AllReasons(const std::vector<Isa>& isas) {
  std::vector<Explained> all;
  for (const Isa isa : isas) {
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      if (const Explanation* const explanation = FindExplanation(isa, reason.number)) {
        all.push_back({isa, reason, explanation});
      }
    }
  }
  return all;
}

// Each explanation once, in the order in which they read well.
std::string RenderAll(const std::vector<Isa>& isas) {
  std::string text;
  for (const Isa isa : isas) {
    for (const Explanation& explanation : Explanations()) {
      if (explanation.Reasons(isa).empty()) continue;
      if (!text.empty()) text += "\n\n";
      text += RenderExplanation(explanation, isa, kColumns);
    }
  }
  return text;
}

// What a name stands for that is no reason's: a VM, which is measured for a while.
std::string ExplainVm(const ExplainOptions& options, Environment& environment) {
  HostOptions host = options.host;
  host.vm.any = options.subject;
  HostMeter meter(host, environment);
  environment.clock.CatchStop();
  environment.clock.WaitUntil(meter.Last().steady + options.interval.Length());
  const HostDifference difference = meter.Next();
  if (meter.HasEnded(difference)) ThrowEnded(*meter.Vm());
  const HostReport report = meter.Report(difference);
  return options.json ? RenderVmExplanationJson(report) : RenderVmExplanation(report, kColumns);
}

std::string ExplainVmOrSay(const ExplainOptions& options, const std::vector<Isa>& isas,
                           Environment& environment) {
  try {
    return ExplainVm(options, environment);
  } catch (const Error& e) {
    std::string names;
    for (const Isa isa : isas) {
      if (!names.empty()) names += " or ";
      names += IsaName(isa);
    }
    throw Error(names + " has no exit reason '" + options.subject +
                "' ('kvm-exits explain' lists them), and for a VM: " + e.what());
  }
}

void RunExplain(const ExplainOptions& options, Environment& environment) {
  const std::vector<Isa> isas = WantedIsas(options, environment);
  if (options.subject.empty() && !options.json) {
    environment.out.Write(options.all ? RenderAll(isas) : RenderExplanationIndex(isas));
    return;
  }
  std::string text;
  std::vector<Explained> wanted;
  if (options.subject.empty()) {
    wanted = AllReasons(isas);
  } else {
    wanted = ResolveSubject(options, isas);
    if (wanted.empty()) {
      environment.out.Write(ExplainVmOrSay(options, isas, environment));
      return;
    }
  }
  for (const Explained& explained : wanted) {
    if (options.json) {
      text += RenderExplanationJson(*explained.explanation, explained.isa, explained.reason);
      continue;
    }
    if (!text.empty()) text += "\n\n";
    text += RenderExplanation(*explained.explanation, explained.isa, explained.reason, kColumns);
  }
  environment.out.Write(text);
}

}  // namespace

CLI::App& AddExplainCommand(CLI::App& app, Environment& environment) {
  CLI::App& command =
      *app.add_subcommand("explain", "Say what a reason is, and what helps against it");
  const auto options = std::make_shared<ExplainOptions>();

  CLI::Option* const subject = command
                                   .add_option("reason", options->subject,
                                               "An exit reason (12, 0x72, HLT), or else a VM;\n"
                                               "without one, list the reasons")
                                   ->type_name("");
  command.add_flag("--all", options->all, "Say it of all reasons")->excludes(subject);
  AddChoice<std::optional<Isa>>(command, "--isa", options->isa,
                                {{"vmx", Isa::kVmx}, {"svm", Isa::kSvm}},
                                "vmx (Intel) or svm (AMD); else the host's, or both")
      ->type_name("ISA");
  command.add_flag("--json", options->json, "One JSON object a line for each reason");

  command
      .add_option("-i,--interval", options->interval.seconds, "Measure a VM for SEC seconds (3)")
      ->type_name("SEC")
      ->check(CLI::Validator(CheckInterval, "", "interval"));
  AddSourceOptions(command, options->host, true);

  command.callback([options, &environment] { RunExplain(*options, environment); });
  return command;
}

}  // namespace kvm_exits
