// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_fields.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;

bpf_insn Instruction(int code, int destination, int source, int offset, int32_t immediate = 0) {
  bpf_insn instruction = {};
  instruction.code = static_cast<uint8_t>(code);
  instruction.dst_reg = static_cast<uint8_t>(destination) & 0xfU;
  instruction.src_reg = static_cast<uint8_t>(source) & 0xfU;
  instruction.off = static_cast<int16_t>(offset);
  instruction.imm = immediate;
  return instruction;
}

bpf_insn MarkedLoad(uint32_t number, int destination = 2, int source = 6) {
  return Instruction(BPF_LDX | BPF_MEM | BPF_DW, destination, source,
                     kFirstFieldMark + 8 * static_cast<int>(number));
}

const TraceField kReason = {.name = "exit_reason", .offset = 8, .size = 4, .is_signed = false};
const TraceField kRip = {.name = "guest_rip", .offset = 16, .size = 8, .is_signed = false};

// Of one field, number 3.
std::string Failure(std::vector<bpf_insn> program, const TraceField& field) {
  const std::vector<BpfField> fields = {{.number = 3, .field = &field}};
  try {
    PatchFieldLoads(program, fields, "tracepoint kvm_exit");
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(PatchFieldLoadsTest, MakesLoadsOfSizeAndPlace) {
  std::vector<bpf_insn> program = {Instruction(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0),
                                   MarkedLoad(0, 1), MarkedLoad(1, 3, 7), MarkedLoad(0, 4),
                                   Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0)};
  const std::vector<BpfField> fields = {{.number = 0, .field = &kReason},
                                        {.number = 1, .field = &kRip}};
  PatchFieldLoads(program, fields, "");
  EXPECT_EQ(program[1].code, BPF_LDX | BPF_MEM | BPF_W);
  EXPECT_EQ(program[1].off, 8);
  EXPECT_EQ(program[1].dst_reg, 1);
  EXPECT_EQ(program[1].src_reg, 6);
  EXPECT_EQ(program[2].code, BPF_LDX | BPF_MEM | BPF_DW);
  EXPECT_EQ(program[2].off, 16);
  EXPECT_EQ(program[2].src_reg, 7);
  EXPECT_EQ(program[3].off, 8);
  EXPECT_EQ(program[0].code, BPF_ALU64 | BPF_MOV | BPF_X);
  EXPECT_EQ(program[4].code, BPF_JMP | BPF_EXIT);
}

TEST(PatchFieldLoadsTest, TakesAllSizes) {
  const int codes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
  for (uint32_t i = 0; i < 4; ++i) {
    std::vector<bpf_insn> program = {MarkedLoad(3)};
    const TraceField field = {
        .name = "x", .offset = 1U << (i + 3), .size = 1U << i, .is_signed = true};
    const std::vector<BpfField> fields = {{.number = 3, .field = &field}};
    PatchFieldLoads(program, fields, "");
    EXPECT_EQ(program[0].code, BPF_LDX | BPF_MEM | codes[i]);
    EXPECT_EQ(program[0].off, 1 << (i + 3));
  }
}

TEST(PatchFieldLoadsTest, PutsConstantInPlaceOfMissingField) {
  std::vector<bpf_insn> program = {MarkedLoad(3, 5)};
  const std::vector<BpfField> fields = {{.number = 3, .field = nullptr, .otherwise = 1}};
  PatchFieldLoads(program, fields, "");
  EXPECT_EQ(program[0].code, BPF_ALU64 | BPF_MOV | BPF_K);
  EXPECT_EQ(program[0].dst_reg, 5);
  EXPECT_EQ(program[0].src_reg, 0);
  EXPECT_EQ(program[0].off, 0);
  EXPECT_EQ(program[0].imm, 1);
}

TEST(PatchFieldLoadsTest, LeavesNumbersAndJumpsAlone) {
  std::vector<bpf_insn> program = {Instruction(BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 7),
                                   MarkedLoad(9),  // the number's other half
                                   Instruction(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kFirstFieldMark),
                                   MarkedLoad(3)};
  const std::vector<BpfField> fields = {{.number = 3, .field = &kRip}};
  PatchFieldLoads(program, fields, "");
  EXPECT_EQ(program[1].off, kFirstFieldMark + 72);
  EXPECT_EQ(program[2].off, kFirstFieldMark);
  EXPECT_EQ(program[3].off, 16);
}

TEST(PatchFieldLoadsTest, RefusesWhatNobodyExpects) {
  const std::vector<bpf_insn> unexpected = {
      MarkedLoad(2),
      Instruction(BPF_LDX | BPF_MEM | BPF_DW, 2, 6, kFirstFieldMark + 25),
      Instruction(BPF_LDX | BPF_MEM | BPF_W, 2, 6, kFirstFieldMark + 24),
      Instruction(BPF_STX | BPF_MEM | BPF_DW, 6, 2, kFirstFieldMark + 24),
      Instruction(BPF_ST | BPF_MEM | BPF_DW, 6, 0, kFirstFieldMark + 24),
      Instruction(BPF_LDX | BPF_MEM | BPF_DW, 2, 6, 0x7fff)};
  for (const bpf_insn& instruction : unexpected) {
    EXPECT_THAT(Failure({MarkedLoad(3), instruction}, kRip),
                HasSubstr("tracepoint kvm_exit of this kernel: instruction 1"));
  }
}

TEST(PatchFieldLoadsTest, RefusesProgramWithoutField) {
  EXPECT_THAT(Failure({Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0)}, kRip), HasSubstr("no load"));
  EXPECT_THAT(Failure({}, kRip), HasSubstr("no load"));
}

TEST(PatchFieldLoadsTest, RefusesFieldsThatAreNoNumbers) {
  const std::vector<std::pair<uint32_t, uint32_t>> places = {
      {8, 0}, {8, 3},    {8, 16},         {12, 8},         {9, 2},          {4, 4},
      {0, 8}, {8192, 8}, {0x80000000, 8}, {0xfffffff8, 8}, {8, 0xffffffff}, {0x10008, 4}};
  for (const auto& [offset, size] : places) {
    EXPECT_THAT(
        Failure({MarkedLoad(3)}, {.name = "x", .offset = offset, .size = size, .is_signed = false}),
        HasSubstr("field x"))
        << offset << " " << size;
  }
}

TEST(PatchFieldLoadsTest, TakesHalfANumberAtTheEnd) {
  EXPECT_THAT(Failure({MarkedLoad(3), Instruction(BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0)}, kRip),
              HasSubstr("nothing thrown"));
}

}  // namespace
}  // namespace kvm_exits
