// SPDX-License-Identifier: GPL-2.0-only
#include "command/top.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/stop_signals.h"
#include "command/host_options.h"
#include "command/options.h"
#include "command/recorded_host.h"
#include "command/stat.h"
#include "model/explanation.h"
#include "source/bpf_accesses.h"
#include "source/time_switch.h"
#include "view/detail_report.h"
#include "view/explanation_text.h"
#include "view/terminal.h"
#include "view/top_screen.h"

namespace kvm_exits {
namespace {

using std::chrono::steady_clock;

struct TopOptions {
  HostOptions host;
  IntervalOptions interval;
  double speed = 1;  // of a record
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Reads the host and shows it until the user has enough.
class Top {
 public:
  Top(const TopOptions& options, Environment& environment)
      : environment_(environment),
        speed_(options.speed),
        source_(OpenHost({.kind = options.host.source}, environment)) {
    time_ = SwitchTimeOn(options.host, *source_, environment);
    count_ = options.interval.count.value_or(0);
    if (options.interval.seconds) state_.delay_seconds = *options.interval.seconds;
    Restart();
    if (options.host.vm.IsAll()) return;
    std::vector<VmIdentity> vms;
    for (const VmSnapshot& vm : last_.vms) vms.push_back(vm.identity);
    state_.vm = SelectVm(vms, options.host.vm);
    state_.level = TopLevel::kVm;
    Restart();
  }

  void Run() {
    CatchStopSignals();
    Terminal terminal;
    auto deadline = steady_clock::now() + FirstDelay();
    uint64_t readings = 0;
    while (!state_.wants_quit && (count_ == 0 || readings < count_)) {
      Draw(terminal);
      const auto key = terminal.WaitKey(deadline);
      if (key) {
        HandleKey(*key, state_);
        Obey(deadline);
        continue;
      }
      if (StopRequested()) return;
      if (PassTime()) ReadAndFollow();
      ++readings;
      deadline = steady_clock::now() + Delay();
    }
  }

 private:
  steady_clock::duration Delay() const {
    return std::chrono::duration_cast<steady_clock::duration>(Seconds(state_.delay_seconds));
  }
  // Something to see comes soon, whatever the interval.
  steady_clock::duration FirstDelay() const {
    return std::min(Delay(), steady_clock::duration(std::chrono::milliseconds(300)));
  }

  HostRequest Request() const {
    HostRequest request;
    if (!state_.vm) return request;
    request.only = state_.vm->id;
    request.vcpus = true;
    request.durations = true;
    return request;
  }

  // What is read has changed, so there is nothing to compare with, but in a record.
  void Restart() {
    last_ = source_->Read(Request());
    if (state_.vm && last_.vms.empty()) {
      LeaveVm();
      last_ = source_->Read(Request());
    }
    state_.is_frozen = false;  // there would be nothing to see
    difference_ = {.snapshot = {.taken = last_.taken, .vms = {}}, .ended = {}, .restarted = {}};
    if (earlier_) difference_ = Difference(Select(*earlier_, Request()), last_);
    Count();
  }

  std::vector<TopRowKey> RowKeys() const {
    return Table({.columns = kMinTopColumns, .lines = kMinTopLines, .has_utf8 = false}).keys;
  }

  std::optional<TopRowKey> SelectedKey() const {
    const std::vector<TopRowKey> keys = RowKeys();
    if (state_.selected >= keys.size()) return std::nullopt;
    return keys[state_.selected];
  }

  bool IsRecord() const { return environment_.recorded_interval > Seconds{}; }

  // Lets the time of a record pass, but while it is frozen.  Returns whether there is something
  // new to read.
  bool PassTime() {
    if (!IsRecord()) return !state_.is_frozen;
    const auto now = steady_clock::now();
    const Seconds passed = now - std::exchange(last_tick_, now);
    if (state_.is_frozen) return false;
    const Instant at = environment_.clock.Now();
    if (replayed_ == Seconds{}) replayed_ = at.steady.time_since_epoch();
    // As long as a time of it can be
    constexpr Seconds kEnd{9e9};
    replayed_ = std::min(replayed_ + passed * speed_, kEnd);
    const Seconds next = Seconds(at.steady.time_since_epoch()) + environment_.recorded_interval / 2;
    if (replayed_ < next) return false;
    HostSnapshot before = source_->Read({.vcpus = true, .durations = true});
    environment_.clock.WaitUntil(
        steady_clock::time_point(std::chrono::duration_cast<steady_clock::duration>(replayed_)));
    if (environment_.clock.Now().steady <= at.steady) {
      state_.message = "the record ends here";
      return false;
    }
    earlier_ = std::move(before);
    return true;
  }

  // What the user has selected stays so where the order of the rows changes; the first row
  // is that of whatever is first.
  void ReadAndFollow() {
    const auto followed = state_.selected > 0 ? SelectedKey() : std::nullopt;
    Read();
    if (!followed || state_.selected == 0) return;
    const std::vector<TopRowKey> keys = RowKeys();
    const auto now = std::ranges::find(keys, *followed);
    if (now != keys.end()) state_.selected = static_cast<size_t>(now - keys.begin());
  }

  void Read() {
    HostSnapshot now = source_->Read(Request());
    difference_ = Difference(last_, now);
    last_ = std::move(now);
    for (const VmIdentity& vm : difference_.ended) {
      if (!state_.vm || vm.id != state_.vm->id) {
        state_.message = "VM " + DisplayName(vm) + " has ended";
        continue;
      }
      LeaveVm();
      Restart();
      return;
    }
    Count();
    ReadAccesses();
  }

  // Of the VM that was entered there is no more to see.
  void LeaveVm() {
    state_.message = "VM " + DisplayName(*state_.vm) + " has ended";
    while (GoBack(state_)) {
    }
    accesses_.reset();
    data_.accesses.clear();
  }

  // Turns what was read into what can be shown.
  void Count() {
    const SourceNote note{.name = std::string(source_->Name()), .limits = source_->Limits(last_)};
    HostReportOptions options;
    data_.rates = BuildHostReport(difference_, note, options);
    const HostDifference totals =
        base_ ? Difference(*base_, last_)
              : HostDifference{.snapshot = last_, .ended = {}, .restarted = {}};
    data_.totals = BuildHostReport(totals, note, options);
  }

  void Draw(Terminal& terminal) {
    const TopSize size = terminal.Size();
    const TopTable table = Table(size);
    if (state_.page == TopPage::kExplain) Explain(table, size);
    terminal.Draw(MakeTopScreen(data_, table, size, state_));
  }

  TopTable Table(const TopSize& size) const {
    return MakeTopTable(state_.shows_totals ? data_.totals : data_.rates, state_,
                        {.columns = size.columns, .has_utf8 = size.has_utf8});
  }

  void Obey(steady_clock::time_point& deadline) {
    if (state_.wants_reset) base_ = source_->Read({.vcpus = true, .durations = true});
    if (state_.wants_reset) Count();
    if (state_.wants_enter) Enter(deadline);
    if (state_.wants_back) {
      const bool was_vm = state_.vm.has_value();
      accesses_.reset();
      data_.accesses.clear();
      if (GoBack(state_) && was_vm && !state_.vm) {
        Restart();
        deadline = steady_clock::now() + FirstDelay();
      }
    }
    state_.wants_reset = state_.wants_enter = state_.wants_back = false;
  }

  void Enter(steady_clock::time_point& deadline) {
    const auto key = SelectedKey();
    if (state_.level == TopLevel::kReason || !key) return;
    state_.selected = state_.scroll = 0;
    PutFilterAside(state_);
    switch (state_.level) {
      case TopLevel::kHost:
        state_.level = TopLevel::kVm;
        state_.vm = key->vm;
        Restart();
        deadline = steady_clock::now() + FirstDelay();
        break;
      case TopLevel::kVm:
        state_.level = TopLevel::kVcpu;
        state_.vcpu = key->vcpu;
        break;
      case TopLevel::kVcpu:
        state_.level = TopLevel::kReason;
        state_.reason = key->reason;
        OpenAccesses();
        break;
      case TopLevel::kReason:
        break;
    }
  }

  void OpenAccesses() {
    if (IsRecord()) {
      data_.accesses = {"a record does not have what these exits are about"};
      return;
    }
    data_.accesses = {"reading what these exits are about ..."};
    try {
      kind_ = UsualKind(*state_.reason);
      accesses_ = std::make_unique<BpfAccesses>(environment_.root, kind_, state_.vm->pid,
                                                static_cast<uint32_t>(state_.reason->number));
    } catch (const Error& e) {
      data_.accesses = {"what these exits are about needs BPF: " + std::string(e.what())};
    }
  }

  void ReadAccesses() {
    if (!accesses_) return;
    DetailReport report;
    report.vm = state_.vm;
    report.reason = state_.reason;
    report.isa = last_.isa;
    report.kind = kind_;
    report.taken = last_.taken;
    report.rows = MakeDetailRows(accesses_->Read(), kind_, nullptr);
    for (const DetailRow& row : report.rows) report.accesses += row.count;
    report.exits = accesses_->Exits();
    report.lost = accesses_->Lost();
    report.missing = accesses_->Missing();
    data_.accesses = Lines(FormatDetail(report, std::nullopt));
    data_.accesses.front() = "ABOUT WHAT, since this page was opened, by " +
                             std::string(AccessKindName(kind_)) +
                             (state_.vcpu ? ", of all vCPUs" : "");
  }

  void Explain(const TopTable& table, const TopSize& size) {
    std::optional<ExitReason> reason = state_.reason;
    if (!reason && state_.selected < table.keys.size()) {
      reason = table.keys[state_.selected].reason;
    }
    // On the upper levels it is the row's top reason.
    const HostReport& report = state_.shows_totals ? data_.totals : data_.rates;
    if (!reason && state_.selected < table.keys.size()) {
      TopState entered = state_;
      entered.vm = table.keys[state_.selected].vm;
      entered.vcpu = table.keys[state_.selected].vcpu;
      const HostRow* const row = FindEntered(report, entered);
      if (row != nullptr && row->top) reason = row->top->count.reason;
    }
    const Explanation* explanation = nullptr;
    if (reason && last_.isa) explanation = FindExplanation(*last_.isa, reason->number);
    data_.explanation =
        explanation != nullptr
            ? Lines(RenderExplanation(*explanation, *last_.isa, *reason, size.columns))
            : std::vector<std::string>{"there is no exit reason here to explain"};
  }

  Environment& environment_;
  double speed_;  // of a record
  steady_clock::time_point last_tick_ = steady_clock::now();
  Seconds replayed_{};  // up to there, on the record's clock; 0: not begun
  std::unique_ptr<TimeSwitch> time_;
  std::unique_ptr<HostSource> source_;
  std::unique_ptr<BpfAccesses> accesses_;
  uint64_t count_ = 0;  // of readings; 0: until the user has enough
  AccessKind kind_ = AccessKind::kMsr;
  HostSnapshot last_;
  std::optional<HostSnapshot> base_;     // of the user's reset
  std::optional<HostSnapshot> earlier_;  // of a record: all of the reading before the last
  HostDifference difference_;
  TopState state_;
  TopData data_;
};

}  // namespace

CLI::App& AddTopCommand(CLI::App& app, Environment& environment) {
  CLI::App& command = *app.add_subcommand("top", "On a host: its VMs, live; ? shows the keys");
  const auto options = std::make_shared<TopOptions>();
  AddVmOptions(command, options->host, true);
  AddRecordOptions(command, options->host);
  CLI::Option* const speed =
      command.add_option("--speed", options->speed, "Of a record: so many times as fast")
          ->type_name("FACTOR")
          ->check(CheckNumber(0.01, 1e6));
  AddIntervalOptions(command, options->interval, "Read every SEC seconds (1)");
  AddSourceOptions(command, options->host, true);
  command.callback([options, speed, &environment] {
    SettleRecord(options->host);
    if (options->host.record.empty() && speed->count() > 0) {
      throw CLI::ValidationError("--speed is for a record, and none is given");
    }
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
      WatchHost(options->host, options->interval, environment);
      return;
    }
    InWorldOf(options->host, environment, [&](Environment& world) { Top(*options, world).Run(); });
  });
  return command;
}

}  // namespace kvm_exits
