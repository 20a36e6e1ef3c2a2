// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_WRAP_H_
#define KVM_EXITS_BASE_WRAP_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace kvm_exits {

// Appends `text`, which is ASCII, to `out` in lines of up to `width` columns: `first`
// stands before its first one, `indent` before the others.  A '\n' in it ends a
// paragraph, after which comes an empty line.  What cannot be broken may be longer.
void AppendWrapped(std::string& out, std::string_view text, std::string_view first,
                   std::string_view indent, size_t width);

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_WRAP_H_
