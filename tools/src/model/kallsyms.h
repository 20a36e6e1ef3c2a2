// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_KALLSYMS_H_
#define KVM_EXITS_MODEL_KALLSYMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvm_exits {

// Where the functions of a kernel are, as its /proc/kallsyms says.
class Kallsyms {
 public:
  // Reads "address type name" lines.  Throws Error where there is none, or all addresses
  // are 0, as the kernel tells those it does not trust.
  static Kallsyms Parse(std::string_view text);

  // "native_write_msr+0x4": the function that the address is in or behind; nothing where
  // it is before all of them, or a megabyte away.
  std::optional<std::string> Find(uint64_t address) const;

 private:
  struct Symbol {
    uint64_t address;
    std::string name;
  };

  std::vector<Symbol> symbols_;  // of code, ascending
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_KALLSYMS_H_
