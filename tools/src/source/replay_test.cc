// SPDX-License-Identifier: GPL-2.0-only
#include "source/replay.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/temporary_tree.h"
#include "source/record_fixture.h"

namespace kvm_exits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// A record of ten samples, a second apart but for what the machine was late, in each of which the
// first VM has had one more exit for CPUID.
class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    begin_ = host_.snapshot.taken;
    RecordWriter writer(path_);
    RecordEncoder encoder(MakeRecordHeader());
    writer.Write(encoder.Header());
    for (int i = 0; i < 10; ++i) {
      host_.Vm(0).reasons[0].exits = first_ + static_cast<uint64_t>(i);
      host_.snapshot.vms[0].vcpus = {{.vcpu = 0, .exits = host_.Vm(0)}};
      host_.Settle();
      writer.Write(encoder.Sample(host_.snapshot, "limited"));
      writer.Flush();
      host_.Pass(milliseconds(i % 2 == 0 ? 1004 : 996));
    }
    writer.Close();
  }

  // How many samples are before the one where `replay` is.
  uint64_t At(const Replay& replay) const {
    return replay.Host().vms.at(0).exits.reasons.at(0).exits - first_;
  }

  static RecordTime Since(double time) { return {.wall = {}, .since_begin = Seconds(time)}; }

  RecordedHost host_;
  const uint64_t first_ = 300;
  Instant begin_{};
  TemporaryTree tree_;
  const std::string path_ = tree_.Root() + "/a.zst";
};

TEST_F(ReplayTest, GoesThroughAllSamples) {
  Replay replay(path_, {});
  EXPECT_EQ(replay.Now().steady, begin_.steady);
  EXPECT_EQ(replay.Now().wall, begin_.wall);
  for (uint64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(At(replay), i);
    EXPECT_TRUE(replay.Next());
  }
  EXPECT_FALSE(replay.Next());
  EXPECT_EQ(At(replay), 9U);
  EXPECT_EQ(replay.Problem(), "");
}

TEST_F(ReplayTest, IsASource) {
  Replay replay(path_, {});
  const auto source = replay.Source();
  EXPECT_EQ(source->Name(), "module");
  EXPECT_FALSE(source->BeginsNow());
  const HostSnapshot all = source->Read({.vcpus = true});
  EXPECT_THAT(all.vms, SizeIs(2));
  EXPECT_THAT(all.vms[0].vcpus, SizeIs(1));
  EXPECT_EQ(source->Limits(all), "limited");
  const HostSnapshot one = source->Read({.only = "2000-11"});
  ASSERT_THAT(one.vms, SizeIs(1));
  EXPECT_EQ(one.vms[0].identity.id, "2000-11");
  EXPECT_THAT(source->Read({}).vms[0].vcpus, IsEmpty());
}

TEST_F(ReplayTest, WaitsForIntervalsOfTheRecord) {
  Replay replay(path_, {});
  for (uint64_t i = 1; i <= 9; ++i) {
    EXPECT_TRUE(replay.WaitUntil(begin_.steady + seconds(i)));
    EXPECT_EQ(At(replay), i) << "early or late, it is this one";
  }
  EXPECT_FALSE(replay.WaitUntil(begin_.steady + seconds(10)));
}

TEST_F(ReplayTest, WaitsForLongerOnes) {
  Replay replay(path_, {});
  EXPECT_TRUE(replay.WaitUntil(begin_.steady + seconds(4)));
  EXPECT_EQ(At(replay), 4U);
  EXPECT_TRUE(replay.WaitUntil(begin_.steady + seconds(8)));
  EXPECT_EQ(At(replay), 8U);
  EXPECT_FALSE(replay.WaitUntil(begin_.steady + seconds(12)));
  EXPECT_EQ(At(replay), 9U);
}

TEST_F(ReplayTest, WaitsForShorterOnes) {
  Replay replay(path_, {});
  EXPECT_TRUE(replay.WaitUntil(begin_.steady + milliseconds(10)));
  EXPECT_EQ(At(replay), 1U);
  EXPECT_TRUE(replay.WaitUntil(begin_.steady + milliseconds(20)));
  EXPECT_EQ(At(replay), 2U);
}

TEST_F(ReplayTest, ARangeOfTime) {
  Replay replay(path_, {.begin = RecordTime{.wall = begin_.wall + milliseconds(1500)},
                        .end = RecordTime{.wall = begin_.wall + milliseconds(3500)}});
  EXPECT_EQ(At(replay), 2U);
  EXPECT_TRUE(replay.Next());
  EXPECT_TRUE(replay.Next());
  EXPECT_EQ(At(replay), 4U);
  EXPECT_FALSE(replay.Next());
}

TEST_F(ReplayTest, ARangeSinceTheBeginning) {
  Replay replay(path_, {.begin = Since(2), .end = Since(2)});
  EXPECT_EQ(At(replay), 2U);
  EXPECT_FALSE(replay.Next());
}

TEST_F(ReplayTest, KnowsWhenEachVmIsThere) {
  const auto vms = FindRecordedVms(path_, {.begin = Since(2), .end = Since(4)});
  ASSERT_THAT(vms, SizeIs(2));
  EXPECT_EQ(vms[0].identity.id, "1000-11");
  EXPECT_EQ(vms[0].begin, Seconds(2));
  EXPECT_EQ(vms[0].end, Seconds(4));
}

TEST_F(ReplayTest, NothingFromThereOn) {
  EXPECT_THAT([&] { Replay(path_, {.begin = Since(100), .end = {}}); },
              ThrowsMessage<Error>(HasSubstr("has nothing from there on: its last sample is of")));
}

TEST_F(ReplayTest, SaysWhatIsWrongAtItsEnd) {
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 5);
  Replay replay(path_, {});
  while (replay.Next()) {
  }
  EXPECT_EQ(At(replay), 9U);
  EXPECT_EQ(replay.Problem(), "its end is missing");
}

TEST_F(ReplayTest, NoSample) {
  const std::string path = tree_.Root() + "/none.zst";
  {
    RecordWriter writer(path);
    writer.Write(RecordEncoder(MakeRecordHeader()).Header());
    writer.Flush();
  }
  EXPECT_THAT([&] { Replay(path, {}); },
              ThrowsMessage<Error>(HasSubstr("is a record without a sample: its end is missing")));
}

TEST_F(ReplayTest, NoRecord) {
  const std::string path = tree_.Root() + "/other.zst";
  {
    RecordWriter writer(path);
    writer.Write("{}\n");
    writer.Close();
  }
  EXPECT_THAT([&] { Replay(path, {}); },
              ThrowsMessage<Error>(HasSubstr("other.zst: line 1: is no header of a record")));
}

TEST(RecordTime, IsATimeOrSinceTheBeginning) {
  EXPECT_EQ(ParseRecordTime("1970-01-01T00:00:01Z")->wall,
            std::chrono::system_clock::time_point(seconds(1)));
  EXPECT_EQ(ParseRecordTime("+90.5")->since_begin, Seconds(90.5));
  for (const char* const text : {"", "90", "+", "+-1", "+nan", "+1s", "+1e300", "now"}) {
    EXPECT_FALSE(ParseRecordTime(text)) << text;
  }
}

}  // namespace
}  // namespace kvm_exits
