// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_images.h"

// An assembler puts the files in; the build says where they are.
#define INCLUDE_IMAGE(name, file)                          \
  asm(".pushsection .rodata\n"                             \
      ".balign 16\n" #name                                 \
      "_begin:\n"                                          \
      ".incbin \"" KVM_EXITS_BPF_DIR "/" file "\"\n" #name \
      "_end:\n"                                            \
      ".byte 0\n"                                          \
      ".popsection\n");                                    \
  extern "C" const std::byte name##_begin[];               \
  extern "C" const std::byte name##_end[]

INCLUDE_IMAGE(kvm_exits_bpf_exits, "exits.bpf.o");
INCLUDE_IMAGE(kvm_exits_bpf_accesses, "accesses.bpf.o");

namespace kvm_exits {

std::span<const std::byte> ExitsBpfImage() {
  return {kvm_exits_bpf_exits_begin, kvm_exits_bpf_exits_end};
}

std::span<const std::byte> AccessesBpfImage() {
  return {kvm_exits_bpf_accesses_begin, kvm_exits_bpf_accesses_end};
}

}  // namespace kvm_exits
