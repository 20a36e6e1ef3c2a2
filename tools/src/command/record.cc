// SPDX-License-Identifier: GPL-2.0-only
#include "command/record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "base/process.h"
#include "base/stop_signals.h"
#include "command/host_meter.h"
#include "command/measured_command.h"
#include "command/options.h"
#include "source/host_file.h"
#include "source/record_file.h"
#include "source/record_format.h"

namespace kvm_exits {
namespace {

// As many samples as it takes to read from the middle of a record.
constexpr uint64_t kFrameSamples = 600;
// More than rotate in a second
constexpr int kMaxNames = 1000;

struct RecordOptions {
  HostOptions host;
  IntervalOptions interval;
  std::string file;
  std::optional<uint64_t> max_size;
  std::optional<double> max_time;
};

std::string ReadName(const std::string& path) {
  constexpr size_t kMaxName = 4096;
  constexpr size_t kMaxColumns = 64;
  return PrintableLine(ReadHostFile(path, kMaxName).value_or(""), kMaxColumns);
}

// "web.jsonl.zst" of a time is "web-20260131T235959Z.jsonl.zst".
std::string NameWith(const std::string& path, const std::string& word) {
  for (const std::string_view suffix : {".jsonl.zst", ".zst"}) {
    if (!path.ends_with(suffix)) continue;
    return path.substr(0, path.size() - suffix.size()) + "-" + word + std::string(suffix);
  }
  return path + "-" + word;
}

// Without what a shell or a file system could take amiss
std::string CompactTime(std::chrono::system_clock::time_point time) {
  std::string text = FormatTime(time).substr(0, std::string_view("2026-01-31T23:59:59").size());
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

// Moves the file to a name that has `word` in it and that nothing else has.
void MoveAway(const std::string& path, const std::string& word) {
  for (int i = 1; i < kMaxNames; ++i) {
    const std::string name = NameWith(path, i == 1 ? word : word + "-" + std::to_string(i));
    if (renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return;
    // Not every file system can do that.
    if (errno == EINVAL && link(path.c_str(), name.c_str()) == 0) {
      unlink(path.c_str());
      return;
    }
    if (errno != EEXIST) {
      throw Error("cannot rename " + path + " to " + name + ": " +
                  std::generic_category().message(errno));
    }
  }
  throw Error("there are too many records of one second beside " + path);
}

void Tell(Output& err, const std::string& line) { err.Write("kvm-exits: " + line + "\n"); }

// Samples of a host, in a file.
class Recorder {
 public:
  Recorder(const RecordOptions& options, Environment& environment)
      : options_(options),
        err_(environment.err),
        meter_(options.host, environment),
        encoder_(Header(environment)),
        began_(meter_.Last()),
        file_began_(began_),
        writer_(std::make_unique<RecordWriter>(options.file)) {
    writer_->Write(encoder_.Header());
    Write();
  }

  // Reads the host.  Returns false where the VM that was asked for has ended: what there is of it
  // is in the file.
  bool Sample() {
    const HostDifference difference = meter_.Next();
    if (meter_.HasEnded(difference)) return false;
    ++samples_;
    if (samples_ % kFrameSamples == 0) {
      writer_->EndFrame();
      writer_->Write(encoder_.Header());
    }
    Write();
    return true;
  }

  // Goes on in a new file where that was asked for: it begins with the last sample.  Unless another
  // program has moved the old one already, that gets its time into its name.
  void RotateIfRequested() {
    if (!TakeRotateRequest()) return;
    try {
      if (writer_->HasItsName()) MoveAway(options_.file, CompactTime(file_began_.wall));
      auto next = std::make_unique<RecordWriter>(options_.file);
      writer_->Close();
      closed_bytes_ += writer_->Bytes();
      writer_ = std::move(next);
    } catch (const Error& e) {
      Tell(err_, std::string(e.what()) + ": this goes on in the old file");
      return;
    }
    file_began_ = meter_.Last();
    writer_->Write(encoder_.Header());
    Write();
  }

  // Nothing is to be kept.
  void Remove() { unlink(options_.file.c_str()); }

  // Whether a limit is reached.
  bool IsFull() const {
    if (options_.interval.count && samples_ >= *options_.interval.count) return true;
    if (options_.max_size && closed_bytes_ + writer_->Bytes() >= *options_.max_size) return true;
    return options_.max_time && Length() >= Seconds(*options_.max_time);
  }

  // Returns what was recorded, in a line.
  std::string Close() {
    writer_->Close();
    return fmt::format("{}: {} samples in {:.1f} s, {} kB", options_.file, samples_ + 1,
                       Length().count(), (closed_bytes_ + writer_->Bytes() + 999) / 1000);
  }

  const HostMeter& Meter() const { return meter_; }
  const Instant& Began() const { return began_; }

 private:
  RecordHeader Header(const Environment& environment) const {
    const std::string kernel = environment.root + "/proc/sys/kernel/";
    return {.host = ReadName(kernel + "hostname"),
            .kernel = ReadName(kernel + "osrelease"),
            .boot_id = ReadName(kernel + "random/boot_id"),
            .source = std::string(meter_.Source().Name()),
            .begins_now = meter_.Source().BeginsNow(),
            .has_vcpus = options_.host.vcpus.each,
            .interval_seconds = options_.interval.seconds.value_or(1)};
  }

  Seconds Length() const { return meter_.Last().steady - began_.steady; }

  void Write() {
    writer_->Write(encoder_.Sample(meter_.Reading(), meter_.Source().Limits(meter_.Reading())));
    writer_->Flush();
  }

  const RecordOptions& options_;
  Output& err_;
  HostMeter meter_;
  RecordEncoder encoder_;
  Instant began_;
  Instant file_began_;
  std::unique_ptr<RecordWriter> writer_;
  uint64_t samples_ = 0;  // after the first
  uint64_t closed_bytes_ = 0;
};

// When the next sample is due: at the end of the interval, or of the time.
std::chrono::steady_clock::time_point NextSample(const RecordOptions& options,
                                                 const Recorder& recorder,
                                                 std::chrono::steady_clock::time_point deadline) {
  if (!options.max_time) return deadline;
  const auto end =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(Seconds(*options.max_time));
  return std::min(deadline, recorder.Began().steady + end);
}

// Waits for the next sample, and does not let a request to rotate wait.  Returns false when the
// user asks to stop.
bool WaitForSample(Recorder& recorder, Clock& clock,
                   std::chrono::steady_clock::time_point deadline) {
  constexpr auto kStep = std::chrono::seconds(1);
  for (;;) {
    const auto next = std::min(deadline, clock.Now().steady + kStep);
    if (!clock.WaitUntil(next)) return false;
    if (next == deadline) return true;
    recorder.RotateIfRequested();
  }
}

// Records until there is enough or the user ends it.
void RecordHost(const RecordOptions& options, Environment& environment) {
  environment.clock.CatchStop();
  CatchRotateSignal();
  Recorder recorder(options, environment);
  const auto length = options.interval.Length();
  auto deadline = recorder.Meter().Last().steady + length;
  bool has_ended = false;
  while (!has_ended && !recorder.IsFull()) {
    const bool is_over =
        !WaitForSample(recorder, environment.clock, NextSample(options, recorder, deadline));
    has_ended = !recorder.Sample();
    if (is_over) break;
    recorder.RotateIfRequested();
    deadline = NextDeadline(deadline, length, recorder.Meter().Last().steady);
  }
  Tell(environment.err, recorder.Close());
  if (has_ended) ThrowEnded(*recorder.Meter().Vm());
}

// Records in a thread while a command runs in the other.
class WhileCommandRuns {
 public:
  WhileCommandRuns(Recorder& recorder, const RecordOptions& options)
      : recorder_(recorder), options_(options) {
    // Signals are the other thread's.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    thread_ = std::thread([this] { Run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  WhileCommandRuns(const WhileCommandRuns&) = delete;
  WhileCommandRuns& operator=(const WhileCommandRuns&) = delete;
  ~WhileCommandRuns() { End(); }

  // Ends it.  Returns whether the VM that was asked for was there until now.  Throws what ended it
  // before.
  bool Join() {
    End();
    if (failure_) std::rethrow_exception(failure_);
    return !has_ended_;
  }

 private:
  void End() {
    {
      const std::scoped_lock lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void Run() {
    try {
      const auto length = options_.interval.Length();
      auto deadline = std::chrono::steady_clock::now() + length;
      std::unique_lock lock(mutex_);
      while (!recorder_.IsFull() &&
             !changed_.wait_until(lock, NextSample(options_, recorder_, deadline),
                                  [this] { return is_over_; })) {
        has_ended_ = !recorder_.Sample();
        if (has_ended_) return;
        deadline = NextDeadline(deadline, length, std::chrono::steady_clock::now());
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  Recorder& recorder_;
  const RecordOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  bool has_ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

int RecordCommand(const RecordOptions& options, Environment& environment) {
  Recorder recorder(options, environment);
  std::string error;
  int status = 0;
  bool is_there = true;
  {
    WhileCommandRuns meanwhile(recorder, options);
    status = RunCommand(environment.command, error);
    is_there = meanwhile.Join();
  }
  if (!error.empty()) {
    recorder.Remove();
    throw CommandFailed(error, status);
  }
  if (is_there && !recorder.IsFull()) is_there = recorder.Sample();
  Tell(environment.err, recorder.Close());
  if (!is_there) {
    throw CommandFailed(
        "VM " + DisplayName(*recorder.Meter().Vm()) + " has ended before the command", status);
  }
  return status;
}

// "300M": bytes, of which there may be thousands, millions, ...
std::optional<uint64_t> ParseSize(const std::string& text) {
  constexpr std::string_view kUnits = "kMGT";
  uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || size == 0) return std::nullopt;
  if (rest == end) return size;
  const size_t unit = kUnits.find(*rest == 'K' ? 'k' : *rest);
  if (rest + 1 != end || unit == std::string_view::npos) return std::nullopt;
  for (size_t i = 0; i <= unit; ++i) {
    if (size > UINT64_MAX / 1000) return std::nullopt;
    size *= 1000;
  }
  return size;
}

std::string CheckRecordFile(const std::string& text) {
  return text == "-" ? "a record is a file, and not the output" : CheckFile(text);
}

std::string CheckSize(const std::string& text) {
  if (ParseSize(text)) return "";
  return "'" + text + "' is no size in bytes, as 300M";
}

}  // namespace

CLI::App& AddRecordCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("record", "On a host: what happens, into a file");
  const auto options = std::make_shared<RecordOptions>();
  AddVmOptions(command, options->host);
  command.add_flag("--each-vcpu", options->host.vcpus.each, "Record each vCPU on its own as well");
  AddIntervalOptions(command, options->interval, "Read every SEC seconds (1), until interrupted");
  command.add_option("-o,--output", options->file, "Write to FILE, which is new")
      ->type_name("FILE")
      ->check(CLI::Validator(CheckRecordFile, "", "file"))
      ->required();
  command
      .add_option_function<std::string>(
          "--max-size", [options](const std::string& text) { options->max_size = ParseSize(text); },
          "End at SIZE bytes; 300M are 300 millions")
      ->type_name("SIZE")
      ->check(CLI::Validator(CheckSize, "", "size"));
  command.add_option("--max-time", options->max_time, "End after SEC seconds")
      ->type_name("SEC")
      ->check(CheckNumber(0.01, 1e9));
  AddSourceOptions(command, options->host, true);
  TakesCommand(command);
  command.callback([options, &environment] {
    if (environment.command.empty()) {
      RecordHost(*options, environment);
      return;
    }
    if (options->interval.count) throw CLI::ValidationError("a command excludes --count");
    MeasureCommand(environment, [&] { return RecordCommand(*options, environment); });
  });
  return command;
}

}  // namespace kvm_exits
