// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_MODULE_FILE_H_
#define KVM_EXITS_SOURCE_MODULE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// The kernel's modules: which file modprobe would load, and what that says of itself.
namespace kvm_exits {

// From modules.dep or modules.builtin of a kernel, in which depmod has left one file for
// each module: the path of the file of the module `name`, as it stands there, that is
// relative to the file's own directory as a rule.  Empty: it is not there.
//
// A module's name has underscores where its file may have hyphens.
std::string_view FindModulePath(std::string_view list, std::string_view name);

struct ModuleFile {
  std::string modinfo;   // of the section .modinfo: "key=value", a zero byte after each
  std::string build_id;  // of the section .note.gnu.build-id, as in /sys/module/*/notes
};

// Returns what is there of `size` bytes from `offset` on.
using ReadAt = std::function<std::string(uint64_t offset, size_t size)>;

// Reads an ELF file of 64 bits.  Nothing where it is none, as when it is compressed, or
// has no .modinfo.
std::optional<ModuleFile> ReadModuleFile(const ReadAt& read);

// The first value that `modinfo` has for `key`; empty: none.
std::string_view FindModinfo(std::string_view modinfo, std::string_view key);

// Whether the module has a parameter of this name.
bool HasParameter(std::string_view modinfo, std::string_view parameter);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_MODULE_FILE_H_
