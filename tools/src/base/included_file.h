// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_INCLUDED_FILE_H_
#define KVM_EXITS_BASE_INCLUDED_FILE_H_

#include <cstddef>

// Puts the file at `path`, a string literal, into the program, between `name`_begin and
// `name`_end.  It has to be one that the build knows of, see OBJECT_DEPENDS.
#define INCLUDE_FILE(name, path)             \
  asm(".pushsection .rodata\n"               \
      ".balign 16\n" #name                   \
      "_begin:\n"                            \
      ".incbin \"" path "\"\n" #name         \
      "_end:\n"                              \
      ".byte 0\n"                            \
      ".popsection\n");                      \
  extern "C" const std::byte name##_begin[]; \
  extern "C" const std::byte name##_end[]

#endif  // KVM_EXITS_BASE_INCLUDED_FILE_H_
