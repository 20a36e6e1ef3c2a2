// SPDX-License-Identifier: GPL-2.0-only
#include "command/doctor.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "command/command_line.h"
#include "source/fakes.h"
#include "source/guest_leaves.h"
#include "source/host_tree_fixture.h"

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CommandDoctor : public HostTreeTest {
 protected:
  CommandDoctor() {
    // No guest.
    guest_.overrides[1] = guest_.overrides[kLeafSignature] = {};
  }

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"kvm-exits", "doctor"});
    Environment environment{
        .cpuid = guest_, .clock = clock_, .out = out_, .err = err_, .root = root_};
    return RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), environment);
  }

  FakeGuest guest_;
  FakeClock clock_;
  StringOutput out_;
  StringOutput err_;
};

TEST_F(CommandDoctor, FailsWhereNothingCanBeShown) {
  EXPECT_EQ(Run({}), kFailure);
  EXPECT_THAT(out_.text, StartsWith("!! cpu         no VMX or SVM\n"));
  EXPECT_THAT(out_.text, EndsWith("\nNothing can be shown here; what is marked !! stands in the "
                                  "way.\n"));
  // All has been said.
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(CommandDoctor, OfAHost) {
  Write("/proc/cpuinfo", "flags: vmx\n");
  Write("/sys/module/kvm/parameters/exit_counters_cpuid", "Y\n");
  MakeDirectory("/sys/module/kvm_intel");
  Write("/sys/kernel/debug/kvm_exits/total", "1\n");
  EXPECT_EQ(Run({}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("ok patches     the loaded KVM counts VM exits\n"));
  EXPECT_THAT(out_.text, EndsWith("kvm-exits top\n"));
}

TEST_F(CommandDoctor, OfAGuest) {
  guest_.overrides.clear();
  EXPECT_EQ(Run({}), kSuccess);
  EXPECT_THAT(out_.text, EndsWith("kvm-exits guest\n"));
}

TEST_F(CommandDoctor, Json) {
  EXPECT_EQ(Run({"--json"}), kFailure);
  EXPECT_EQ(json::parse(out_.text)["checks"][0]["check"], "cpu");
  EXPECT_EQ(json::parse(out_.text)["sources"]["cpuid"], false);
  out_.text.clear();
  guest_.overrides.clear();
  EXPECT_EQ(Run({"--json"}), kSuccess);
  EXPECT_EQ(json::parse(out_.text)["sources"]["cpuid"], true);
}

TEST_F(CommandDoctor, TakesNothingElse) {
  EXPECT_EQ(Run({"kvm"}), kUsageError);
  EXPECT_THAT(out_.text, IsEmpty());
}

}  // namespace
}  // namespace kvm_exits
