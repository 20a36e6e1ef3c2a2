// SPDX-License-Identifier: GPL-2.0-only
#include "base/fuzzer.h"
#include "source/trace_format.h"
#include "source/trace_format_fixture.h"

namespace kvm_exits {

void Fuzz(std::string_view input) {
  const auto format = ParseTraceFormat(input);
  if (!format) return;
  for (const TraceField& field : format->fields) {
    Require(!field.name.empty());
    const TraceField* const found = format->Find(field.name);
    Require(found != nullptr && found->name == field.name);
  }
}

std::vector<std::string> FuzzSeeds() {
  return {kKvmExitFormat, kKvmEntryFormat,
          "ID: 7\nfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
          "field:__data_loc char[] name;\toffset:4294967295;\tsize:4;\tsigned:1;\n"};
}

}  // namespace kvm_exits
