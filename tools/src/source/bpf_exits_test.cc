// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_exits.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "source/bpf_accesses.h"
#include "source/trace_format_fixture.h"

// What can be said without a kernel that runs the programs; lab/tasks/bpf-test has one.
namespace kvm_exits {
namespace {

using ::testing::HasSubstr;

constexpr char kEvents[] = "/sys/kernel/tracing/events";

class BpfExitsTest : public TraceTree {
 protected:
  void MakeFormat(const std::string& event, const std::string& text) {
    MakeFile(std::string(kEvents) + "/kvm/" + event + "/format", text);
  }
  std::string Failure() {
    return Thrown<Error>([&] { BpfExits(root, std::nullopt); });
  }
  std::string AccessesFailure(AccessKind kind) {
    return Thrown<Error>([&] { BpfAccesses(root, kind, std::nullopt, std::nullopt); });
  }
};

TEST_F(BpfExitsTest, TellsThatKvmIsNotLoaded) {
  MakeDirectory(kEvents);
  EXPECT_THAT(Failure(), HasSubstr("KVM is not loaded"));
  EXPECT_THAT(AccessesFailure(AccessKind::kMsr), HasSubstr("KVM is not loaded"));
}

TEST_F(BpfExitsTest, TellsThatTracepointIsMissing) {
  MakeFormat("kvm_exit", kKvmExitFormat);
  EXPECT_THAT(Failure(), HasSubstr("no tracepoint kvm_entry"));
  EXPECT_THAT(AccessesFailure(AccessKind::kHypercall), HasSubstr("kvm_hypercall kvm_hv_hypercall"));
}

TEST_F(BpfExitsTest, TellsThatFieldIsMissing) {
  MakeFormat("kvm_exit", kKvmEntryFormat);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  EXPECT_THAT(Failure(), HasSubstr("it has no field exit_reason"));
  EXPECT_THAT(AccessesFailure(AccessKind::kRip), HasSubstr("it has no field exit_reason"));
}

TEST_F(BpfExitsTest, TellsThatFieldIsNoNumber) {
  std::string text = kKvmExitFormat;
  text.replace(text.find("offset:24;\tsize:4"), 17, "offset:25;\tsize:4");
  MakeFormat("kvm_exit", text);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  EXPECT_THAT(Failure(), HasSubstr("field isa has 4 bytes at 25"));
}

// With tracepoints that this machine, wherever it is, does not have under these numbers,
// or has no rights to: what comes is an error, in words, and no output.
TEST_F(BpfExitsTest, TellsThatKernelRefuses) {
  std::string text = kKvmExitFormat;
  text.replace(text.find("ID: 1577"), 8, "ID: 4294967295");
  MakeFormat("kvm_exit", text);
  MakeFormat("kvm_entry", kKvmEntryFormat);
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const std::string failure = Failure();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(failure, ::testing::AnyOf(HasSubstr("run it as root of the host"), HasSubstr("errno"),
                                        HasSubstr("CONFIG_BPF_SYSCALL")));
}

}  // namespace
}  // namespace kvm_exits
