// SPDX-License-Identifier: GPL-2.0-only
#include "source/vmm_name.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "source/proc_file.h"

namespace kvm_exits {
namespace {

using Arguments = std::vector<std::string_view>;

// What ends no argument any more was cut off, and is left out.
Arguments Split(std::string_view cmdline) {
  Arguments arguments;
  for (size_t end = cmdline.find('\0'); end != std::string_view::npos; end = cmdline.find('\0')) {
    arguments.push_back(cmdline.substr(0, end));
    cmdline.remove_prefix(end + 1);
  }
  return arguments;
}

// Splits at the last `separator`; without one all of it is the second part.
std::pair<std::string_view, std::string_view> SplitAtLast(std::string_view text, char separator) {
  const size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return {{}, text};
  return {text.substr(0, at), text.substr(at + 1)};
}

// Returns the last value of an option, as "--id X" and "--id=X" give it; empty without one.
std::string_view ValueOf(const Arguments& arguments,
                         std::initializer_list<std::string_view> options) {
  std::string_view value;
  for (size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    for (const std::string_view option : options) {
      if (!arguments[i].starts_with(option)) continue;
      const std::string_view rest = arguments[i].substr(option.size());
      if (rest.empty()) {
        if (i + 1 < arguments.size()) value = arguments[++i];
        break;
      }
      if (rest.front() == '=') value = rest.substr(1);
    }
  }
  return value;
}

// Takes a value of QEMU's off the front of `text`, up to a comma; two commas are one that
// belongs to the value.
std::string TakeQemuValue(std::string_view& text) {
  std::string value;
  for (;;) {
    const size_t comma = text.find(',');
    value += text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (comma == std::string_view::npos || !text.starts_with(',')) return value;
    value += ',';
    text.remove_prefix(1);
  }
}

// Returns what `text`, the value of -name, says of the guest's name, if anything.
std::optional<std::string> GuestOfQemuName(std::string_view text) {
  std::optional<std::string> guest;
  for (bool first = true; !text.empty(); first = false) {
    const size_t end = text.find_first_of("=,");
    const bool has_key = end != std::string_view::npos && text[end] == '=';
    const std::string_view key = has_key ? text.substr(0, end) : "";
    if (has_key) text.remove_prefix(end + 1);
    std::string value = TakeQemuValue(text);
    // Only the first value may go without its key.
    if (key == "guest" || (first && !has_key)) guest = std::move(value);
  }
  return guest;
}

std::string NameOfQemu(const Arguments& arguments) {
  std::string name;
  for (size_t i = 1; i + 1 < arguments.size(); ++i) {
    if (arguments[i] != "-name" && arguments[i] != "--name") continue;
    if (auto guest = GuestOfQemuName(arguments[++i])) name = std::move(*guest);
  }
  return name;
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

// Returns a UUID in the usual form, in lower case; of anything else, nothing.
std::string Uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  std::string uuid;
  if (text.size() != kForm.size()) return uuid;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c =
        text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (kForm[i] == '-' ? c != '-' : !HexDigit(c)) return "";
    uuid += c;
  }
  return uuid;
}

std::string UuidOfQemu(const Arguments& arguments) {
  std::string uuid;
  for (size_t i = 1; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == "-uuid" || arguments[i] == "--uuid") uuid = Uuid(arguments[++i]);
  }
  return uuid;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

// Returns the name that a VM's socket has from the VM: the file's, or where all VMs' are
// called alike that of the directory, as /run/vc/vm/<VM>/clh-api.sock is of Kata's.
std::string NameOfSocket(std::string_view path) {
  if (path.starts_with("fd=")) return "";
  if (path.starts_with("path=")) {
    path.remove_prefix(5);
    path = path.substr(0, path.find(','));
  }
  auto [directory, stem] = SplitAtLast(path, '/');
  for (const std::string_view suffix : {".sock", ".socket", "-socket"}) {
    if (stem.size() > suffix.size() && stem.ends_with(suffix)) stem.remove_suffix(suffix.size());
  }
  if (!IsOneOf(stem, {"api", "ch", "ch-api", "clh", "clh-api", "cloud-hypervisor", "control",
                      "crosvm", "fc", "firecracker", "socket", "vmm"})) {
    return std::string(stem);
  }
  while (!directory.empty()) {
    const auto [parent, name] = SplitAtLast(directory, '/');
    if (IsOneOf(name, {"run", "shm", "tmp", "var"})) break;
    // Of a jail.
    if (!IsOneOf(name, {"", ".", "root"})) return std::string(name);
    directory = parent;
  }
  return std::string(stem);
}

std::string NameOfFirecracker(const Arguments& arguments) {
  const std::string_view id = ValueOf(arguments, {"--id"});
  return id.empty() ? NameOfSocket(ValueOf(arguments, {"--api-sock"})) : std::string(id);
}

std::string NameOfCloudHypervisor(const Arguments& arguments) {
  return NameOfSocket(ValueOf(arguments, {"--api-socket"}));
}

std::string NameOfCrosvm(const Arguments& arguments) {
  const std::string_view name = ValueOf(arguments, {"--name"});
  return name.empty() ? NameOfSocket(ValueOf(arguments, {"-s", "--socket"})) : std::string(name);
}

std::string NameOfKvmtool(const Arguments& arguments) {
  return std::string(ValueOf(arguments, {"--name"}));
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Vmm {
  std::string_view name;
  bool (*is_program)(std::string_view program);
  std::string (*name_of_vm)(const Arguments& arguments);
};

// Programs are called otherwise, too: firecracker-v1.7.0-x86_64, .qemu-system-x86_64-wrapped;
// and `comm` has their first 15 bytes only.
constexpr std::array<Vmm, 5> kVmms = {{
    {.name = "qemu",
     .is_program =
         [](std::string_view program) {
           return Contains(program, "qemu") || program == "kvm" || program == "kvm-spice";
         },
     .name_of_vm = NameOfQemu},
    {.name = "firecracker",
     .is_program = [](std::string_view program) { return Contains(program, "firecracker"); },
     .name_of_vm = NameOfFirecracker},
    {.name = "cloud-hypervisor",
     .is_program = [](std::string_view program) { return Contains(program, "cloud-hyperviso"); },
     .name_of_vm = NameOfCloudHypervisor},
    {.name = "crosvm",
     .is_program = [](std::string_view program) { return Contains(program, "crosvm"); },
     .name_of_vm = NameOfCrosvm},
    {.name = "kvmtool",
     .is_program =
         [](std::string_view program) {
           return program.starts_with("lkvm") || Contains(program, "kvmtool");
         },
     .name_of_vm = NameOfKvmtool},
}};

const Vmm* FindVmm(std::string_view program) {
  const auto* const found =
      std::ranges::find_if(kVmms, [&](const Vmm& vmm) { return vmm.is_program(program); });
  return found == kVmms.end() ? nullptr : found;
}

// Undoes what systemd does to characters that have a meaning in a unit's name.
std::string UnescapeUnit(std::string_view unit) {
  std::string text;
  while (!unit.empty()) {
    if (unit.starts_with("\\x") && unit.size() >= 4) {
      const auto high = HexDigit(unit[2]);
      const auto low = HexDigit(unit[3]);
      if (high && low) {
        text += static_cast<char>(*high << 4U | *low);
        unit.remove_prefix(4);
        continue;
      }
    }
    text += unit.front();
    unit.remove_prefix(1);
  }
  return text;
}

// Returns the name in "qemu-3-web".
std::string NameInMachine(std::string_view machine) {
  const size_t driver = machine.find('-');
  if (driver == std::string_view::npos) return "";
  machine.remove_prefix(driver + 1);
  const size_t id = machine.find('-');
  if (id == std::string_view::npos || !ParseNumber(machine.substr(0, id))) return "";
  return std::string(machine.substr(id + 1));
}

}  // namespace

VmmName NameOfVmm(std::string_view cmdline, std::string_view comm) {
  const Arguments arguments = Split(cmdline);
  const Vmm* vmm =
      arguments.empty() ? nullptr : FindVmm(SplitAtLast(arguments.front(), '/').second);
  if (vmm == nullptr) vmm = FindVmm(comm);
  if (vmm == nullptr) return {};
  return {.vmm = std::string(vmm->name),
          .name = vmm->name_of_vm(arguments),
          .uuid = vmm->name == "qemu" ? UuidOfQemu(arguments) : ""};
}

std::string NameInCgroup(std::string_view cgroup) {
  constexpr std::string_view kPrefix = "/machine-";
  constexpr std::string_view kSuffix = ".scope";
  for (size_t at = cgroup.find(kPrefix); at != std::string_view::npos;
       at = cgroup.find(kPrefix, at + 1)) {
    std::string_view unit = cgroup.substr(at + kPrefix.size());
    unit = unit.substr(0, unit.find_first_of("/\n"));
    if (!unit.ends_with(kSuffix)) continue;
    unit.remove_suffix(kSuffix.size());
    std::string name = NameInMachine(UnescapeUnit(unit));
    if (!name.empty()) return name;
  }
  return "";
}

}  // namespace kvm_exits
