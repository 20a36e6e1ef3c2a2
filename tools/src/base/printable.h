// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_PRINTABLE_H_
#define KVM_EXITS_BASE_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace kvm_exits {

// Returns bytes of somebody else's, such as a VM's name, as UTF-8 that may go to a terminal.
//
// What a terminal obeys instead of showing it, what cannot be seen, what changes the order
// of the text around it, what Unicode (as this program knows it) has not assigned, and bytes
// that are no UTF-8 become escapes: \n, \x1b, \u202e, \U000e0041.  A backslash becomes two, so
// that no two texts look the same.  Marks stay on the letter that they belong to, up to four.
// Neither the locale nor the terminal has a say.
std::string Printable(std::string_view bytes);

// The columns of a terminal that Printable() text takes: two for most East Asian letters and
// emoji, none for marks.  Any other byte or character counts as one.
size_t DisplayWidth(std::string_view utf8);

// Returns `utf8` as it is where it fits into `columns`, and else what of it does, with "…" in
// place of the rest.  It can be narrower than `columns`.
std::string FitWidth(std::string_view utf8, size_t columns);

// The same, but what is left out is in the middle: names often differ at their ends.
std::string FitMiddle(std::string_view utf8, size_t columns);

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_PRINTABLE_H_
