// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_fields.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace kvm_exits {
namespace {

// The kernel's own limit of what a program may read of a tracepoint.
constexpr uint32_t kMaxRecord = 8192;
static_assert(kMaxRecord <= kFirstFieldMark);

// The first 8 bytes are not the program's to read.
constexpr uint32_t kHiddenHead = 8;

[[noreturn]] void ThrowUnexpected(std::string_view what, const std::string& detail) {
  throw Error("this version of kvm-exits does not know how to read " + std::string(what) +
              " of this kernel: " + detail);
}

std::optional<uint8_t> SizeCode(uint32_t size) {
  switch (size) {
    case 1:
      return BPF_B;
    case 2:
      return BPF_H;
    case 4:
      return BPF_W;
    case 8:
      return BPF_DW;
    default:
      return std::nullopt;
  }
}

bool IsMarked(const bpf_insn& instruction) { return instruction.off >= kFirstFieldMark; }

// Of the classes whose `off` is an offset into memory; a jump's is not.
bool AccessesMemory(const bpf_insn& instruction) {
  const auto instruction_class = BPF_CLASS(instruction.code);
  return instruction_class == BPF_LDX || instruction_class == BPF_ST ||
         instruction_class == BPF_STX;
}

bpf_insn FieldLoad(const bpf_insn& marked, const TraceField& field, std::string_view what) {
  const auto size_code = SizeCode(field.size);
  if (!size_code || field.offset < kHiddenHead || field.offset % field.size != 0 ||
      field.offset > kMaxRecord - field.size) {
    ThrowUnexpected(what, "field " + field.name + " has " + std::to_string(field.size) +
                              " bytes at " + std::to_string(field.offset));
  }
  bpf_insn load = marked;
  load.code = static_cast<uint8_t>(BPF_LDX | BPF_MEM | *size_code);
  load.off = static_cast<int16_t>(field.offset);
  return load;
}

bpf_insn ConstantLoad(const bpf_insn& marked, int32_t value) {
  bpf_insn load = {};
  load.code = BPF_ALU64 | BPF_MOV | BPF_K;
  load.dst_reg = marked.dst_reg & 0xfU;
  load.imm = value;
  return load;
}

}  // namespace

void PatchFieldLoads(std::span<bpf_insn> program, std::span<const BpfField> fields,
                     std::string_view what) {
  std::vector<bool> was_loaded(fields.size());
  for (size_t i = 0; i < program.size(); ++i) {
    bpf_insn& instruction = program[i];
    if (instruction.code == (BPF_LD | BPF_IMM | BPF_DW)) {
      ++i;  // the second half is a number
      continue;
    }
    if (!AccessesMemory(instruction) || !IsMarked(instruction)) continue;
    const auto distance = static_cast<uint32_t>(instruction.off - kFirstFieldMark);
    const auto found = std::ranges::find(fields, distance / 8, &BpfField::number);
    if (instruction.code != (BPF_LDX | BPF_MEM | BPF_DW) || distance % 8 != 0 ||
        found == fields.end()) {
      ThrowUnexpected(what, "instruction " + std::to_string(i) + " of the program is not expected");
    }
    instruction = found->field != nullptr ? FieldLoad(instruction, *found->field, what)
                                          : ConstantLoad(instruction, found->otherwise);
    was_loaded[static_cast<size_t>(found - fields.begin())] = true;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!was_loaded[i]) {
      ThrowUnexpected(what, "the program has no load of field " + std::to_string(fields[i].number));
    }
  }
}

}  // namespace kvm_exits
