// SPDX-License-Identifier: GPL-2.0-only
#include "command/exporter.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "base/error.h"
#include "base/file_output.h"
#include "base/http_server.h"
#include "command/host_options.h"
#include "command/options.h"
#include "source/time_switch.h"
#include "view/host_metrics.h"

namespace kvm_exits {
namespace {

constexpr const char* kAddress = "127.0.0.1:9770";
// Scrapers that come within that of each other get the same.
constexpr std::chrono::milliseconds kFresh{500};

struct ExporterOptions {
  HostOptions host;
  IntervalOptions interval = {.seconds = 15, .count = std::nullopt};
  std::string address = kAddress;
  std::string file;
  bool has_histograms = false;
};

// A source that is read again and again, also by hosts whose KVM is exchanged meanwhile.
class Exporter {
 public:
  // Throws Error where the source cannot be opened, or, if `is_patient`, has Read() do so: who
  // holds the socket gets an answer then.
  Exporter(const ExporterOptions& options, Environment& environment, bool is_patient = false)
      : options_(options), environment_(environment) {
    try {
      Open();
    } catch (const Error& e) {
      if (!is_patient) throw;
      environment.err.Write(std::string("kvm-exits: ") + e.what() + "\n");
      return;
    }
    time_ = SwitchTimeOn(options.host, *source_, environment);
  }

  // Returns the text of now.  Throws Error.
  std::string Read() {
    if (!source_) Open();
    try {
      const HostSnapshot snapshot = source_->Read({.durations = options_.has_histograms});
      return metrics_.Render(
          snapshot, {.name = std::string(source_->Name()), .limits = source_->Limits(snapshot)});
    } catch (const Error&) {
      source_.reset();
      throw;
    }
  }

 private:
  void Open() { source_ = OpenHost({.kind = options_.host.source}, environment_); }

  const ExporterOptions& options_;
  Environment& environment_;
  std::unique_ptr<TimeSwitch> time_;
  std::unique_ptr<HostSource> source_;
  HostMetrics metrics_;
};

void Serve(const ExporterOptions& options, Environment& environment) {
  int listener = ListenerOfSystemd();
  const bool is_of_systemd = listener >= 0;
  if (!is_of_systemd) listener = ListenAt(options.address);
  Exporter exporter(options, environment, is_of_systemd);
  std::string text;
  std::chrono::steady_clock::time_point read{};
  HttpServer server(listener, [&](std::string_view path) -> HttpAnswer {
    if (path == "/") {
      return {.type = "text/html; charset=utf-8",
              .body =
                  "<!DOCTYPE html><title>kvm-exits</title>"
                  "<p>VM exits of this host: <a href=\"metrics\">metrics</a></p>\n"};
    }
    if (path != "/metrics") return {.status = 404, .body = "/metrics is here\n"};
    try {
      if (text.empty() || environment.clock.Now().steady - read > kFresh) {
        text = exporter.Read();
        read = environment.clock.Now().steady;
      }
    } catch (const Error& e) {
      text.clear();
      return {.status = 503, .body = std::string(e.what()) + "\n"};
    }
    return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = text};
  });
  server.Run();
}

void WriteFiles(const ExporterOptions& options, Environment& environment) {
  Exporter exporter(options, environment);
  const auto length = options.interval.Length();
  auto deadline = environment.clock.Now().steady;
  for (uint64_t i = 0; !options.interval.count || i < *options.interval.count; ++i) {
    FileOutput file(options.file);
    file.Write(exporter.Read());
    file.Commit();
    if (options.interval.count && i + 1 == *options.interval.count) return;
    deadline = NextDeadline(deadline, length, environment.clock.Now().steady);
    if (!environment.clock.WaitUntil(deadline)) return;
  }
}

}  // namespace

CLI::App& AddExporterCommand(CLI::App& app, Environment& environment) {
  CLI::App& command =
      *app.add_subcommand("exporter", "On a host: its counters, for Prometheus to scrape");
  const auto options = std::make_shared<ExporterOptions>();
  CLI::Option* const listen =
      command.add_option("--listen", options->address, "Answer there (127.0.0.1:9770)")
          ->type_name("ADDRESS")
          ->check(CLI::Validator(CheckListenAddress, "", "address"));
  CLI::Option* const file =
      command.add_option("--textfile", options->file, "Write to FILE, for node_exporter")
          ->type_name("FILE")
          ->excludes(listen);
  command.add_flag("--histograms", options->has_histograms, "Also how long exits take");
  command.add_option("-i,--interval", options->interval.seconds, "Every SEC seconds (15)")
      ->type_name("SEC")
      ->check(CLI::Validator(CheckInterval, "", "interval"))
      ->needs(file);
  command.add_option("-n,--count", options->interval.count, "End after N times")
      ->type_name("N")
      ->check(CLI::Validator(CheckPositive, "", "positive"))
      ->needs(file);
  AddSourceOptions(command, options->host, true);
  command.callback([options, &environment] {
    environment.clock.CatchStop();
    if (options->file.empty()) {
      Serve(*options, environment);
    } else {
      WriteFiles(*options, environment);
    }
  });
  return command;
}

}  // namespace kvm_exits
