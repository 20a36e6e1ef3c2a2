// SPDX-License-Identifier: GPL-2.0-only
#include "report/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_output.h"
#include "report/comparison.h"
#include "report/input.h"
#include "report/markdown.h"
#include "report/measurements_json.h"
#include "report/measurements_text.h"
#include "report/plot.h"
#include "report/primitives.h"
#include "report/text_table.h"

namespace kvm_exits::bench {
namespace {

constexpr const char* kTryHelp = "\nTry 'bench-report --help'.";

// What a command is given, and how it ends.
struct Invocation {
  Output* out = nullptr;
  int status = kSuccess;
  std::vector<std::string> files;
  std::string recorded;
  std::string now;
  std::string output;
  std::string primitives;
  bool fail = false;
  bool check = false;
};

// There is nowhere left to complain to when this fails.
void WriteError(Output& err, const std::string& message) {
  try {
    err.Write("bench-report: " + message + "\n");
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
  }
}

void Write(const Invocation& invocation, const std::string& text) {
  if (invocation.output.empty() || invocation.output == "-") {
    invocation.out->Write(text);
    return;
  }
  FileOutput file(invocation.output);
  file.Write(text);
  file.Commit();
}

std::vector<Measurements> ReadLabs(const std::vector<std::string>& paths) {
  std::vector<Measurements> labs;
  std::set<std::string> names;
  for (const std::string& path : paths) {
    labs.push_back(FromJson(ReadInput(path)));
    if (!names.insert(labs.back().lab).second) {
      throw Error(
          fmt::format("{}: there are results of the lab '{}' already", path, labs.back().lab));
    }
  }
  return labs;
}

void RunJson(Invocation& invocation) {
  std::vector<Input> inputs;
  for (const std::string& path : invocation.files) inputs.push_back(ReadInput(path));
  Write(invocation, ToJson(ParseMeasurements(inputs)));
}

void RunTable(Invocation& invocation) {
  invocation.out->Write(ToText(FromJson(ReadInput(invocation.now))));
}

void RunCompare(Invocation& invocation) {
  const Comparison comparison =
      Compare(FromJson(ReadInput(invocation.recorded)), FromJson(ReadInput(invocation.now)));
  invocation.out->Write(comparison.text);
  if (invocation.fail && comparison.moved) invocation.status = kDiffers;
}

void RunMarkdown(Invocation& invocation) {
  Results results{.labs = ReadLabs(invocation.files), .primitives = {}};
  if (!invocation.primitives.empty()) {
    results.primitives = ParsePrimitives(ReadInput(invocation.primitives));
  }
  const Input document = ReadInput(invocation.output);
  const std::string filled = FillMarkdown(document, results);
  const size_t differs = FirstDifference(document.text, filled);
  if (invocation.check) {
    if (differs != 0) {
      invocation.out->Write(
          fmt::format("{}:{}: this is not what the results say\n", document.path, differs));
      invocation.status = kDiffers;
    }
  } else if (differs != 0) {
    Write(invocation, filled);
  }
}

void RunPlot(Invocation& invocation) { Write(invocation, ToSvg(ReadLabs(invocation.files))); }

CLI::App& AddCommand(CLI::App& app, const std::string& name, const std::string& help,
                     Invocation& invocation, void (*run)(Invocation&)) {
  CLI::App* const command = app.add_subcommand(name, help);
  command->callback([&invocation, run] { run(invocation); });
  return *command;
}

void AddOutput(CLI::App& command, Invocation& invocation) {
  command
      .add_option("-o,--output", invocation.output, "Write to FILE, which is replaced as a whole")
      ->type_name("FILE");
}

void AddResults(CLI::App& command, Invocation& invocation) {
  command.add_option("FILE.json", invocation.files, "Results, one file a lab")
      ->required()
      ->type_name("");
}

void AddCommands(CLI::App& app, Invocation& invocation) {
  CLI::App& json =
      AddCommand(app, "json", "Make results of what was measured", invocation, RunJson);
  json.add_option("MEASUREMENTS", invocation.files, "What the benchmark has printed in a lab")
      ->required()
      ->type_name("");
  AddOutput(json, invocation);

  CLI::App& table = AddCommand(app, "table", "Show results", invocation, RunTable);
  table.add_option("FILE.json", invocation.now, "The results")->required()->type_name("");

  CLI::App& compare = AddCommand(app, "compare", "Say what has moved", invocation, RunCompare);
  compare.add_option("RECORDED.json", invocation.recorded, "Results as they were")
      ->required()
      ->type_name("");
  compare.add_option("NEW.json", invocation.now, "Results of the same lab, as they are now")
      ->required()
      ->type_name("");
  compare.add_flag("--fail", invocation.fail, "End with status 3 if something has moved");

  CLI::App& markdown =
      AddCommand(app, "markdown", "Put results into a document", invocation, RunMarkdown);
  AddResults(markdown, invocation);
  markdown
      .add_option("-o,--output", invocation.output, "Document with markers where results belong")
      ->required()
      ->type_name("FILE.md");
  markdown
      .add_option("--primitives", invocation.primitives, "What the benchmark of primitives wrote")
      ->type_name("FILE.json");
  markdown.add_flag("--check", invocation.check, "Write nothing; status 3 if it is out of date");

  CLI::App& plot = AddCommand(app, "plot", "Draw what is added to an exit", invocation, RunPlot);
  AddResults(plot, invocation);
  AddOutput(plot, invocation);
}

int Run(int argc, const char* const* argv, Output& out, Output& err) {
  Invocation invocation;
  invocation.out = &out;
  CLI::App app("Turns what the benchmark measures into what can be read.", "bench-report");
  app.require_subcommand(1);
  AddCommands(app, invocation);

  // The library would say "A subcommand is required" to both.
  const auto is_named = [&](const CLI::App* command) { return command->check_name(argv[1]); };
  std::string missing;
  if (argc < 2) {
    missing = "a command is missing";
  } else if (*argv[1] != '-' && app.get_subcommands(is_named).empty()) {
    missing = "there is no command '" + std::string(argv[1]) + "'";
  }
  if (!missing.empty()) {
    WriteError(err, missing + kTryHelp);
    return kUsageError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
      WriteError(err, e.what() + std::string(kTryHelp));
      return kUsageError;
    }
    // --help arrives as an error, whose text is for the output.
    std::ostringstream text;
    app.exit(e, text, text);
    out.Write(text.str());
  }
  return invocation.status;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, Output& out, Output& err) {
  try {
    return Run(argc, argv, out, err);
  } catch (const std::exception& e) {
    WriteError(err, e.what());
    return kFailure;
  }
}

}  // namespace kvm_exits::bench
