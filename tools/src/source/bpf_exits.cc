// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_exits.h"

#include <bpf/bpf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "source/bpf_images.h"
#include "source/trace_format.h"

namespace kvm_exits {
namespace {

template <typename T>
T Load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

BpfReason& ReasonOf(std::vector<BpfReason>& reasons, uint32_t number) {
  const auto found = std::ranges::find(reasons, number, &BpfReason::number);
  if (found != reasons.end()) return *found;
  return reasons.emplace_back(BpfReason{.number = number});
}

// By BpfThreadState::number.
using ReasonsByThread = std::unordered_map<uint32_t, std::vector<BpfReason>>;

ReasonsByThread ReadReasons(int map_fd) {
  ReasonsByThread by_thread;
  ForEachInHash(map_fd, sizeof(BpfReasonKey), sizeof(BpfReasonTotals),
                [&](const std::byte* key_bytes, const std::byte* value) {
                  const auto key = Load<BpfReasonKey>(key_bytes);
                  const auto totals = Load<BpfReasonTotals>(value);
                  BpfReason reason = {.number = key.reason,
                                      .exits = totals.exits,
                                      .ns = totals.ns,
                                      .longest_ns = totals.longest_ns};
                  std::ranges::copy(totals.durations, reason.durations.begin());
                  by_thread[key.number].push_back(reason);
                });
  return by_thread;
}

// All but the exits, of which the reader knows more: one may be open.
void AddTimes(const BpfReasonTotals& totals, BpfReason& reason) {
  reason.ns += totals.ns;
  reason.longest_ns = std::max(reason.longest_ns, uint64_t{totals.longest_ns});
  for (size_t bin = 0; bin < kBpfBins; ++bin) reason.durations[bin] += totals.durations[bin];
}

bool IsSame(const BpfThreadState& a, const BpfThreadState& b) {
  return a.since_ns == b.since_ns && a.open == b.open;
}

void SetTracepoint(BpfObject& object, const std::string& root, const char* program,
                   const std::string& event,
                   std::initializer_list<std::pair<uint32_t, const char*>> wanted) {
  const TraceFormat format = RequireKvmTraceFormat(root, event);
  std::vector<BpfField> fields;
  for (const auto& [number, name] : wanted) {
    fields.push_back({.number = number, .field = &RequireField(format, event, name)});
  }
  object.SetTracepoint(program, event, format, fields);
}

}  // namespace

BpfExits::BpfExits(const std::string& root, std::optional<pid_t> only_tgid)
    : root_(root), object_(root, ExitsBpfImage()) {
  SetTracepoint(
      object_, root, "count_exit", "kvm_exit",
      {{kExitReasonField, "exit_reason"}, {kExitIsaField, "isa"}, {kVcpuIdField, "vcpu_id"}});
  SetTracepoint(object_, root, "count_entry", "kvm_entry", {{kVcpuIdField, "vcpu_id"}});
  const BpfExitsConstants constants = {
      .only_tgid = static_cast<uint32_t>(only_tgid.value_or(0)), .unused = 0, .no_exits = {}};
  object_.SetConstants(std::as_bytes(std::span(&constants, 1)));
  object_.Load();
  object_.Attach();
}

BpfReading BpfExits::Read() {
  // The reasons first, and then what is open: an exit that is counted meanwhile is missing
  // rather than there twice.
  ReasonsByThread reasons = ReadReasons(object_.MapFd("reasons"));
  BpfReading reading;
  const auto known_before = std::exchange(known_, {});
  ForEachInHash(object_.MapFd("threads"), sizeof(BpfThreadKey), sizeof(BpfThreadState),
                [&](const std::byte* key_bytes, const std::byte* value) {
                  const auto key = Load<BpfThreadKey>(key_bytes);
                  const auto thread = Load<BpfThreadState>(value);
                  const auto before = known_before.find(thread.number);
                  known_.emplace(thread.number,
                                 KnownThread{.key = key,
                                             .state = thread,
                                             .is_settled = before != known_before.end() &&
                                                           IsSame(before->second.state, thread)});
                  BpfVcpu vcpu = {.tid = static_cast<pid_t>(key.tid),
                                  .tgid = static_cast<pid_t>(key.tgid),
                                  .vcpu = key.vcpu,
                                  .guest_ns = thread.guest_ns,
                                  .reasons = std::move(reasons[thread.number])};
                  if ((thread.open & kBpfOpen) != 0) {
                    ReasonOf(vcpu.reasons, static_cast<uint32_t>(thread.open)).exits++;
                  }
                  NeverLess(thread.number, vcpu.reasons);
                  std::ranges::sort(vcpu.reasons, {}, &BpfReason::number);
                  reading.vcpus.push_back(std::move(vcpu));
                });
  std::ranges::sort(reading.vcpus, {},
                    [](const BpfVcpu& vcpu) { return std::tuple(vcpu.tgid, vcpu.tid, vcpu.vcpu); });

  reading.forgotten = forgotten_;
  std::ranges::sort(reading.forgotten.reasons, {}, &BpfReason::number);
  const uint32_t isa = Load<BpfExitsVariables>(object_.Variables().data()).isa;
  if (isa != 0) reading.isa = Isa{isa};
  const auto lost = ReadPerCpu(object_.MapFd("lost"), sizeof(BpfLost) / sizeof(uint64_t));
  // Both see the same exits, and each some that the other does not.
  reading.lost = lost[0] + std::max(lost[1], object_.Misses("count_exit"));
  return reading;
}

// An exit that was shown as open may by now be counted, but after this reading looked.
void BpfExits::NeverLess(uint32_t number, std::vector<BpfReason>& reasons) {
  for (auto shown = shown_.lower_bound({number, 0});
       shown != shown_.end() && shown->first.first == number; ++shown) {
    BpfReason& reason = ReasonOf(reasons, shown->first.second);
    reason.exits = std::max(reason.exits, shown->second);
  }
  for (const BpfReason& reason : reasons) shown_[{number, reason.number}] = reason.exits;
}

// Where this process is in a PID namespace of its own, the numbers that BPF tells are none
// of its /proc, and nobody seems to live.
bool BpfExits::KnowsThreads() const {
  constexpr ino_t kInitialNamespace = 0xEFFFFFFC;  // the kernel's PROC_PID_INIT_INO
  struct stat status = {};
  return stat((root_ + "/proc/self/ns/pid").c_str(), &status) == 0 &&
         status.st_ino == kInitialNamespace;
}

bool BpfExits::HasEnded(const KnownThread& thread) const {
  const std::string path = root_ + "/proc/" + std::to_string(thread.key.tgid) + "/task/" +
                           std::to_string(thread.key.tid);
  struct stat status = {};
  return stat(path.c_str(), &status) != 0 && errno == ENOENT;
}

void BpfExits::Forget(const KnownThread& thread) {
  forgotten_.guest_ns += thread.state.guest_ns;
  const int map = object_.MapFd("reasons");
  const auto begin = shown_.lower_bound({thread.state.number, 0});
  auto end = begin;
  for (; end != shown_.end() && end->first.first == thread.state.number; ++end) {
    const BpfReasonKey key = {.number = end->first.first, .reason = end->first.second};
    BpfReason& reason = ReasonOf(forgotten_.reasons, key.reason);
    reason.exits += end->second;
    BpfReasonTotals totals = {};
    if (bpf_map_lookup_elem(map, &key, &totals) == 0) AddTimes(totals, reason);
    bpf_map_delete_elem(map, &key);
  }
  shown_.erase(begin, end);
  bpf_map_delete_elem(object_.MapFd("threads"), &thread.key);
}

void BpfExits::ForgetEnded() {
  if (!KnowsThreads()) return;
  std::erase_if(known_, [this](const auto& entry) {
    const KnownThread& thread = entry.second;
    if (!thread.is_settled || !HasEnded(thread)) return false;
    // It may have gone on for a while after the last reading.
    BpfThreadState now = {};
    if (bpf_map_lookup_elem(object_.MapFd("threads"), &thread.key, &now) != 0) return true;
    if (!IsSame(now, thread.state)) return false;
    Forget(thread);
    return true;
  });
}

}  // namespace kvm_exits
