// SPDX-License-Identifier: GPL-2.0-only
#include "source/trace_format.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "source/trace_format_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ParseTraceFormatTest, TellsNumberAndFields) {
  const auto format = ParseTraceFormat(kKvmExitFormat);
  ASSERT_TRUE(format);
  EXPECT_EQ(format->id, 1577);
  EXPECT_THAT(format->fields, SizeIs(12));
  ASSERT_NE(format->Find("exit_reason"), nullptr);
  EXPECT_EQ(*format->Find("exit_reason"),
            (TraceField{.name = "exit_reason", .offset = 8, .size = 4, .is_signed = false}));
  EXPECT_EQ(*format->Find("guest_rip"),
            (TraceField{.name = "guest_rip", .offset = 16, .size = 8, .is_signed = false}));
  EXPECT_EQ(*format->Find("common_pid"),
            (TraceField{.name = "common_pid", .offset = 4, .size = 4, .is_signed = true}));
  EXPECT_EQ(format->Find("rip"), nullptr);
  EXPECT_EQ(format->Find(""), nullptr);
}

TEST(ParseTraceFormatTest, TakesDeclarationsOfAllKinds) {
  const auto format = ParseTraceFormat(
      "ID: 7\n"
      "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:void * pointer;\toffset:32;\tsize:8;\tsigned:0;\n"
      "\tfield:void *near;\toffset:40;\tsize:8;\tsigned:0;\r\n"
      "field:u64 last;offset:48;size:8;signed:0;");
  ASSERT_TRUE(format);
  for (const char* const name : {"comm", "name", "pointer", "near", "last"}) {
    EXPECT_NE(format->Find(name), nullptr) << name;
  }
}

TEST(ParseTraceFormatTest, PassesOverWhatMakesNoSense) {
  for (const char* const line :
       {"field", "field:", "field:;", "field:int;offset:8;size:4;signed:0;",
        "field:int x;offset:8;size:4;", "field:int x;offset:-8;size:4;signed:0;",
        "field:int x;offset:99999999999;size:4;signed:0;", "field:int x;offset:8;size:;signed:0;",
        "field:int x;size:4;offset:8;signed:0;", "field:int ;offset:8;size:4;signed:0;",
        "field:int [4];offset:8;size:4;signed:0;", ";;;;", "]",
        "\x1b[2Jfield:int x;offset:8;size:4;signed:0;"}) {
    const auto format = ParseTraceFormat(std::string("ID: 7\n") + line + "\n");
    ASSERT_TRUE(format) << line;
    for (const TraceField& field : format->fields) ADD_FAILURE() << line << ": " << field.name;
  }
}

TEST(ParseTraceFormatTest, IsNothingWithoutNumber) {
  for (const std::string_view text :
       {"", "\n", "ID", "ID:", "ID: x\n", "ID: -1\n", "ID: 4294967296\n", "name: kvm_exit\n",
        "print fmt: \"\"\nID: 7\n"}) {
    EXPECT_FALSE(ParseTraceFormat(text)) << text;
  }
}

TEST(ParseTraceFormatTest, IsOfEveryPartOfText) {
  const std::string_view text = kKvmExitFormat;
  for (size_t size = 0; size <= text.size(); ++size) {
    const auto format = ParseTraceFormat(text.substr(0, size));
    if (format) {
      EXPECT_LE(format->fields.size(), 12);
    }
  }
}

TEST(ParseTraceFormatTest, KeepsLittleOfMuch) {
  std::string text = "ID: 7\n";
  for (int i = 0; i < 100000; ++i) text += "field:int x;offset:8;size:4;signed:0;\n";
  EXPECT_LE(ParseTraceFormat(text)->fields.size(), 256);
}

class ReadTraceFormatTest : public TraceTree {
 protected:
  std::string Failure() {
    return Thrown<Error>([&] { RequireKvmTraceFormat(root, "kvm_exit"); });
  }
};

TEST_F(ReadTraceFormatTest, FindsTracefs) {
  MakeFile("/sys/kernel/tracing/events/kvm/kvm_exit/format", kKvmExitFormat);
  EXPECT_EQ(RequireKvmTraceFormat(root, "kvm_exit").id, 1577);
}

TEST_F(ReadTraceFormatTest, FindsTracefsInDebugfs) {
  MakeDirectory("/sys/kernel/tracing");
  MakeFile("/sys/kernel/debug/tracing/events/kvm/kvm_exit/format", kKvmExitFormat);
  EXPECT_EQ(RequireKvmTraceFormat(root, "kvm_exit").id, 1577);
}

TEST_F(ReadTraceFormatTest, TellsThatTracefsIsNotMounted) {
  MakeDirectory("/sys/kernel/tracing");
  EXPECT_THAT(Failure(), HasSubstr("mount -t tracefs"));
}

TEST_F(ReadTraceFormatTest, TellsThatKvmIsNotLoaded) {
  MakeDirectory("/sys/kernel/tracing/events/sched");
  EXPECT_THAT(Failure(), HasSubstr("KVM is not loaded"));
}

TEST_F(ReadTraceFormatTest, TellsThatEventIsMissing) {
  MakeFile("/sys/kernel/tracing/events/kvm/kvm_entry/format", kKvmEntryFormat);
  EXPECT_FALSE(ReadKvmTraceFormat(root, "kvm_exit"));
  EXPECT_THAT(Failure(), HasSubstr("no tracepoint kvm_exit"));
}

TEST_F(ReadTraceFormatTest, TellsThatFormatMakesNoSense) {
  MakeFile("/sys/kernel/tracing/events/kvm/kvm_exit/format", "nonsense");
  EXPECT_THAT(Failure(), HasSubstr("makes no sense"));
}

TEST_F(ReadTraceFormatTest, TellsThatKernelIsLockedDown) {
  MakeFile("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  // What cannot be read even by root, as the real file cannot.
  MakeDirectory("/sys/kernel/tracing/events/kvm/kvm_exit/format");
  EXPECT_THAT(Failure(), HasSubstr("locked down"));
  MakeFile("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_THAT(Failure(), HasSubstr("Is a directory"));
}

TEST_F(ReadTraceFormatTest, ReadsNoFileWithoutEnd) {
  MakeFile("/sys/kernel/tracing/events/kvm/kvm_exit/format", std::string(1 << 20, '\n') + "ID: 7");
  EXPECT_THAT(Failure(), HasSubstr("makes no sense"));
}

TEST(RequireFieldTest, NamesMissingField) {
  const TraceFormat format = ParseTraceFormat(kKvmEntryFormat).value();
  EXPECT_EQ(RequireField(format, "kvm_entry", "rip").offset, 16);
  EXPECT_THROW(RequireField(format, "kvm_entry", "isa"), Error);
}

}  // namespace
}  // namespace kvm_exits
