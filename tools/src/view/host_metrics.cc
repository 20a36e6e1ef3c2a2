// SPDX-License-Identifier: GPL-2.0-only
#include "view/host_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "base/printable.h"
#include "model/durations.h"
#include "view/openmetrics.h"

namespace kvm_exits {
namespace {

// Buckets that are the same on every host: of twice the time each, from a microsecond to a second.
constexpr size_t kBuckets = 21;

double BucketSeconds(size_t bucket) { return static_cast<double>(uint64_t{1} << bucket) / 1e6; }

// The text of one scrape, which is long: no string is made for a line of it.
class Text {
 public:
  void Family(std::string_view name, std::string_view type, std::string_view help) {
    Append("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  template <typename... Arguments>
  void Append(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// What Prometheus calls a reason: its name, or its number where it has none.
std::string ReasonLabel(const ExitReason& reason, Isa isa) {
  return reason.name == kUnnamed ? FormatReasonNumber(isa, reason.number)
                                 : OpenMetricsLabelValue(reason.name);
}

void AppendStates(Text& text, std::string_view name, std::string_view labels,
                  const Snapshot& exits) {
  for (size_t state = 0; state < kVcpuStates; ++state) {
    const auto cycles = exits.vm.time->of_state[state];
    if (!cycles) continue;
    text.Append("{}{{{}state=\"{}\"}} {:.9f}\n", name, labels, kVcpuStateNames[state],
                SecondsOf(*cycles, exits.vm.clock_khz));
  }
}

void AppendHistogram(Text& text, const std::string& reason, const Durations& durations,
                     const ReasonCount* count, uint32_t khz) {
  std::array<uint64_t, kBuckets + 1> buckets{};
  for (const DurationBin& bin : durations) {
    // The first that has all of the bin: no exit is said to be shorter than it may have been.
    size_t bucket = kBuckets;
    if (bin.below > 0) {
      for (bucket = 0; bucket < kBuckets; ++bucket) {
        if (SecondsOf(bin.below, khz) <= BucketSeconds(bucket)) break;
      }
    }
    buckets[bucket] += bin.exits;
  }
  uint64_t below = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    below += buckets[bucket];
    text.Append("kvm_exit_duration_seconds_bucket{{reason=\"{}\",le=\"{}\"}} {}\n", reason,
                BucketSeconds(bucket), below);
  }
  below += buckets[kBuckets];
  text.Append(
      "kvm_exit_duration_seconds_bucket{{reason=\"{0}\",le=\"+Inf\"}} {1}\n"
      "kvm_exit_duration_seconds_sum{{reason=\"{0}\"}} {2:.9f}\n"
      "kvm_exit_duration_seconds_count{{reason=\"{0}\"}} {1}\n",
      reason, below, SecondsOf(count != nullptr ? count->cycles.value_or(0) : 0, khz));
}

}  // namespace

HostMetrics::OfReasons HostMetrics::AllDurations(const HostSnapshot& snapshot) {
  std::map<std::string, OfReasons> now;
  for (const VmSnapshot& vm : snapshot.vms) {
    OfReasons& of_vm = now[vm.identity.id];
    for (const ReasonCount& count : vm.exits.reasons) {
      if (count.durations) of_vm[count.reason.number] = *count.durations;
    }
  }
  for (const auto& [id, reasons] : last_) {
    const auto vm = now.find(id);
    for (const auto& [number, durations] : reasons) {
      const bool goes_on = vm != now.end() && vm->second.contains(number) &&
                           Difference(durations, vm->second.at(number));
      if (!goes_on) Add(durations, ended_[number]);
    }
  }
  last_ = std::move(now);
  OfReasons all = ended_;
  for (const auto& [id, reasons] : last_) {
    for (const auto& [number, durations] : reasons) Add(durations, all[number]);
  }
  return all;
}

std::string HostMetrics::Render(const HostSnapshot& snapshot, const SourceNote& source) {
  const Isa isa = snapshot.isa.value_or(Isa::kVmx);
  const auto occur = [&](const Snapshot& exits) {
    for (const ReasonCount& count : exits.reasons) {
      if (count.exits > 0) occurred_.insert(count.reason.number);
    }
  };
  if (snapshot.total) occur(*snapshot.total);
  for (const VmSnapshot& vm : snapshot.vms) occur(vm.exits);
  std::map<uint64_t, std::string> names;
  for (const uint64_t number : occurred_) {
    names[number] = ReasonLabel(FindReasonTable(isa)->Get(number), isa);
  }
  std::vector<std::string> labels;
  for (const VmSnapshot& vm : snapshot.vms) {
    labels.push_back(fmt::format("vm=\"{}\",id=\"{}\",",
                                 OpenMetricsLabelValue(DisplayName(vm.identity)),
                                 OpenMetricsLabelValue(vm.identity.id)));
  }

  Text text;
  text.Family("kvm_exits_total", "counter", "VM exits of all VMs, ended ones included.");
  if (snapshot.total) {
    for (const auto& [number, name] : names) {
      const ReasonCount* const count = FindReason(snapshot.total->reasons, number);
      text.Append("kvm_exits_total{{reason=\"{}\"}} {}\n", name, count ? count->exits : 0);
    }
  }
  if (snapshot.total && snapshot.total->vm.time) {
    const uint32_t khz = snapshot.total->vm.clock_khz;
    text.Family("kvm_exit_seconds_total", "counter",
                "Time from VM exits to the next entries, of all VMs, ended ones included.");
    for (const auto& [number, name] : names) {
      const ReasonCount* const count = FindReason(snapshot.total->reasons, number);
      text.Append("kvm_exit_seconds_total{{reason=\"{}\"}} {:.9f}\n", name,
                  SecondsOf(count ? count->cycles.value_or(0) : 0, khz));
    }
    text.Family("kvm_vcpu_seconds_total", "counter",
                "Time of the vCPUs of all VMs, ended ones included, by what they did.");
    AppendStates(text, "kvm_vcpu_seconds_total", "", *snapshot.total);
    if (const OfReasons all = AllDurations(snapshot); !all.empty()) {
      text.Family("kvm_exit_duration_seconds", "histogram",
                  "Time from a VM exit to the next entry, of all VMs since this exporter began.");
      for (const auto& [number, durations] : all) {
        if (!names.contains(number)) continue;
        AppendHistogram(text, names[number], durations, FindReason(snapshot.total->reasons, number),
                        khz);
      }
    }
  }
  text.Family("kvm_exits_lost_total", "counter", "VM exits that the source had no room for.");
  text.Append("kvm_exits_lost_total {}\n", snapshot.lost);

  text.Family("kvm_vm_exits_total", "counter", "VM exits of a VM.");
  for (size_t i = 0; i < snapshot.vms.size(); ++i) {
    for (const auto& [number, name] : names) {
      const ReasonCount* const count = FindReason(snapshot.vms[i].exits.reasons, number);
      text.Append("kvm_vm_exits_total{{{}reason=\"{}\"}} {}\n", labels[i], name,
                  count ? count->exits : 0);
    }
  }
  const bool is_timed = std::ranges::any_of(
      snapshot.vms, [](const VmSnapshot& vm) { return vm.exits.vm.time.has_value(); });
  if (is_timed) {
    text.Family("kvm_vm_exit_seconds_total", "counter",
                "Time from VM exits to the next entries, of a VM.");
    for (size_t i = 0; i < snapshot.vms.size(); ++i) {
      const Snapshot& exits = snapshot.vms[i].exits;
      for (const auto& [number, name] : names) {
        const ReasonCount* const count = FindReason(exits.reasons, number);
        if (!exits.vm.time) continue;
        text.Append("kvm_vm_exit_seconds_total{{{}reason=\"{}\"}} {:.9f}\n", labels[i], name,
                    SecondsOf(count ? count->cycles.value_or(0) : 0, exits.vm.clock_khz));
      }
    }
    text.Family("kvm_vm_vcpu_seconds_total", "counter", "Time of a VM's vCPUs, by what they did.");
    for (size_t i = 0; i < snapshot.vms.size(); ++i) {
      const Snapshot& exits = snapshot.vms[i].exits;
      if (exits.vm.time) AppendStates(text, "kvm_vm_vcpu_seconds_total", labels[i], exits);
    }
  }
  text.Family("kvm_vm_vcpus", "gauge", "vCPUs of a VM.");
  for (size_t i = 0; i < snapshot.vms.size(); ++i) {
    const std::string_view of_vm(labels[i].data(), labels[i].size() - 1);
    text.Append("kvm_vm_vcpus{{{}}} {}\n", of_vm, snapshot.vms[i].vcpu_count);
  }
  text.Family("kvm_vm_info", "gauge", "What is known of a VM.");
  for (size_t i = 0; i < snapshot.vms.size(); ++i) {
    const VmIdentity& vm = snapshot.vms[i].identity;
    text.Append("kvm_vm_info{{{}pid=\"{}\",vmm=\"{}\"", labels[i], vm.pid,
                OpenMetricsLabelValue(Printable(vm.vmm)));
    if (!vm.uuid.empty()) text.Append(",uuid=\"{}\"", OpenMetricsLabelValue(Printable(vm.uuid)));
    text.Append("}} 1\n");
  }
  text.Family("kvm_exits_exporter_info", "gauge", "Where these numbers come from.");
  text.Append("kvm_exits_exporter_info{{version=\"{}\",source=\"{}\",isa=\"{}\"}} 1\n",
              KVM_EXITS_VERSION, source.name, snapshot.isa ? IsaName(*snapshot.isa) : "");
  return text.Take();
}

}  // namespace kvm_exits
