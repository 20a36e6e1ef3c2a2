// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_images.h"

#include "base/included_file.h"

INCLUDE_FILE(kvm_exits_bpf_exits, KVM_EXITS_BPF_DIR "/exits.bpf.o");
INCLUDE_FILE(kvm_exits_bpf_accesses, KVM_EXITS_BPF_DIR "/accesses.bpf.o");

namespace kvm_exits {

std::span<const std::byte> ExitsBpfImage() {
  return {kvm_exits_bpf_exits_begin, kvm_exits_bpf_exits_end};
}

std::span<const std::byte> AccessesBpfImage() {
  return {kvm_exits_bpf_accesses_begin, kvm_exits_bpf_accesses_end};
}

}  // namespace kvm_exits
