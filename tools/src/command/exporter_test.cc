// SPDX-License-Identifier: GPL-2.0-only
#include "command/exporter.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "command/host_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Exporter : public HostCommandTest {
 protected:
  std::string File() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = tree_.Root() + "/kvm.prom";
};

TEST_F(Exporter, WritesAFileAgainAndAgain) {
  clock_.on_wait = [this](int wait) {
    EXPECT_THAT(File(), StartsWith("# HELP kvm_exits_total "));
    AddExits("1000-11", 100);
    return wait < 3;
  };
  const Instant begin = clock_.now;
  EXPECT_EQ(Run({"exporter", "--textfile", path_.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(File(), HasSubstr("\nkvm_vm_exits_total{vm=\"web\",id=\"1000-11\",reason=\"HLT\"} 240"
                                "\n"));
  EXPECT_EQ(clock_.now.steady - begin.steady, std::chrono::seconds(45));
  EXPECT_TRUE(clock_.catches_stop);
}

TEST_F(Exporter, WritesAFileSoManyTimes) {
  EXPECT_EQ(Run({"exporter", "--textfile", path_.c_str(), "-n", "1", "--histograms"}), kSuccess);
  EXPECT_THAT(File(), HasSubstr("\nkvm_exit_duration_seconds_count{reason=\"HLT\"} 40\n"));
}

TEST_F(Exporter, WithoutCountersThereIsNoFile) {
  tree_.files.Remove("/sys/kernel/debug/kvm_exits");
  EXPECT_EQ(Run({"exporter", "--textfile", path_.c_str(), "--source", "module"}), kFailure);
  EXPECT_EQ(File(), "");
}

TEST_F(Exporter, WrongUse) {
  for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{
           {"--listen", "localhost"},
           {"--listen", "127.0.0.1:1", "--textfile", path_.c_str()},
           {"-i", "1"},
           {"-n", "1"},
           {"--textfile", path_.c_str(), "-i", "0"}}) {
    std::vector<const char*> command = {"exporter"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(Run(command), kUsageError) << arguments.back();
  }
  EXPECT_EQ(Run({"exporter", "--listen", "192.0.2.1:1"}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("cannot listen at 192.0.2.1:1: "));
}

}  // namespace
}  // namespace kvm_exits
