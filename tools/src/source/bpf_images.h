// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_IMAGES_H_
#define KVM_EXITS_SOURCE_BPF_IMAGES_H_

#include <cstddef>
#include <span>

namespace kvm_exits {

// The compiled bpf/exits.bpf.c and bpf/accesses.bpf.c: parts of the executable.
std::span<const std::byte> ExitsBpfImage();
std::span<const std::byte> AccessesBpfImage();

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_IMAGES_H_
