// SPDX-License-Identifier: GPL-2.0-only
#include "source/host_facts_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "source/guest_leaves.h"
#include "source/host_facts_parser.h"
#include "source/host_file.h"
#include "source/module_file.h"

namespace kvm_exits {
namespace {

constexpr size_t kSmallFile = 4096;
constexpr size_t kCpuinfo = 65536;  // the first CPU is 2 kB of it
constexpr size_t kMounts = size_t{4} << 20U;
constexpr size_t kModuleList = size_t{16} << 20U;  // a distribution's is half a megabyte
constexpr size_t kConfig = size_t{2} << 20U;

bool Exists(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0;
}

std::string ReadText(const std::string& path, size_t limit = kSmallFile) {
  return ReadHostFile(path, limit).value_or("");
}

// Tries to read `path`; the first page of what it has is in `text` then.
FileAccess TryToRead(const std::string& path, std::string& text) {
  HostFile file(path);
  text = file.ReadAt(0, kSmallFile);
  if (file.Error() == 0) return FileAccess::kReadable;
  return file.Error() == EACCES || file.Error() == EPERM ? FileAccess::kDenied
                                                         : FileAccess::kMissing;
}

// The lists of a kernel's modules.
struct ModuleTree {
  std::string directory;  // of the host that `root` is; empty: there is none
  std::string dep;
  std::string builtin;
};

ModuleTree ReadModuleTree(const std::string& root, const std::string& release) {
  ModuleTree tree;
  if (release.empty()) return tree;
  const std::string directory = "/lib/modules/" + release;
  if (!Exists(root + directory)) return tree;
  tree.directory = directory;
  tree.dep = ReadText(root + directory + "/modules.dep", kModuleList);
  tree.builtin = ReadText(root + directory + "/modules.builtin", kModuleList);
  return tree;
}

// Whether the loaded module is of the same build as `file`.
std::optional<bool> IsLoaded(const std::string& sys_module, const ModuleFile& file) {
  const std::string build_id = ReadText(sys_module + "/notes/.note.gnu.build-id");
  if (!build_id.empty() && !file.build_id.empty()) return build_id == file.build_id;
  const std::string srcversion = PrintableLine(ReadText(sys_module + "/srcversion"));
  const std::string_view of_file = FindModinfo(file.modinfo, "srcversion");
  if (!srcversion.empty() && !of_file.empty()) return srcversion == of_file;
  return std::nullopt;
}

void ReadModuleFileFacts(const std::string& path, const std::string& sys_module,
                         ModuleFacts& module) {
  HostFile input(path);
  const auto file =
      ReadModuleFile([&](uint64_t offset, size_t size) { return input.ReadAt(offset, size); });
  if (!file) return;
  const std::string_view vermagic = FindModinfo(file->modinfo, "vermagic");
  module.file_release = PrintableLine(vermagic.substr(0, vermagic.find(' ')), 64);
  module.file_patched = HasParameter(file->modinfo, kPatchedParameter);
  if (module.loaded) module.file_loaded = IsLoaded(sys_module, *file);
}

ModuleFacts ReadModule(const std::string& root, const ModuleTree& tree, const std::string& name) {
  ModuleFacts module{.name = name};
  const std::string sys_module = root + "/sys/module/" + name;
  module.loaded = Exists(sys_module);
  // Only what was loaded has a state.
  module.built_in = !FindModulePath(tree.builtin, name).empty() ||
                    (module.loaded && !Exists(sys_module + "/initstate"));
  const std::string path(FindModulePath(tree.dep, name));
  if (module.built_in || path.empty()) return module;
  const std::string absolute = path.starts_with('/') ? path : tree.directory + "/" + path;
  module.file = PrintableLine(absolute);
  ReadModuleFileFacts(root + absolute, sys_module, module);
  return module;
}

// KVM has one for the processor; what else there is named in its place is beyond us.
std::string VendorModule(const std::string& root, const CpuFacts& cpu) {
  if (cpu.vmx) return "kvm_intel";
  if (cpu.svm) return "kvm_amd";
  for (const std::string name : {"kvm_intel", "kvm_amd"}) {
    if (Exists(root + "/sys/module/" + name + "/parameters")) return name;
  }
  return "";
}

SwitchFacts ReadSwitches(const std::string& parameters) {
  const auto read = [&](const std::string& name) {
    return ParseSwitch(ReadText(parameters + name));
  };
  return {.cpuid = read(std::string(kPatchedParameter)),
          .cpuid_default = read("exit_counters_cpuid_default"),
          .cpuid_time = read("exit_counters_cpuid_time"),
          .time = read("exit_counters_time"),
          .histogram = read("exit_counters_histogram")};
}

DebugfsFacts ReadDebugfs(const std::string& root, const std::string& filesystems,
                         const std::string& mounts) {
  DebugfsFacts debugfs{.in_kernel = HasWord(filesystems, "debugfs"),
                       .mounted = IsMounted(mounts, "debugfs", "/sys/kernel/debug")};
  const std::string cmdline = ReadText(root + "/proc/cmdline");
  debugfs.off_by_cmdline = HasWord(cmdline, "debugfs=off") || HasWord(cmdline, "debugfs=no-mount");
  std::string total;
  debugfs.total = TryToRead(root + "/sys/kernel/debug/kvm_exits/total", total);
  debugfs.exits = ParseLoneNumber(total);
  return debugfs;
}

// In its own place, or in the one that debugfs makes for it.
TracefsFacts ReadTracefs(const std::string& root, const std::string& filesystems,
                         const std::string& mounts) {
  TracefsFacts tracefs{.in_kernel = HasWord(filesystems, "tracefs")};
  for (const std::string directory : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    tracefs.mounted |= IsMounted(mounts, "tracefs", directory);
    std::string id;
    const FileAccess access = TryToRead(root + directory + "/events/kvm/kvm_exit/id", id);
    if (tracefs.kvm_exit != FileAccess::kReadable && access != FileAccess::kMissing) {
      tracefs.kvm_exit = access;
    }
  }
  return tracefs;
}

std::optional<uint64_t> CountVms(const std::string& debug) {
  const auto vms = CountVmDirectories(debug + "/kvm_exits/vms");
  return vms ? vms : CountVmDirectories(debug + "/kvm");
}

GuestFacts ReadGuest(CpuidSource& cpuid) {
  constexpr uint32_t kLeafHypervisor = 0x40000000;
  GuestFacts guest;
  // The signature decides: a VMM may hide the bit.
  guest.has_signature = DecodeSignature(cpuid.Read(kLeafSignature, 0));
  guest.is_guest =
      guest.has_signature || DecodeHypervisorPresent(cpuid.Read(kLeafProcessorFeatures, 0));
  if (!guest.is_guest) return guest;
  const CpuidRegisters name = cpuid.Read(kLeafHypervisor, 0);
  char text[12];
  std::memcpy(text, &name.ebx, 4);
  std::memcpy(text + 4, &name.ecx, 4);
  std::memcpy(text + 8, &name.edx, 4);
  guest.hypervisor = PrintableLine({text, sizeof(text)});
  if (!guest.has_signature) return guest;
  const GuestFeatures features = DecodeFeatures(cpuid.Read(kLeafFeatures, 0));
  guest.has_counts = features.has_counts;
  guest.has_cycles = features.has_cycles;
  return guest;
}

}  // namespace

HostFacts ReadHostFacts(const std::string& root, CpuidSource& cpuid) {
  HostFacts facts;
  facts.release = PrintableLine(ReadText(root + "/proc/sys/kernel/osrelease"), 64);
  // It becomes a part of paths.
  if (facts.release.find('/') != std::string::npos) facts.release.clear();
  facts.cpu = ParseCpuinfo(ReadText(root + "/proc/cpuinfo", kCpuinfo));

  const ModuleTree tree = ReadModuleTree(root, facts.release);
  facts.has_module_tree = !tree.directory.empty();
  facts.has_dev_kvm = Exists(root + "/dev/kvm");
  facts.kvm = ReadModule(root, tree, "kvm");
  if (const std::string vendor = VendorModule(root, facts.cpu); !vendor.empty()) {
    facts.vendor = ReadModule(root, tree, vendor);
  }
  facts.kvm_exits = ReadModule(root, tree, "kvm_exits");
  facts.switches = ReadSwitches(root + "/sys/module/kvm/parameters/");

  facts.lockdown = ParseLockdown(ReadText(root + "/sys/kernel/security/lockdown"));
  const std::string filesystems = ReadText(root + "/proc/filesystems");
  const std::string mounts = ReadText(root + "/proc/self/mounts", kMounts);
  facts.debugfs = ReadDebugfs(root, filesystems, mounts);
  facts.tracefs = ReadTracefs(root, filesystems, mounts);
  facts.rights =
      ParseRights(ReadText(root + "/proc/self/status"), ReadText(root + "/proc/self/uid_map"));

  // A kernel without the system call does not have its switch.
  facts.has_bpf = Exists(root + "/proc/sys/kernel/unprivileged_bpf_disabled");
  const std::string config = ReadText(root + "/boot/config-" + facts.release, kConfig);
  facts.config_bpf_events = ParseConfig(config, "CONFIG_BPF_EVENTS");
  facts.config_exit_counters = ParseConfig(config, "CONFIG_KVM_EXIT_COUNTERS");

  const std::string clocksource = root + "/sys/devices/system/clocksource/clocksource0/";
  facts.clocksource = PrintableLine(ReadText(clocksource + "current_clocksource"), 32);
  // One that is not stable is not offered.
  facts.tsc_stable = HasWord(ReadText(clocksource + "available_clocksource"), "tsc");
  facts.vms = CountVms(root + "/sys/kernel/debug");
  facts.guest = ReadGuest(cpuid);
  return facts;
}

}  // namespace kvm_exits
