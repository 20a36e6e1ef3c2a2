// SPDX-License-Identifier: GPL-2.0-only
#include "command/record.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/process.h"
#include "command/host_fixture.h"
#include "source/replay.h"

namespace kvm_exits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class RecordCommandTest : public HostCommandTest {
 protected:
  RecordCommandTest() { ResetHost(); }

  // The host does the same again.
  void ResetHost() {
    clock_.now = FakeClock().now;
    tree_.ended = {};
    tree_.vms["1000-11"] = {.process = 1000, .vcpus = {{0, {{12, 10}}}, {2, {{12, 30}, {48, 5}}}}};
    tree_.vms["2000-11"] = {.process = 2000, .vcpus = {{0, {{10, 100}}}}};
    tree_.Write();
    waits_ = 0;
    clock_.on_wait = [this](int) {
      AddExits("1000-11", static_cast<uint64_t>(++waits_) * 100);
      if (waits_ == 3 && ends_at_third_) {
        tree_.ended = {{10, 150}};
        tree_.vms.erase("2000-11");
        tree_.Write();
      }
      return waits_ != interrupted_at_;
    };
  }

  // What a command about the host writes while that does something, and then what the same
  // command writes of the record of the same.
  void ExpectSameAsLive(std::vector<const char*> command, std::vector<const char*> record = {}) {
    ResetHost();
    EXPECT_EQ(Run(command), kSuccess) << err_.text;
    const std::string live = out_.text;
    EXPECT_THAT(live, Not(IsEmpty()));
    ResetHost();
    std::filesystem::remove(file_);
    record.insert(record.begin(), {"record", "-o", file_.c_str(), "-n", "5"});
    EXPECT_EQ(Run(record), kSuccess) << err_.text;
    err_.text.clear();
    out_.text.clear();
    command.insert(command.begin() + 1, file_.c_str());
    EXPECT_EQ(Run(command), kSuccess) << err_.text;
    EXPECT_EQ(out_.text, live);
    EXPECT_THAT(err_.text, IsEmpty());
    out_.text.clear();
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(tree_.Root())) {
      if (entry.path().string().ends_with(".zst")) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  const std::string file_ = tree_.Root() + "/a.jsonl.zst";
  int waits_ = 0;
  int interrupted_at_ = 0;
  bool ends_at_third_ = false;
};

TEST_F(RecordCommandTest, IsShownAsTheHostWas) {
  ExpectSameAsLive({"stat", "-i", "1", "-n", "5", "--json"});
  ExpectSameAsLive({"stat", "-i", "1", "-n", "5"});
  ExpectSameAsLive({"stat", "web", "-i", "1", "-n", "5", "--json"});
  ExpectSameAsLive({"list", "-i", "1", "-n", "5", "--csv"});
  ExpectSameAsLive({"stat", "-i", "1", "-n", "5", "--csv", "--vcpu", "all"}, {"--each-vcpu"});
}

TEST_F(RecordCommandTest, IsShownAsTheHostWasWithoutALedger) {
  tree_.is_timed = false;
  ExpectSameAsLive({"stat", "-i", "1", "-n", "5", "--json"});
}

TEST_F(RecordCommandTest, IsShownAsTheHostWasWhenAVmEnded) {
  ends_at_third_ = true;
  ExpectSameAsLive({"stat", "-i", "1", "-n", "5", "--json"});
}

TEST_F(RecordCommandTest, OneVm) {
  EXPECT_EQ(Run({"record", "db", "-o", file_.c_str(), "-n", "1"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"stat", file_.c_str(), "--json"}), kSuccess) << err_.text;
  const auto report = Reports(out_.text).at(0);
  ASSERT_THAT(report["vms"], SizeIs(1));
  EXPECT_EQ(report["vms"][0]["name"], "db");
  EXPECT_EQ(report["all"]["exits"], report["vms"][0]["exits"]);
}

TEST_F(RecordCommandTest, WithoutIntervalsIsAllOfIt) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "4"}), kSuccess) << err_.text;
  EXPECT_THAT(err_.text, AllOf(StartsWith("kvm-exits: " + file_ + ": 5 samples in 4.0 s, "),
                               EndsWith(" kB\n")));
  for (const char* const verb : {"stat", "list"}) {
    out_.text.clear();
    EXPECT_EQ(Run({verb, file_.c_str(), "--json"}), kSuccess) << err_.text;
    const auto reports = Reports(out_.text);
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_EQ(reports[0]["seconds"], 4.0);
    EXPECT_EQ(reports[0]["all"]["exits"], 1000);
  }
}

TEST_F(RecordCommandTest, PartOfIt) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "5"}), kSuccess) << err_.text;
  EXPECT_EQ(
      Run({"stat", file_.c_str(), "--begin", "+1", "--end", "2026-11-23T14:02:40Z", "--json"}),
      kSuccess)
      << err_.text;
  const auto report = Reports(out_.text).at(0);
  EXPECT_EQ(report["seconds"], 2.0);
  EXPECT_EQ(report["all"]["exits"], 200 + 300);
}

TEST_F(RecordCommandTest, IntervalsThatDoNotDivideIt) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "5"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"stat", file_.c_str(), "-i", "2", "--json"}), kSuccess) << err_.text;
  const auto reports = Reports(out_.text);
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[0]["all"]["exits"], 300);
  EXPECT_EQ(reports[1]["all"]["exits"], 700);
  EXPECT_EQ(reports[2]["all"]["exits"], 500);
  EXPECT_EQ(reports[2]["seconds"], 1.0);
}

TEST_F(RecordCommandTest, UntilItIsInterrupted) {
  interrupted_at_ = 3;
  EXPECT_EQ(Run({"record", "-o", file_.c_str()}), kSuccess) << err_.text;
  EXPECT_THAT(err_.text, HasSubstr(": 4 samples in 3.0 s"));
  EXPECT_TRUE(clock_.catches_stop);
}

TEST_F(RecordCommandTest, UntilALimit) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "--max-time", "2.5"}), kSuccess) << err_.text;
  EXPECT_THAT(err_.text, HasSubstr(": 4 samples in 2.5 s"));
  err_.text.clear();
  const std::string other = tree_.Root() + "/b.zst";
  EXPECT_EQ(Run({"record", "-o", other.c_str(), "--max-size", "2k"}), kSuccess) << err_.text;
  EXPECT_GE(std::filesystem::file_size(other), 2000U);
  EXPECT_LT(std::filesystem::file_size(other), 3000U);
}

TEST_F(RecordCommandTest, UntilTheVmHasEnded) {
  ends_at_third_ = true;
  EXPECT_EQ(Run({"record", "db", "-o", file_.c_str()}), kFailure);
  EXPECT_THAT(err_.text, EndsWith("kvm-exits: VM db has ended\n"));
  Replay replay(file_, {});
  while (replay.Next()) {
  }
  EXPECT_EQ(replay.Problem(), "");
}

TEST_F(RecordCommandTest, GoesOnInANewFile) {
  clock_.on_wait = [this](int wait) {
    AddExits("1000-11", 100);
    if (wait == 2 || wait == 4) std::raise(SIGHUP);
    // As logrotate does
    if (wait == 4) std::filesystem::rename(file_, tree_.Root() + "/a.1.zst");
    return true;
  };
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "6"}), kSuccess) << err_.text;
  EXPECT_EQ(Files(),
            (std::vector<std::string>{"a-20261123T140237Z.jsonl.zst", "a.1.zst", "a.jsonl.zst"}));
  uint64_t exits = 0;
  for (const std::string& name : Files()) {
    out_.text.clear();
    err_.text.clear();
    const std::string path = tree_.Root() + "/" + name;
    EXPECT_EQ(Run({"stat", path.c_str(), "--json"}), kSuccess) << err_.text;
    EXPECT_THAT(err_.text, IsEmpty());
    exits += Reports(out_.text).at(0)["all"]["exits"].get<uint64_t>();
  }
  EXPECT_EQ(exits, 600U) << "none is lost between two files";
  const std::string joined = tree_.Root() + "/joined";
  std::ofstream all(joined, std::ios::binary);
  for (const std::string& name : Files()) {
    all << std::ifstream(tree_.Root() + "/" + name, std::ios::binary).rdbuf();
  }
  all.close();
  out_.text.clear();
  EXPECT_EQ(Run({"stat", joined.c_str(), "-i", "1", "--json"}), kSuccess) << err_.text;
  EXPECT_THAT(Reports(out_.text), SizeIs(6));
}

TEST_F(RecordCommandTest, WhileACommandRuns) {
  // Its clock is the machine's, and its host rests.
  EXPECT_EQ(
      Run({"record", "-i", "0.01", "-o", file_.c_str(), "--", "sh", "-c", "sleep 0.1; exit 3"}), 3);
  EXPECT_THAT(err_.text, HasSubstr(" samples in "));
}

TEST_F(RecordCommandTest, ACommandThatCannotBeRun) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "--", "/nonexistent"}), kNotFound);
  EXPECT_THAT(err_.text, HasSubstr("cannot run '/nonexistent'"));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(RecordCommandTest, AVmThatEndsBeforeTheCommand) {
  const std::string vm = tree_.Root() + "/sys/kernel/debug/kvm_exits/vms/2000-11";
  const std::string command = "sleep 0.1; rm -r " + vm + "; sleep 0.1; exit 3";
  EXPECT_EQ(
      Run({"record", "db", "-i", "0.01", "-o", file_.c_str(), "--", "sh", "-c", command.c_str()}),
      3);
  EXPECT_THAT(err_.text, EndsWith("kvm-exits: VM db has ended before the command\n"));
}

TEST_F(RecordCommandTest, GoesOnInTheOldFileWhereThereCanBeNoNewOne) {
  clock_.on_wait = [this](int wait) {
    AddExits("1000-11", 100);
    if (wait == 2) {
      std::filesystem::rename(file_, tree_.Root() + "/old.zst");
      tree_.files.Write("/a.jsonl.zst", "somebody else's");
      std::raise(SIGHUP);
    }
    return true;
  };
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "4"}), kSuccess) << err_.text;
  EXPECT_THAT(err_.text, HasSubstr("is a new file: this goes on in the old file\n"));
  out_.text.clear();
  EXPECT_EQ(Run({"stat", (tree_.Root() + "/old.zst").c_str(), "--json"}), kSuccess);
  EXPECT_EQ(Reports(out_.text).at(0)["all"]["exits"], 400);
}

TEST_F(RecordCommandTest, TakesAFileThatIsEmpty) {
  tree_.files.Write("/a.jsonl.zst", "");
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "1"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"stat", file_.c_str()}), kSuccess) << err_.text;
}

TEST_F(RecordCommandTest, AVmThatIsThereForAPartOfIt) {
  ends_at_third_ = true;
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "5"}), kSuccess) << err_.text;
  for (const std::vector<const char*>& wanted :
       std::vector<std::vector<const char*>>{{"db"}, {"-p", "2000"}, {"-g", "db"}}) {
    out_.text.clear();
    std::vector<const char*> command = {"stat", file_.c_str(), "--json"};
    command.insert(command.end(), wanted.begin(), wanted.end());
    EXPECT_EQ(Run(command), kSuccess) << err_.text;
    EXPECT_EQ(Reports(out_.text).at(0)["seconds"], 2.0);
  }
  EXPECT_EQ(Run({"stat", file_.c_str(), "--all"}), kSuccess) << err_.text;
}

TEST_F(RecordCommandTest, NothingBetweenTwoSamples) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "5"}), kSuccess) << err_.text;
  for (const char* const verb : {"stat", "list"}) {
    err_.text.clear();
    EXPECT_EQ(Run({verb, file_.c_str(), "--begin", "+3", "--end", "+1"}), kFailure);
    EXPECT_EQ(err_.text, "kvm-exits: there is one sample in that time, and nothing between two\n");
  }
}

TEST_F(RecordCommandTest, VcpusThatWereNotRecorded) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "5"}), kSuccess) << err_.text;
  EXPECT_EQ(Run({"stat", file_.c_str(), "--vcpu", "all"}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr(" has no vCPUs on their own: 'record --each-vcpu' has them"));
}

TEST_F(RecordCommandTest, DoesNotReplaceAFile) {
  tree_.files.Write("/a.jsonl.zst", "precious");
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "1"}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("is there already"));
  EXPECT_EQ(std::filesystem::file_size(file_), 8U);
}

TEST_F(RecordCommandTest, WrongUse) {
  EXPECT_EQ(Run({"record"}), kUsageError);
  EXPECT_THAT(err_.text, HasSubstr("--output is required"));
  for (const char* const size : {"0", "x", "1Q", "-1", "1kk", "99999999999999999T"}) {
    EXPECT_EQ(Run({"record", "-o", file_.c_str(), "--max-size", size}), kUsageError) << size;
  }
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "1", "--", "true"}), kUsageError);
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "--max-time", "nan"}), kUsageError);
  EXPECT_EQ(Run({"record", "-o", "-"}), kUsageError);
  EXPECT_EQ(Run({"record", "-o", ""}), kUsageError);
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "1"}), kSuccess);
  EXPECT_EQ(Run({"stat", file_.c_str(), "web", "-p", "1000"}), kUsageError);
  EXPECT_EQ(Run({"top", "--speed", "2"}), kUsageError);
  err_.text.clear();
  EXPECT_EQ(Run({"stat", "missing.zst"}), kFailure);
  EXPECT_EQ(err_.text, "kvm-exits: cannot read missing.zst: No such file or directory\n");
  for (std::vector<const char*> command : std::vector<std::vector<const char*>>{
           {"--source", "bpf"}, {"--time"}, {"web", "db"}, {"--begin", "yesterday"}}) {
    command.insert(command.begin(), {"stat", file_.c_str()});
    EXPECT_EQ(Run(command), kUsageError) << command.back();
  }
  EXPECT_EQ(Run({"stat", file_.c_str(), "--", "true"}), kUsageError) << err_.text;
  EXPECT_EQ(Run({"stat", "--begin", "+1"}), kUsageError);
  EXPECT_EQ(Run({"stat", "web", "db"}), kUsageError);
}

TEST_F(RecordCommandTest, OfAVmThatIsNotInIt) {
  EXPECT_EQ(Run({"record", "-o", file_.c_str(), "-n", "1"}), kSuccess);
  err_.text.clear();
  EXPECT_EQ(Run({"stat", file_.c_str(), "mail"}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("there is no VM 'mail'"));
}

}  // namespace
}  // namespace kvm_exits
