// SPDX-License-Identifier: GPL-2.0-only
#include "source/replay.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/error.h"
#include "base/stop_signals.h"

namespace kvm_exits {
namespace {

class ReplaySource : public HostSource {
 public:
  explicit ReplaySource(const Replay& replay) : replay_(replay) {}

  HostSnapshot Read(const HostRequest& request) override { return Select(replay_.Host(), request); }

  std::string_view Name() const override { return replay_.Header().source; }
  // It has all that was counted before it as well.
  bool BeginsNow() const override { return false; }
  std::string Limits(const HostSnapshot& /*snapshot*/) const override { return replay_.Limits(); }

 private:
  const Replay& replay_;
};

}  // namespace

HostSnapshot Select(HostSnapshot snapshot, const HostRequest& request) {
  if (request.only) {
    std::erase_if(snapshot.vms,
                  [&](const VmSnapshot& vm) { return vm.identity.id != *request.only; });
  }
  for (VmSnapshot& vm : snapshot.vms) {
    if (!request.vcpus) vm.vcpus.clear();
    if (request.durations) continue;
    for (ReasonCount& count : vm.exits.reasons) count.durations.reset();
  }
  return snapshot;
}

std::optional<RecordTime> ParseRecordTime(const std::string& text) {
  if (const auto wall = ParseTime(text)) return RecordTime{.wall = wall};
  if (!text.starts_with('+')) return std::nullopt;
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, seconds);
  constexpr double kMax = 1e9;
  if (error != std::errc() || rest != end || !(seconds >= 0 && seconds <= kMax)) {
    return std::nullopt;
  }
  return RecordTime{.wall = std::nullopt, .since_begin = Seconds(seconds)};
}

Replay::Replay(const std::string& path, RecordRange range)
    : path_(path), reader_(path), range_(std::move(range)) {
  while (Read()) {
    if (!range_.begin || IsReached(*range_.begin)) return;
    if (StopRequested()) throw Stopped();
  }
  const std::string problem = Problem();
  if (first_) {
    throw Error(path_ + " has nothing from there on: its last sample is of " +
                FormatTime(Now().wall) + (problem.empty() ? "" : "; " + problem));
  }
  throw Error(path_ + " is a record without a sample" + (problem.empty() ? "" : ": " + problem));
}

bool Replay::IsReached(const RecordTime& time) const {
  if (time.wall) return Host().taken.wall >= *time.wall;
  return Host().taken.steady - first_->steady >= time.since_begin;
}

bool Replay::Read() {
  const Instant before = Now();
  while (const auto line = reader_.Next()) {
    ++lines_;
    try {
      if (!decoder_.Take(*line)) continue;
    } catch (const Error& e) {
      throw Error(path_ + ": line " + std::to_string(lines_) + ": " + e.what());
    }
    // The same once more, at the beginning of a file that was joined to another.
    if (first_ && Now().steady == before.steady) continue;
    if (!first_) first_ = Now();
    return true;
  }
  return false;
}

bool Replay::Next() {
  if (range_.end && IsReached(*range_.end)) return false;
  return Read();
}

std::string Replay::Problem() const { return reader_.Problem(); }

bool Replay::WaitUntil(std::chrono::steady_clock::time_point deadline) {
  const auto near = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      Seconds(Header().interval_seconds / 2));
  do {
    if (StopRequested() || !Next()) return false;
  } while (Now().steady < deadline - near);
  return true;
}

std::vector<RecordedVm> FindRecordedVms(const std::string& path, const RecordRange& range) {
  Replay replay(path, range);
  std::vector<RecordedVm> found;
  std::unordered_map<std::string, size_t> of_id;
  const Instant begin = replay.First();
  do {
    const Seconds now = replay.Now().steady - begin.steady;
    for (const VmSnapshot& vm : replay.Host().vms) {
      const auto [at, is_new] = of_id.try_emplace(vm.identity.id, found.size());
      if (is_new) found.push_back({.identity = vm.identity, .begin = now, .end = now});
      found[at->second].end = now;
    }
    if (StopRequested()) throw Stopped();
  } while (replay.Next());
  return found;
}

std::unique_ptr<HostSource> Replay::Source() { return std::make_unique<ReplaySource>(*this); }

}  // namespace kvm_exits
