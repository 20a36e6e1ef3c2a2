// SPDX-License-Identifier: GPL-2.0-only
#include "command/command_line.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include "base/error.h"
#include "base/stop_signals.h"
#include "command/detail.h"
#include "command/diff.h"
#include "command/doctor.h"
#include "command/explain.h"
#include "command/exporter.h"
#include "command/guest.h"
#include "command/list.h"
#include "command/measured_command.h"
#include "command/record.h"
#include "command/reload.h"
#include "command/report.h"
#include "command/stat.h"
#include "command/top.h"

namespace kvm_exits {
namespace {

constexpr const char* kVersionText = "kvm-exits " KVM_EXITS_VERSION;

// The library's, without the list of options that an option excludes.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return type.empty() ? "" : " " + type;
  }
};

// There is nowhere left to complain to when this fails.
void WriteError(Output& err, const std::string& message) {
  try {
    err.Write("kvm-exits: " + message + "\n");
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
  }
}

// Takes what stands behind the first "--" off the arguments.
void SplitCommand(int& argc, const char* const* argv, Environment& environment) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--") continue;
    environment.command.assign(argv + i + 1, argv + argc);
    environment.has_command = true;
    argc = i;
    return;
  }
}

// The first argument that is not --root or its value; empty: none.
std::string FirstWord(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--root") {
      ++i;
    } else if (!word.starts_with("--root=")) {
      return std::string(word);
    }
  }
  return "";
}

// `wrong` with the verb where its options are explained; empty: none is known.
std::string WithTryHelp(const std::string& wrong, const std::string& verb) {
  return wrong + "\nTry 'kvm-exits " + (verb.empty() ? "" : verb + " ") + "--help'.";
}

// Of --root: returns what is wrong, or nothing.
std::string CheckRoot(const std::string& path) {
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error)) return "";
  return "'" + path + "' is no directory";
}

// Returns what is wrong with the command behind "--", or nothing.
std::string CheckCommand(const CLI::App& app, const Environment& environment) {
  if (!environment.has_command) return "";
  for (const CLI::App* const verb : app.get_subcommands()) {
    if (!DoesTakeCommand(*verb)) return "'" + verb->get_name() + "' takes no command";
  }
  return environment.command.empty() ? "a command is missing after '--'" : "";
}

int Run(int argc, const char* const* argv, Environment& environment) {
  CLI::App app("Shows how often, and why, virtual machines exit to their host's KVM.", "kvm-exits");
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", kVersionText, "Print the version and exit");
  app.add_option("--root", environment.root, "Read a host's /proc and /sys below DIR, a copy")
      ->type_name("DIR")
      ->check(CLI::Validator(CheckRoot, "", "root"));
  for (const auto add : {AddListCommand, AddTopCommand, AddStatCommand, AddDetailCommand,
                         AddRecordCommand, AddReportCommand, AddDiffCommand, AddExporterCommand,
                         AddExplainCommand, AddDoctorCommand, AddReloadCommand, AddGuestCommand}) {
    add(app, environment)
        .set_version_flag("-V,--version", kVersionText, "Print the version and exit");
  }
  SplitCommand(argc, argv, environment);
  // The verb is known, and has not begun.
  app.parse_complete_callback([&] {
    const std::string wrong = CheckCommand(app, environment);
    if (!wrong.empty()) throw CLI::ValidationError(wrong);
  });

  // The library would say "A subcommand is required" to both.
  const std::string verb = FirstWord(argc, argv);
  const bool is_verb =
      !app.get_subcommands([&](const CLI::App* command) { return command->check_name(verb); })
           .empty();
  const std::string explained_by = is_verb ? verb : "";
  std::string missing;
  if (verb.empty()) {
    missing = "a command is missing";
  } else if (verb.front() != '-' && !is_verb) {
    missing = "there is no command '" + verb + "'";
  }
  if (!missing.empty()) {
    WriteError(environment.err, WithTryHelp(missing, explained_by));
    return kUsageError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    // A verb lacks something, or what stands there is none.
    const std::string wrong =
        is_verb ? verb + ": " + e.what() : "there is no command or option '" + verb + "'";
    WriteError(environment.err, WithTryHelp(wrong, explained_by));
    return kUsageError;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != static_cast<int>(CLI::ExitCodes::Success)) {
      WriteError(environment.err, WithTryHelp(e.what(), explained_by));
      return kUsageError;
    }
    // --help and --version arrive as errors, whose text is for the output.
    std::ostringstream text;
    app.exit(e, text, text);
    environment.out.Write(text.str());
  }
  return environment.status;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, Environment& environment) {
  try {
    return Run(argc, argv, environment);
  } catch (const Stopped&) {
    return kSuccess;
  } catch (const CommandFailed& e) {
    WriteError(environment.err, e.what());
    return e.Status();
  } catch (const std::exception& e) {
    WriteError(environment.err, e.what());
    return kFailure;
  }
}

}  // namespace kvm_exits
