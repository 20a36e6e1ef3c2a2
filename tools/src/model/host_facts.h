// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_HOST_FACTS_H_
#define KVM_EXITS_MODEL_HOST_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a machine says of itself that decides whether exits can be seen on it: facts
// and no judgement, which is diagnosis.h's.  All texts are printable ASCII and short,
// whatever the machine had.  What could not be found out is nullopt, or empty.
namespace kvm_exits {

// The parameter that a KVM has if it counts exits, and one without it has not.
inline constexpr std::string_view kPatchedParameter = "exit_counters_cpuid";

// What came of the attempt to read a file.
enum class FileAccess { kMissing, kDenied, kReadable };

enum class Lockdown { kNone, kIntegrity, kConfidentiality };

struct CpuFacts {
  std::string vendor = {};  // "GenuineIntel"
  bool vmx = false;
  bool svm = false;
  bool hypervisor = false;  // this is a virtual machine
  bool constant_tsc = false;
  bool nonstop_tsc = false;
};

struct ModuleFacts {
  std::string name = {};  // with underscores, as in /sys/module; empty: none is known
  bool loaded = false;
  bool built_in = false;

  // What modprobe would load, as `modinfo -n` says; empty: nothing.
  std::string file = {};
  std::string file_release = {};                    // of the kernel that it is for
  std::optional<bool> file_patched = std::nullopt;  // it has kPatchedParameter
  std::optional<bool> file_loaded = std::nullopt;   // what is loaded is this very build
};

struct DebugfsFacts {
  bool in_kernel = false;  // debugfs=off and kernels without it are all the same
  bool off_by_cmdline = false;
  bool mounted = false;
  FileAccess total = FileAccess::kMissing;       // kvm_exits/total
  std::optional<uint64_t> exits = std::nullopt;  // what that says
};

struct TracefsFacts {
  bool in_kernel = false;
  bool mounted = false;
  FileAccess kvm_exit = FileAccess::kMissing;  // the tracepoint
};

struct RightsFacts {
  std::optional<uint32_t> uid = std::nullopt;  // the effective one
  uint64_t capabilities = 0;                   // the effective ones, a bit each
  bool of_host = false;  // in the first user namespace: rights are those of the host
};

// What the CPUID leaves of guest_leaves.h say; all false on a machine that is no guest.
struct GuestFacts {
  std::string hypervisor = {};  // its own name: "KVMKVMKVM"
  bool is_guest = false;
  bool has_signature = false;
  bool has_counts = false;
  bool has_cycles = false;
};

// The parameters of a KVM that counts.
struct SwitchFacts {
  std::optional<bool> cpuid = std::nullopt;
  std::optional<bool> cpuid_default = std::nullopt;
  std::optional<bool> cpuid_time = std::nullopt;
  std::optional<bool> time = std::nullopt;
  std::optional<bool> histogram = std::nullopt;
};

struct HostFacts {
  std::string release = {};      // of the kernel, as `uname -r`
  bool has_module_tree = false;  // /lib/modules/<release>
  CpuFacts cpu = {};
  bool has_dev_kvm = false;
  ModuleFacts kvm = {};
  ModuleFacts vendor = {};  // kvm_intel or kvm_amd
  ModuleFacts kvm_exits = {};
  SwitchFacts switches = {};
  std::optional<Lockdown> lockdown = std::nullopt;
  DebugfsFacts debugfs = {};
  TracefsFacts tracefs = {};
  RightsFacts rights = {};
  bool has_bpf = false;                                     // the system call
  std::optional<bool> config_bpf_events = std::nullopt;     // CONFIG_BPF_EVENTS
  std::optional<bool> config_exit_counters = std::nullopt;  // CONFIG_KVM_EXIT_COUNTERS
  std::string clocksource = {};
  bool tsc_stable = false;  // the kernel would take it for a clock
  std::optional<uint64_t> vms = std::nullopt;
  GuestFacts guest = {};
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_HOST_FACTS_H_
