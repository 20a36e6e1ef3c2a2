// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_MODULE_TREE_H_
#define KVM_EXITS_SOURCE_MODULE_TREE_H_

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/temporary_tree.h"
#include "model/exit_reason.h"

namespace kvm_exits {

// A host for tests, with the files that the module kvm_exits shows of it, written from
// docs/host.md and not with the tool's decoder.
//
// For each exit there are 1000 cycles in the guest and 2000 in the kernel, of a TSC of
// 2 GHz; in the histograms one in ten is slow.
class ModuleTree {
 public:
  using Exits = std::map<uint32_t, uint64_t>;  // by the number of the reason

  struct Vm {
    int process;
    std::map<uint32_t, Exits> vcpus;
  };

  explicit ModuleTree(Isa isa = Isa::kVmx) : isa_(isa) {
    files.Write("/sys/module/kvm_exits/refcnt", "0\n");
    for (const char* const name : {"cpuid", "time", "histogram"}) {
      files.Write(Parameter(name), *name == 'c' ? "Y\n" : "N\n");
    }
    files.Write("/run/lock", "");
  }

  TemporaryTree files;
  std::map<std::string, Vm> vms;
  Exits ended;
  bool is_timed = true;

  const std::string& Root() const { return files.Root(); }

  static std::string Parameter(const std::string& name) {
    return "/sys/module/kvm/parameters/exit_counters_" + name;
  }

  // Writes all of the module's files anew.
  void Write() const {
    files.Remove(kDirectory);
    Exits all = ended;
    for (const auto& [id, vm] : vms) {
      const std::string directory = VmDirectory(id);
      const std::string head = fmt::format("# VM {} of process {}", id, vm.process);
      Exits of_vm;
      files.Write(directory + "/guest_visible", "1\n");
      for (const auto& [vcpu, exits] : vm.vcpus) {
        const std::string of_vcpu = fmt::format("{}, vCPU {}\n", head, vcpu);
        WriteTables(fmt::format("{}/vcpu{}", directory, vcpu), of_vcpu, exits);
        files.Write(fmt::format("{}/vcpu{}/durations", directory, vcpu), Durations(of_vcpu, exits));
        for (const auto& [reason, count] : exits) of_vm[reason] += count;
      }
      WriteTables(directory, head + "\n", of_vm);
      files.Write(directory + "/total", fmt::format("{}\n", Sum(of_vm)));
      for (const auto& [reason, count] : of_vm) all[reason] += count;
    }
    WriteTables(kDirectory, "# all VMs since kvm.ko was loaded, ended ones included\n", all);
    files.Write(std::string(kDirectory) + "/total", fmt::format("{}\n", Sum(all)));
  }

  static std::string VmDirectory(const std::string& id) {
    return std::string(kDirectory) + "/vms/" + id;
  }

  // Texts of the files, below the line that says whose they are.
  std::string Reasons(const std::string& head, const Exits& exits) const {
    std::string text = head + fmt::format("# reason {:20} {:>20} {:>20} {:>20}\n", "name", "exits",
                                          "cycles", "longest");
    for (const ExitReason& reason : FindReasonTable(isa_)->reasons) {
      const auto found = exits.find(static_cast<uint32_t>(reason.number));
      const uint64_t count = found != exits.end() ? found->second : 0;
      text += fmt::format("{:>8} {:20} {:>20}", Number(reason.number), reason.name, count);
      text += Times(count);
    }
    for (const auto& [number, count] : exits) {
      if (FindReasonTable(isa_)->Find(number) != nullptr) continue;
      text += fmt::format("{:>8} {:20} {:>20}", Number(number), "OF_A_LATER_KERNEL", count);
      text += Times(count);
    }
    text += fmt::format("{:>8} {:20} {:>20}", "-", "UNKNOWN", 0) + Times(0);
    return text + fmt::format("{:>8} {:20} {:>20}", "-", "NO_EXIT", "-") + Times(0);
  }

  std::string States(const std::string& head, const Exits& exits) const {
    constexpr std::array kNames = {"guest",     "kernel",  "vmm",    "halted",
                                   "preempted", "waiting", "stopped"};
    std::string text =
        head + fmt::format("# state {:10} {:>20} {:>20}\n", "name", "cycles", "open");
    const std::array<uint64_t, 7> cycles = {Sum(exits) * 1000, Sum(exits) * 2000};
    for (size_t i = 0; i < kNames.size(); ++i) {
      text += is_timed ? fmt::format("{:>7} {:10} {:>20} {:>20}\n", i, kNames[i], cycles[i], 0)
                       : fmt::format("{:>7} {:10} {:>20} {:>20}\n", i, kNames[i], "-", "-");
    }
    const uint64_t sum = Sum(exits) * 3000;
    if (is_timed) text += fmt::format("# sum {0}, booked {0}, difference 0, lost 0\n", sum);
    return text + "# cycles of 2000000 kHz\n";
  }

  std::string Durations(const std::string& head, const Exits& exits) const {
    std::string text = head + fmt::format("# reason {:20} {:>20} {:>20} {:>20}\n", "name", "from",
                                          "below", "exits");
    if (!is_timed) {
      return text + "# not kept: exit_counters_time or exit_counters_histogram is off\n";
    }
    for (const auto& [number, count] : exits) {
      const ExitReason* const known = FindReasonTable(isa_)->Find(number);
      const std::string reason = fmt::format("{:>8} {:20}", Number(number),
                                             known != nullptr ? known->name : "OF_A_LATER_KERNEL");
      const uint64_t slow = count / 10;
      if (count > slow)
        text += fmt::format("{} {:>20} {:>20} {:>20}\n", reason, 1536, 2048, count - slow);
      if (slow > 0) text += fmt::format("{} {:>20} {:>20} {:>20}\n", reason, 49152, 65536, slow);
    }
    return text + "# missed 0\n";
  }

 private:
  static constexpr const char* kDirectory = "/sys/kernel/debug/kvm_exits";

  static uint64_t Sum(const Exits& exits) {
    uint64_t sum = 0;
    for (const auto& [reason, count] : exits) sum += count;
    return sum;
  }

  // As the manuals write them.
  std::string Number(uint64_t number) const {
    if (isa_ == Isa::kVmx) return fmt::to_string(number);
    if (number > 0xFFFFFFF0) return fmt::to_string(static_cast<int32_t>(number));
    return fmt::format("{:#04x}", number);
  }

  // The columns from cycles on.
  std::string Times(uint64_t exits) const {
    std::string text;
    const std::array<uint64_t, 9> columns = {exits * 2000, exits > 0 ? uint64_t{60000} : 0,
                                             exits * 1000, exits * 2000};
    for (const uint64_t column : columns) {
      text += is_timed ? fmt::format(" {:>20}", column) : fmt::format(" {:>20}", "-");
    }
    return text + "\n";
  }

  void WriteTables(const std::string& directory, const std::string& head,
                   const Exits& exits) const {
    files.Write(directory + "/reasons", Reasons(head, exits));
    files.Write(directory + "/states", States(head, exits));
  }

  Isa isa_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_MODULE_TREE_H_
