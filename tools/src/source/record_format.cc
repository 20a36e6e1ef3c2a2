// SPDX-License-Identifier: GPL-2.0-only
#include "source/record_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/error.h"
#include "base/printable.h"
#include "source/proc_file.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kFormat = "kvm-exits-record";
constexpr uint64_t kFormatVersion = 1;
constexpr size_t kCpuTimes = 5;
// More than any source has of them.
constexpr size_t kMaxBins = 4096;
// More than any manual defines
constexpr size_t kMaxReasons = 4096;
// Those of 1,000 VMs with each vCPU are fewer.
constexpr size_t kMaxValues = size_t{16} << 20U;
// Of what there is in a line
constexpr int kMaxDepth = 8;
// So that a time in nanoseconds fits 63 bits
constexpr double kMaxSeconds = 9e9;

// To the microsecond, which is better than the kernel's tick and shorter to write.
double Rounded(double seconds) { return std::round(seconds * 1e6) / 1e6; }

double SecondsOf(std::chrono::steady_clock::time_point time) {
  return Rounded(Seconds(time.time_since_epoch()).count());
}

std::array<double, kCpuTimes> ToArray(const CpuTimes& times) {
  return {Rounded(times.guest.count()), Rounded(times.user.count()), Rounded(times.system.count()),
          Rounded(times.run_delay.count()), Rounded(times.lifetime.count())};
}

ordered_json Identity(const VmIdentity& identity) {
  ordered_json object = {
      {"id", identity.id}, {"pid", identity.pid}, {"name", identity.name}, {"vmm", identity.vmm}};
  if (!identity.uuid.empty()) object["uuid"] = identity.uuid;
  return object;
}

// What does not follow from what was written before: a counter fell, or is not told any more.
struct DoesNotFollow {};

// What a counter has more than before; nothing where that is no news.  What is told for the first
// time is news, also if it is zero.
std::optional<uint64_t> News(const std::optional<uint64_t>& before,
                             const std::optional<uint64_t>& now) {
  if (!now && !before) return std::nullopt;
  if (!now || *now < before.value_or(0)) throw DoesNotFollow();
  if (before == now) return std::nullopt;
  return *now - before.value_or(0);
}

// The same of each state; null where one is not news.
std::optional<ordered_json> News(const StateCycles& before, const StateCycles& now) {
  auto states = ordered_json::array();
  bool is_news = false;
  for (size_t state = 0; state < kVcpuStates; ++state) {
    const auto cycles = News(before[state], now[state]);
    is_news = is_news || cycles;
    states.push_back(cycles ? ordered_json(*cycles) : nullptr);
  }
  // Those at the end that are not news go without saying.
  while (!states.empty() && states.back().is_null()) states.erase(states.size() - 1);
  return is_news ? std::optional(states) : std::nullopt;
}

// Of an array of states: those from an exit to the next entry.
template <typename States>
uint64_t SumInExits(const States& states) {
  constexpr auto kFirst = static_cast<size_t>(VcpuState::kKernel);
  constexpr auto kLast = static_cast<size_t>(VcpuState::kWaiting);
  uint64_t sum = 0;
  for (size_t state = kFirst; state <= kLast && state < states.size(); ++state) {
    if (!states[state].is_null()) sum += states[state].template get<uint64_t>();
  }
  return sum;
}

// Writes snapshots of one line, and the bins of durations that are new in it.
class LineWriter {
 public:
  LineWriter(ordered_json& line, std::map<std::pair<uint64_t, uint64_t>, uint64_t>& bins)
      : line_(line), bins_(bins) {}

  // What `now` has more than `before`.  Throws DoesNotFollow.
  ordered_json Counts(const Snapshot& before, const Snapshot& now) {
    ordered_json counts = ordered_json::object();
    if (now.vm.clock_khz != before.vm.clock_khz) counts["clock_khz"] = now.vm.clock_khz;
    if (before.vm.time && !now.vm.time) throw DoesNotFollow();
    if (now.vm.time) {
      const auto states = News(before.vm.time.value_or(VmTime{}).of_state, now.vm.time->of_state);
      if (states) {
        counts["states"] = *states;
      } else if (!before.vm.time) {
        counts["states"] = ordered_json::array();
      }
    }
    ordered_json reasons = ordered_json::object();
    const ReasonCount none{};
    auto earlier = before.reasons.begin();
    for (const ReasonCount& count : now.reasons) {
      // What there was of a reason stays, so none may be left out.
      if (earlier != before.reasons.end() && earlier->reason.number < count.reason.number) {
        throw DoesNotFollow();
      }
      const bool is_known =
          earlier != before.reasons.end() && earlier->reason.number == count.reason.number;
      ordered_json reason = Reason(is_known ? *earlier : none, count);
      if (!reason.empty() || !is_known) {
        reasons[std::to_string(count.reason.number)] = std::move(reason);
      }
      if (is_known) ++earlier;
    }
    if (earlier != before.reasons.end()) throw DoesNotFollow();
    if (!reasons.empty()) counts["reasons"] = std::move(reasons);
    return counts;
  }

  // The same of a VM.
  ordered_json Vm(const VmSnapshot& before, const VmSnapshot& now) {
    ordered_json vm = Counts(before.exits, now.exits);
    if (now.vcpu_count != before.vcpu_count) vm["vcpus"] = now.vcpu_count;
    if (before.cpu && !now.cpu) throw DoesNotFollow();
    if (now.cpu && (!before.cpu || ToArray(*now.cpu) != ToArray(*before.cpu))) {
      vm["cpu_seconds"] = ToArray(*now.cpu);
    }
    ordered_json vcpus = ordered_json::object();
    const Snapshot none{};
    auto earlier = before.vcpus.begin();
    for (const VcpuSnapshot& vcpu : now.vcpus) {
      const bool is_known = earlier != before.vcpus.end() && earlier->vcpu == vcpu.vcpu;
      ordered_json counts = Counts(is_known ? earlier->exits : none, vcpu.exits);
      if (!counts.empty() || !is_known) vcpus[std::to_string(vcpu.vcpu)] = std::move(counts);
      if (is_known) ++earlier;
    }
    // One was unplugged.
    if (earlier != before.vcpus.end()) throw DoesNotFollow();
    if (!vcpus.empty()) vm["each_vcpu"] = std::move(vcpus);
    return vm;
  }

  // Adds those of all VMs to the line.  Returns false, and adds nothing, where one does not
  // follow from the one before.
  bool AddTotals(const Snapshot& last, const std::optional<Snapshot>& total_before,
                 const std::optional<Snapshot>& total) {
    try {
      ordered_json all_before;
      if (total_before) all_before = Counts(last, *total_before);
      if (total) line_["all"] = Counts(total_before ? *total_before : last, *total);
      if (total_before) line_["all_before"] = std::move(all_before);
      return true;
    } catch (const DoesNotFollow&) {
      return false;
    }
  }

  // The same, but nothing where it does not follow.
  std::optional<ordered_json> VmSince(const VmSnapshot& before, const VmSnapshot& now) {
    try {
      return Vm(before, now);
    } catch (const DoesNotFollow&) {
      return std::nullopt;
    }
  }

 private:
  ordered_json Reason(const ReasonCount& before, const ReasonCount& now) {
    ordered_json reason = ordered_json::object();
    if (const auto exits = News(before.exits, now.exits)) reason["exits"] = *exits;
    AddCyclesAndStates(before, now, reason);
    News(before.longest, now.longest);
    if (now.longest != before.longest) reason["longest"] = *now.longest;
    if (before.durations && !now.durations) throw DoesNotFollow();
    if (!now.durations) return reason;
    const auto durations =
        before.durations ? Difference(*before.durations, *now.durations) : now.durations;
    if (!durations) throw DoesNotFollow();
    if (before.durations && durations->empty()) return reason;
    auto bins = ordered_json::array();
    for (const DurationBin& bin : *durations) {
      bins.push_back(BinOf(bin));
      bins.push_back(bin.exits);
    }
    reason["durations"] = std::move(bins);
    return reason;
  }

  // Cycles that are the sum of those states go without saying.
  static void AddCyclesAndStates(const ReasonCount& before, const ReasonCount& now,
                                 ordered_json& reason) {
    const auto cycles = News(before.cycles, now.cycles);
    const auto states = News(before.of_state, now.of_state);
    if (states && !now.cycles) {
      reason["cycles"] = nullptr;
    } else if (states ? cycles.value_or(0) != SumInExits(*states) : cycles.has_value()) {
      reason["cycles"] = cycles.value_or(0);
    }
    if (states) reason["states"] = *states;
  }

  uint64_t BinOf(const DurationBin& bin) {
    const auto [found, is_new] = bins_.try_emplace({bin.from, bin.below}, bins_.size());
    if (is_new) line_["bins"].push_back({bin.from, bin.below});
    return found->second;
  }

  ordered_json& line_;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t>& bins_;
};

[[noreturn]] void ThrowWrong(const std::string& what) { throw Error("wrong " + what); }

uint64_t Number(const json& value, const char* what) {
  if (!value.is_number_unsigned()) ThrowWrong(what);
  return value.get<uint64_t>();
}

template <typename Value>
Value NumberUpTo(const json& value, Value max, const char* what) {
  const uint64_t number = Number(value, what);
  if (number > static_cast<uint64_t>(max)) ThrowWrong(what);
  return static_cast<Value>(number);
}

// Whether this key of a line is read.  Others are for those who know them.
bool IsKey(const json& key) {
  constexpr auto kKeys = std::to_array<std::string_view>({"format",
                                                          "format_version",
                                                          "program_version",
                                                          "host",
                                                          "kernel",
                                                          "boot_id",
                                                          "source",
                                                          "begins_now",
                                                          "each_vcpu",
                                                          "interval_seconds",
                                                          "time",
                                                          "monotonic_seconds",
                                                          "isa",
                                                          "limits",
                                                          "lost_exits",
                                                          "bins",
                                                          "began",
                                                          "ended",
                                                          "vms",
                                                          "all_before",
                                                          "all"});
  return std::ranges::find(kKeys, key.get_ref<const std::string&>()) != kKeys.end();
}

double SecondsIn(const json& value, const char* what) {
  if (!value.is_number()) ThrowWrong(what);
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= kMaxSeconds)) ThrowWrong(what);
  return seconds;
}

std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) ThrowWrong(key);
  return found->get<std::string>();
}

bool Flag(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_boolean()) ThrowWrong(key);
  return found->get<bool>();
}

// The value of a key, of the type that is wanted; nothing where there is none.
const json* Find(const json& object, const char* key, json::value_t type) {
  const auto found = object.find(key);
  if (found == object.end()) return nullptr;
  if (found->type() != type) ThrowWrong(key);
  return &*found;
}

uint64_t NumberOfKey(const std::string& key, uint64_t max, const char* what) {
  const auto number = ParseNumber(key);
  if (!number || *number > max) ThrowWrong(what);
  return *number;
}

VmIdentity IdentityIn(const json& value) {
  if (!value.is_object()) ThrowWrong("began");
  const auto pid = value.find("pid");
  if (pid == value.end()) ThrowWrong("pid");
  // That of a process and a file descriptor: nothing else that anybody might show, or type
  const std::string id = Text(value, "id");
  constexpr size_t kMaxId = 64;
  if (id.empty() || id.size() > kMaxId ||
      id.find_first_not_of("0123456789-.") != std::string::npos || id.front() == '-') {
    ThrowWrong("id");
  }
  return {.id = id,
          .pid = NumberUpTo<pid_t>(*pid, std::numeric_limits<pid_t>::max(), "pid"),
          .name = Text(value, "name"),
          .vmm = Text(value, "vmm"),
          .uuid = value.contains("uuid") ? Text(value, "uuid") : ""};
}

using Bins = std::vector<std::pair<uint64_t, uint64_t>>;

void AddStates(const json& states, StateCycles& cycles) {
  if (states.size() > kVcpuStates) ThrowWrong("states");
  for (size_t state = 0; state < states.size(); ++state) {
    if (states[state].is_null()) continue;
    cycles[state] = cycles[state].value_or(0) + Number(states[state], "states");
  }
}

void AddReason(const json& value, const Bins& bins, ReasonCount& count) {
  if (!value.is_object()) ThrowWrong("reasons");
  if (const json* const exits = Find(value, "exits", json::value_t::number_unsigned)) {
    count.exits += exits->get<uint64_t>();
  }
  if (const json* const longest = Find(value, "longest", json::value_t::number_unsigned)) {
    count.longest = longest->get<uint64_t>();
  }
  const auto cycles = value.find("cycles");
  if (cycles != value.end() && !cycles->is_null()) {
    count.cycles = count.cycles.value_or(0) + Number(*cycles, "cycles");
  }
  if (const json* const states = Find(value, "states", json::value_t::array)) {
    AddStates(*states, count.of_state);
    if (cycles == value.end()) count.cycles = count.cycles.value_or(0) + SumInExits(*states);
  }
  const json* const durations = Find(value, "durations", json::value_t::array);
  if (durations == nullptr) return;
  if (durations->size() % 2 != 0 || durations->size() > 2 * kMaxBins) ThrowWrong("durations");
  Durations more;
  for (size_t i = 0; i < durations->size(); i += 2) {
    const uint64_t bin = Number((*durations)[i], "durations");
    if (bin >= bins.size()) ThrowWrong("durations");
    more.push_back({.from = bins[bin].first,
                    .below = bins[bin].second,
                    .exits = Number((*durations)[i + 1], "durations")});
  }
  if (!count.durations) count.durations.emplace();
  Add(more, *count.durations);
}

void AddCounts(const json& value, const Bins& bins, Snapshot& snapshot) {
  if (!value.is_object()) ThrowWrong("vms");
  if (const json* const khz = Find(value, "clock_khz", json::value_t::number_unsigned)) {
    snapshot.vm.clock_khz = NumberUpTo<uint32_t>(*khz, UINT32_MAX, "clock_khz");
  }
  if (const json* const states = Find(value, "states", json::value_t::array)) {
    if (!snapshot.vm.time) snapshot.vm.time.emplace();
    AddStates(*states, snapshot.vm.time->of_state);
  }
  if (const json* const reasons = Find(value, "reasons", json::value_t::object)) {
    const ReasonTable& table = *FindReasonTable(snapshot.vm.isa);
    for (const auto& [key, reason] : reasons->items()) {
      const uint64_t number = NumberOfKey(key, kUnknownReason.number, "reasons");
      auto count = std::ranges::lower_bound(
          snapshot.reasons, number, {}, [](const ReasonCount& each) { return each.reason.number; });
      if (count == snapshot.reasons.end() || count->reason.number != number) {
        if (snapshot.reasons.size() == kMaxReasons) ThrowWrong("reasons");
        count = snapshot.reasons.insert(count, {.reason = table.Get(number), .exits = 0});
      }
      AddReason(reason, bins, *count);
    }
  }
  snapshot.vm.exits = SumOfExits(snapshot.reasons);
  if (snapshot.vm.time) snapshot.vm.time->in_exits = SumOfCycles(snapshot.reasons);
}

Snapshot Nothing(Isa isa) {
  return {.vm = {.isa = isa, .clock_khz = 0, .taken = {}, .period = std::nullopt, .exits = 0},
          .reasons = {}};
}

void AddVm(const json& value, const Bins& bins, VmSnapshot& vm) {
  AddCounts(value, bins, vm.exits);
  if (const json* const count = Find(value, "vcpus", json::value_t::number_unsigned)) {
    vm.vcpu_count = NumberUpTo<uint32_t>(*count, UINT32_MAX, "vcpus");
  }
  if (const json* const cpu = Find(value, "cpu_seconds", json::value_t::array)) {
    if (cpu->size() != kCpuTimes) ThrowWrong("cpu_seconds");
    const auto at = [&](size_t i) { return Seconds(SecondsIn((*cpu)[i], "cpu_seconds")); };
    vm.cpu = CpuTimes{
        .guest = at(0), .user = at(1), .system = at(2), .run_delay = at(3), .lifetime = at(4)};
  }
  const json* const vcpus = Find(value, "each_vcpu", json::value_t::object);
  if (vcpus == nullptr) return;
  for (const auto& [key, counts] : vcpus->items()) {
    const auto number = static_cast<uint32_t>(NumberOfKey(key, UINT32_MAX, "each_vcpu"));
    auto vcpu = std::ranges::lower_bound(vm.vcpus, number, {}, &VcpuSnapshot::vcpu);
    if (vcpu == vm.vcpus.end() || vcpu->vcpu != number) {
      vcpu = vm.vcpus.insert(vcpu, {.vcpu = number, .exits = Nothing(vm.exits.vm.isa)});
    }
    AddCounts(counts, bins, vcpu->exits);
  }
}

// All is of one moment.
void SetTaken(HostSnapshot& snapshot) {
  for (VmSnapshot& vm : snapshot.vms) {
    vm.exits.vm.taken = snapshot.taken;
    for (VcpuSnapshot& vcpu : vm.vcpus) vcpu.exits.vm.taken = snapshot.taken;
  }
  if (snapshot.total) snapshot.total->vm.taken = snapshot.taken;
  if (snapshot.total_before) snapshot.total_before->vm.taken = snapshot.taken;
}

std::string Line(const ordered_json& line) {
  return line.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string RecordEncoder::Header() {
  last_.reset();
  limits_.clear();
  bins_.clear();
  names_.clear();
  return Line({{"format", kFormat},
               {"format_version", kFormatVersion},
               {"program_version", KVM_EXITS_VERSION},
               {"host", header_.host},
               {"kernel", header_.kernel},
               {"boot_id", header_.boot_id},
               {"source", header_.source},
               {"begins_now", header_.begins_now},
               {"each_vcpu", header_.has_vcpus},
               {"interval_seconds", header_.interval_seconds}});
}

ordered_json RecordEncoder::NewNames(const HostSnapshot& snapshot) {
  ordered_json names = ordered_json::object();
  const auto add = [&](const Snapshot& exits) {
    for (const ReasonCount& count : exits.reasons) {
      if (names_.insert(count.reason.number).second) {
        names[std::to_string(count.reason.number)] = count.reason.name;
      }
    }
  };
  for (const VmSnapshot& vm : snapshot.vms) add(vm.exits);
  if (snapshot.total) add(*snapshot.total);
  return names;
}

std::string RecordEncoder::Sample(const HostSnapshot& snapshot, const std::string& limits) {
  ordered_json line = {{"time", FormatTime(snapshot.taken.wall)},
                       {"monotonic_seconds", SecondsOf(snapshot.taken.steady)}};
  if (snapshot.isa && (!last_ || last_->isa != snapshot.isa)) line["isa"] = IsaName(*snapshot.isa);
  if (!last_ || limits != limits_) line["limits"] = limits;
  const uint64_t lost_before = last_ ? last_->lost : 0;
  if (snapshot.lost != lost_before) line["lost_exits"] = snapshot.lost;
  if (ordered_json names = NewNames(snapshot); !names.empty()) line["names"] = std::move(names);

  LineWriter writer(line, bins_);
  std::unordered_map<std::string_view, const VmSnapshot*> earlier;
  if (last_) {
    for (const VmSnapshot& vm : last_->vms) earlier.emplace(vm.identity.id, &vm);
  }
  ordered_json vms = ordered_json::object();
  auto began = ordered_json::array();
  for (const VmSnapshot& vm : snapshot.vms) {
    const auto before = earlier.extract(vm.identity.id);
    std::optional<ordered_json> counts;
    if (!before.empty() && before.mapped()->identity == vm.identity) {
      counts = writer.VmSince(*before.mapped(), vm);
    }
    if (!counts) {
      began.push_back(Identity(vm.identity));
      counts = writer.Vm({}, vm);
    }
    if (!counts->empty()) vms[vm.identity.id] = *std::move(counts);
  }
  auto ended = ordered_json::array();
  for (const auto& [id, vm] : earlier) ended.push_back(id);
  if (!began.empty()) line["began"] = std::move(began);
  if (!ended.empty()) line["ended"] = std::move(ended);
  if (!vms.empty()) line["vms"] = std::move(vms);
  const Snapshot nothing{};
  const Snapshot& before = last_ && last_->total ? *last_->total : nothing;
  if (!writer.AddTotals(before, snapshot.total_before, snapshot.total)) {
    if (last_) {
      // The whole source began anew.
      const std::string header = Header();
      return header + Sample(snapshot, limits);
    }
    // It did so while it was read.
    writer.AddTotals(nothing, std::nullopt, snapshot.total);
  }
  last_ = snapshot;
  limits_ = limits;
  return Line(line);
}

bool RecordDecoder::Take(std::string_view line) {
  // Of what nobody has written there may be more than there is memory for.
  size_t values = 0;
  const json object = json::parse(
      line,
      [&](int depth, json::parse_event_t event, const json& value) {
        if (++values > kMaxValues) throw Error("has too many values");
        const bool is_key = event == json::parse_event_t::key;
        return depth <= kMaxDepth && !(is_key && depth == 1 && !IsKey(value));
      },
      false);
  if (!object.is_object()) throw Error("is no JSON object");
  if (object.contains("format")) {
    TakeHeader(object);
    return false;
  }
  if (!has_header_) throw Error("is no header of a record");
  TakeSample(object);
  return true;
}

void RecordDecoder::TakeHeader(const json& line) {
  if (Text(line, "format") != kFormat) throw Error("is no header of a record");
  if (line.find("format_version") == line.end()) ThrowWrong("format_version");
  if (Number(line["format_version"], "format_version") != kFormatVersion) {
    throw Error("is of another version of the format, that of kvm-exits " +
                Printable(Text(line, "program_version")));
  }
  RecordHeader header{.host = Text(line, "host"),
                      .kernel = Text(line, "kernel"),
                      .boot_id = Text(line, "boot_id"),
                      .source = Text(line, "source"),
                      .begins_now = Flag(line, "begins_now"),
                      .has_vcpus = Flag(line, "each_vcpu"),
                      .interval_seconds = 0};
  if (line.find("interval_seconds") == line.end()) ThrowWrong("interval_seconds");
  header.interval_seconds = SecondsIn(line["interval_seconds"], "interval_seconds");
  if (header.interval_seconds <= 0) ThrowWrong("interval_seconds");
  if (header.source != "module" && header.source != "bpf") ThrowWrong("source");
  if (has_header_ && header != header_) throw Error("is of another host, boot, source or interval");
  header_ = std::move(header);
  has_header_ = true;
  is_first_ = true;
}

void RecordDecoder::TakeSample(const json& line) {
  const auto wall = ParseTime(Text(line, "time"));
  if (!wall) ThrowWrong("time");
  if (line.find("monotonic_seconds") == line.end()) ThrowWrong("monotonic_seconds");
  const std::chrono::steady_clock::time_point steady(
      std::chrono::round<std::chrono::steady_clock::duration>(
          Seconds(SecondsIn(line["monotonic_seconds"], "monotonic_seconds"))));
  // A file can begin with the last sample of the one before.
  const bool is_later =
      is_first_ ? steady >= snapshot_.taken.steady : steady > snapshot_.taken.steady;
  if (has_sample_ && !is_later) throw Error("is not later than the last");
  if (is_first_) {
    snapshot_ = {.taken = {}, .isa = snapshot_.isa, .vms = {}};
    bins_.clear();
    limits_.clear();
  }
  is_first_ = false;
  has_sample_ = true;
  snapshot_.taken = {.steady = steady, .wall = *wall};
  if (line.contains("isa")) {
    const std::string isa = Text(line, "isa");
    const std::optional<Isa> before = snapshot_.isa;
    snapshot_.isa.reset();
    for (const Isa each : {Isa::kVmx, Isa::kSvm}) {
      if (isa == IsaName(each)) snapshot_.isa = each;
    }
    if (!snapshot_.isa || (before && before != snapshot_.isa)) ThrowWrong("isa");
  }
  if (line.contains("limits")) limits_ = Printable(Text(line, "limits"));
  if (const json* const lost = Find(line, "lost_exits", json::value_t::number_unsigned)) {
    snapshot_.lost = lost->get<uint64_t>();
  }
  if (const json* const bins = Find(line, "bins", json::value_t::array)) {
    for (const json& bin : *bins) {
      if (!bin.is_array() || bin.size() != 2 || bins_.size() == kMaxBins) ThrowWrong("bins");
      bins_.emplace_back(Number(bin[0], "bins"), Number(bin[1], "bins"));
    }
  }
  TakeVms(line);
  const auto add_total = [&](const char* key, std::optional<Snapshot>& total) {
    const json* const counts = Find(line, key, json::value_t::object);
    if (counts == nullptr) return;
    if (!snapshot_.isa) ThrowWrong("isa");
    if (!total) total = Nothing(*snapshot_.isa);
    AddCounts(*counts, bins_, *total);
  };
  // What is in `all` is on top of what is in `all_before`.
  snapshot_.total_before.reset();
  if (line.contains("all_before")) {
    add_total("all_before", snapshot_.total);
    snapshot_.total_before = snapshot_.total;
  }
  add_total("all", snapshot_.total);
  SetTaken(snapshot_);
}

void RecordDecoder::TakeVms(const json& line) {
  std::vector<VmSnapshot>& vms = snapshot_.vms;
  std::unordered_set<std::string> gone;
  if (const json* const ended = Find(line, "ended", json::value_t::array)) {
    for (const json& id : *ended) {
      if (!id.is_string()) ThrowWrong("ended");
      gone.insert(id.get<std::string>());
    }
  }
  std::map<std::string, VmSnapshot> added;
  if (const json* const began = Find(line, "began", json::value_t::array)) {
    if (!snapshot_.isa) ThrowWrong("isa");
    for (const json& identity : *began) {
      VmSnapshot vm{
          .identity = IdentityIn(identity), .exits = Nothing(*snapshot_.isa), .vcpus = {}};
      gone.insert(vm.identity.id);
      added.insert_or_assign(vm.identity.id, std::move(vm));
    }
  }
  if (!gone.empty()) {
    std::erase_if(vms, [&](const VmSnapshot& vm) { return gone.contains(vm.identity.id); });
  }
  if (!added.empty()) {
    for (auto& [id, vm] : added) vms.push_back(std::move(vm));
    std::ranges::sort(vms, {}, [](const VmSnapshot& vm) {
      return std::tuple(vm.identity.pid, std::string_view(vm.identity.id));
    });
  }
  const json* const counts = Find(line, "vms", json::value_t::object);
  if (counts == nullptr) return;
  std::unordered_map<std::string_view, VmSnapshot*> of_id;
  for (VmSnapshot& vm : vms) of_id.emplace(vm.identity.id, &vm);
  for (const auto& [id, value] : counts->items()) {
    const auto found = of_id.find(id);
    if (found == of_id.end()) ThrowWrong("vms");
    AddVm(value, bins_, *found->second);
  }
}

}  // namespace kvm_exits
