// SPDX-License-Identifier: GPL-2.0-only
#include "command/detail.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/process.h"
#include "base/read_file.h"
#include "command/host_options.h"
#include "command/measured_command.h"
#include "command/options.h"
#include "command/to_output.h"
#include "source/host_isa.h"
#include "source/running_vms.h"
#include "view/detail_report.h"
#include "view/host_report.h"

namespace kvm_exits {
namespace {

struct DetailOptions {
  HostOptions host;
  std::string reason;
  std::optional<AccessKind> kind;
  std::string kallsyms;
  IntervalOptions interval;
  std::optional<size_t> limit = 20;
  Format format = Format::kTable;
  std::string file;
};

std::string ReadKallsyms(const std::string& path) {
  constexpr size_t kMax = size_t{64} << 20U;
  FileText file = ReadNamedFile(path, kMax);
  if (!file.HasText() || file.text.empty()) {
    throw Error("cannot read " + path + ": " +
                (file.HasText() ? "it is empty" : std::generic_category().message(file.error)));
  }
  return std::move(file.text);
}

// Counts what is behind a reason, and tells what was counted since the last time.
class Detail {
 public:
  Detail(const DetailOptions& options, Environment& environment)
      : options_(options), environment_(environment) {
    const std::optional<Isa> isa = HostIsa(environment.root);
    if (!isa) throw Error("this machine has neither VMX nor SVM: there are no VM exits");
    report_.isa = isa;
    if (!options.reason.empty() && options.reason != "all") {
      const auto wanted = ParseReason(options.reason);
      report_.reason =
          wanted ? ResolveReason(*FindReasonTable(*isa), *wanted) : std::optional<ExitReason>();
      if (!report_.reason) ThrowNoReason(options.reason, *isa);
      if (*report_.reason == kUnknownReason) {
        throw Error(options.reason + " is many reasons in one, which have no detail: say 'all'");
      }
    }
    report_.kind = options.kind.value_or(UsualKind(report_.reason.value_or(kUnknownReason)));
    if (!options.host.vm.IsAll()) {
      VmmNames names(environment.root);
      const VmIdentity vm = SelectVm(RunningVms(environment.root, names), options.host.vm);
      report_.vm = vm;
      process_ = vm.pid;
    }
    if (!options.kallsyms.empty()) {
      kallsyms_ = Kallsyms::Parse(ReadKallsyms(options.kallsyms));
    }
    std::optional<uint32_t> number;
    if (report_.reason) number = static_cast<uint32_t>(report_.reason->number);
    accesses_ = std::make_unique<BpfAccesses>(environment.root, report_.kind, process_, number);
    report_.missing = accesses_->Missing();
    report_.taken = environment.clock.Now();
  }

  Instant Last() const { return report_.taken; }

  std::string Next() {
    const std::vector<Access> now = accesses_->Read();
    const uint64_t exits = accesses_->Exits();
    const uint64_t lost = accesses_->Lost();
    const Instant taken = environment_.clock.Now();
    report_.rows = MakeDetailRows(Since(now), report_.kind, kallsyms_ ? &*kallsyms_ : nullptr);
    report_.accesses = 0;
    for (const DetailRow& row : report_.rows) report_.accesses += row.count;
    report_.exits = exits - exits_;
    report_.lost = lost - lost_;
    report_.period = taken.steady - report_.taken.steady;
    report_.taken = taken;
    before_ = now;
    exits_ = exits;
    lost_ = lost;
    return Format();
  }

 private:
  std::vector<Access> Since(std::vector<Access> now) const {
    std::map<std::tuple<std::string_view, uint64_t, uint32_t>, uint64_t> earlier;
    for (const Access& access : before_) {
      earlier[{access.event, access.key, access.detail}] = access.count;
    }
    for (Access& access : now) {
      const auto found = earlier.find({access.event, access.key, access.detail});
      if (found != earlier.end()) access.count -= std::min(access.count, found->second);
    }
    std::erase_if(now, [](const Access& access) { return access.count == 0; });
    return now;
  }

  std::string Format() {
    switch (options_.format) {
      case Format::kJson:
        return FormatDetailJson(report_, options_.limit);
      case Format::kCsv: {
        const bool is_first = is_first_;
        is_first_ = false;
        return FormatDetailCsv(report_, options_.limit, is_first);
      }
      default: {
        const std::string blank = is_first_ ? "" : "\n";
        is_first_ = false;
        return blank + FormatDetail(report_, options_.limit);
      }
    }
  }

  const DetailOptions& options_;
  Environment& environment_;
  std::optional<pid_t> process_;
  std::optional<Kallsyms> kallsyms_;
  std::unique_ptr<BpfAccesses> accesses_;
  DetailReport report_;
  std::vector<Access> before_;
  uint64_t exits_ = 0;
  uint64_t lost_ = 0;
  bool is_first_ = true;
};

void Watch(const DetailOptions& options, Output& out, Environment& environment) {
  Detail detail(options, environment);
  const auto length = options.interval.Length();
  const uint64_t count = options.interval.count.value_or(options.interval.seconds ? 0 : 1);
  auto deadline = detail.Last().steady + length;
  for (uint64_t reports = 0; count == 0 || reports != count; ++reports) {
    const bool is_over = !environment.clock.WaitUntil(deadline);
    out.Write(detail.Next());
    if (is_over) return;
    deadline = NextDeadline(deadline, length, detail.Last().steady);
  }
}

int Measure(const DetailOptions& options, Output& out, Environment& environment) {
  Detail detail(options, environment);
  std::string error;
  const int status = RunCommand(environment.command, error);
  if (!error.empty()) throw CommandFailed(error, status);
  out.Write(detail.Next());
  return status;
}

}  // namespace

CLI::App& AddDetailCommand(CLI::App& app, Environment& environment) {
  CLI::App& command =
      *app.add_subcommand("detail", "On a host: the MSRs, ports, addresses of a reason");
  const auto options = std::make_shared<DetailOptions>();
  command.add_option("REASON", options->reason, "An exit reason, number or name; or all")
      ->type_name("")
      ->required();
  AddVmOptions(command, options->host);
  command
      .add_option_function<std::string>(
          "--by", [options](const std::string& word) { options->kind = FindAccessKind(word); },
          "msr, port, gpa, leaf, hypercall, apic, userspace,\n"
          "vector or rip; else what suits the reason")
      ->type_name("KEY")
      ->check(CLI::Validator(
          [](const std::string& word) {
            return FindAccessKind(word) ? ""
                                        : "'" + word + "' is none of msr, port, gpa, leaf, " +
                                              "hypercall, apic, userspace, vector and rip";
          },
          "", "by"));
  command
      .add_option("--kallsyms", options->kallsyms, "Names for --by rip: the guest's /proc/kallsyms")
      ->type_name("FILE");
  AddIntervalOptions(command, options->interval, "Show each interval, until interrupted; else one");
  command.add_option("-l,--limit", options->limit, "Show only the first ROWS (20)")
      ->type_name("ROWS")
      ->check(CLI::Validator(CheckPositive, "", "positive"));
  AddOutputOption(command, options->file);
  AddFormatOptions(command, options->format, false);
  TakesCommand(command);
  command.callback([options, &environment] {
    if (environment.command.empty()) {
      environment.clock.CatchStop();
      WriteTo(options->file, environment.out,
              [&](Output& out) { Watch(*options, out, environment); });
      return;
    }
    if (options->interval.IsGiven()) {
      throw CLI::ValidationError("a command excludes --interval and --count");
    }
    MeasureCommand(environment, [&] {
      int status = 0;
      WriteTo(options->file, environment.err,
              [&](Output& out) { status = Measure(*options, out, environment); });
      return status;
    });
  });
  return command;
}

}  // namespace kvm_exits
