// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_TRACE_FORMAT_FIXTURE_H_
#define KVM_EXITS_SOURCE_TRACE_FORMAT_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace kvm_exits {

// As Linux 6.12 has them; the way to print them is shortened.
inline constexpr char kKvmExitFormat[] =
    "name: kvm_exit\n"
    "ID: 1577\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;\n"
    "\tfield:unsigned long guest_rip;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:u32 isa;\toffset:24;\tsize:4;\tsigned:0;\n"
    "\tfield:u64 info1;\toffset:32;\tsize:8;\tsigned:0;\n"
    "\tfield:u64 info2;\toffset:40;\tsize:8;\tsigned:0;\n"
    "\tfield:u32 intr_info;\toffset:48;\tsize:4;\tsigned:0;\n"
    "\tfield:u32 error_code;\toffset:52;\tsize:4;\tsigned:0;\n"
    "\tfield:unsigned int vcpu_id;\toffset:56;\tsize:4;\tsigned:0;\n"
    "\n"
    "print fmt: \"vcpu %u reason %s\", REC->vcpu_id, (REC->isa == 1) ? \"field:\" : \"ID:\"\n";

inline constexpr char kKvmEntryFormat[] =
    "name: kvm_entry\n"
    "ID: 1586\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:unsigned int vcpu_id;\toffset:8;\tsize:4;\tsigned:0;\n"
    "\tfield:unsigned long rip;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:bool immediate_exit;\toffset:24;\tsize:1;\tsigned:0;\n"
    "\n"
    "print fmt: \"vcpu %u, rip 0x%lx\", REC->vcpu_id, REC->rip\n";

// A made-up host's files.
class TraceTree : public ::testing::Test {
 protected:
  TraceTree() { std::filesystem::create_directories(root); }
  ~TraceTree() override { std::filesystem::remove_all(root); }

  void MakeDirectory(const std::string& path) { std::filesystem::create_directories(root + path); }

  void MakeFile(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }

  // Returns what `action` throws.
  template <typename Exception, typename Action>
  std::string Thrown(Action action) {
    try {
      action();
    } catch (const Exception& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  const std::string root = ::testing::TempDir() + "trace_tree_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_TRACE_FORMAT_FIXTURE_H_
