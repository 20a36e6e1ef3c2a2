// SPDX-License-Identifier: GPL-2.0-only
#include "source/record_format.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/fakes.h"
#include "source/record_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// Gives a host to an encoder, and what that writes to a decoder.
class RecordFormat : public ::testing::Test {
 protected:
  // Adds a sample of `host_`, and expects that it is read as it is.  Returns its lines.
  std::vector<std::string> Sample(const std::string& limits = "") {
    host_.Pass(std::chrono::milliseconds(1000));
    std::vector<std::string> lines = LinesOf(encoder_.Sample(host_.snapshot, limits));
    for (const std::string& line : lines) EXPECT_EQ(decoder_.Take(line), &line == &lines.back());
    ExpectSame(host_.snapshot, decoder_.Host());
    EXPECT_EQ(decoder_.Limits(), limits);
    return lines;
  }

  nlohmann::json JsonOfSample() { return nlohmann::json::parse(Sample().back()); }

  void SetUp() override {
    const std::string header = encoder_.Header();
    ASSERT_THAT(LinesOf(header), SizeIs(1));
    EXPECT_FALSE(decoder_.Take(LinesOf(header)[0]));
    EXPECT_EQ(decoder_.Header(), MakeRecordHeader());
  }

  RecordedHost host_;
  RecordEncoder encoder_{MakeRecordHeader()};
  RecordDecoder decoder_;
};

TEST_F(RecordFormat, HasWhatIsNew) {
  Sample();
  host_.Vm(0).reasons[1].exits += 5;
  const auto line = JsonOfSample();
  EXPECT_EQ(line["vms"].dump(), R"({"1000-11":{"reasons":{"12":{"exits":5}}}})");
  EXPECT_FALSE(line.contains("began"));
  EXPECT_FALSE(line.contains("names"));
}

TEST_F(RecordFormat, WhatRestsIsNotThere) {
  Sample();
  const auto line = JsonOfSample();
  EXPECT_EQ(line.size(), 4U) << line;
  EXPECT_EQ(line["all"].dump() + line["all_before"].dump(), "{}{}");
}

TEST_F(RecordFormat, Times) {
  Sample();
  host_.SetTimed();
  Sample();
  host_.AddTimes();
  Sample();
  host_.AddTimes();
  Sample();
}

TEST_F(RecordFormat, CyclesThatAreTheSumOfStatesGoWithoutSaying) {
  host_.SetTimed();
  Sample();
  ReasonCount& count = host_.Vm(0).reasons[1];
  *count.of_state[0] += 1000;
  *count.of_state[1] += 20;
  *count.of_state[5] += 3;
  *count.of_state[6] += 500;
  *count.cycles += 23;
  host_.Settle();
  EXPECT_EQ(JsonOfSample()["vms"].dump(),
            R"({"1000-11":{"reasons":{"12":{"states":[1000,20,null,null,null,3,500]}}}})");
  *count.of_state[1] += 20;
  *count.cycles += 21;
  host_.Settle();
  EXPECT_EQ(JsonOfSample()["vms"].dump(),
            R"({"1000-11":{"reasons":{"12":{"cycles":21,"states":[null,20]}}}})");
  *count.of_state[0] += 1;
  EXPECT_EQ(JsonOfSample()["vms"].dump(), R"({"1000-11":{"reasons":{"12":{"states":[1]}}}})");
}

TEST_F(RecordFormat, TimesThatAreNotToldAnyMore) {
  host_.SetTimed();
  Sample();
  host_.SetUntimed();
  EXPECT_THAT(JsonOfSample()["began"], SizeIs(2));
}

TEST_F(RecordFormat, VmsBeginAndEnd) {
  Sample();
  VmSnapshot vm = host_.snapshot.vms[0];
  vm.identity = {.id = "1500-9", .pid = 1500, .name = "new", .vmm = "qemu"};
  host_.snapshot.vms.insert(host_.snapshot.vms.begin() + 1, vm);
  Sample();
  host_.snapshot.vms.erase(host_.snapshot.vms.begin());
  EXPECT_EQ(JsonOfSample()["ended"].dump(), R"(["1000-11"])");
}

TEST_F(RecordFormat, AVmOfTheSameIdIsAnother) {
  Sample();
  host_.snapshot.vms[0].identity.name = "another";
  EXPECT_THAT(JsonOfSample()["began"], SizeIs(1));
}

TEST_F(RecordFormat, CountersThatFellBeginAgain) {
  Sample();
  host_.Vm(0).reasons[1].exits -= 1;
  host_.Settle();
  EXPECT_THAT(JsonOfSample()["began"], SizeIs(1));
}

TEST_F(RecordFormat, CountersOfAllThatFellBeginAgainAltogether) {
  Sample();
  host_.snapshot.total->reasons[1].exits = 1;
  host_.snapshot.total_before->reasons[1].exits = 1;
  host_.Settle();
  EXPECT_THAT(Sample(), SizeIs(2));
}

TEST_F(RecordFormat, CountersOfAllThatFellWhileTheyWereRead) {
  for (int i = 0; i < 2; ++i) {
    Sample();
    host_.snapshot.total->reasons[1].exits -= 1;
    host_.Settle();
    host_.Pass(std::chrono::milliseconds(1000));
    for (const std::string& line : LinesOf(encoder_.Sample(host_.snapshot, ""))) {
      decoder_.Take(line);
    }
    EXPECT_FALSE(decoder_.Host().total_before);
    ExpectSame(host_.snapshot.total, decoder_.Host().total);
    host_.snapshot.total_before = host_.snapshot.total;
  }
}

TEST_F(RecordFormat, WhatNobodyKnowsIsLeftOut) {
  host_.Pass(std::chrono::milliseconds(1000));
  std::string line = LinesOf(encoder_.Sample(host_.snapshot, "")).at(0);
  constexpr size_t kDeep = 100000;
  line.insert(1, "\"x\":" + std::string(kDeep, '[') + std::string(kDeep, ']') + ",");
  EXPECT_TRUE(decoder_.Take(line));
  ExpectSame(host_.snapshot, decoder_.Host());
}

TEST_F(RecordFormat, TooManyValuesAreAnError) {
  std::string line = "{\"x\":[";
  for (size_t i = 0; i < size_t{17} << 20U; ++i) line += "1,";
  EXPECT_THAT([&] { decoder_.Take(line + "1]}"); }, ThrowsMessage<Error>("has too many values"));
}

TEST_F(RecordFormat, TextThatATerminalWouldObey) {
  host_.Pass(std::chrono::milliseconds(1000));
  decoder_.Take(LinesOf(encoder_.Sample(host_.snapshot, "\x1b[31m\n")).at(0));
  EXPECT_EQ(decoder_.Limits(), "\\x1b[31m\\n");
}

TEST_F(RecordFormat, AReasonThatIsGoneBeginsAgain) {
  Sample();
  host_.Vm(1).reasons.erase(host_.Vm(1).reasons.begin());
  host_.Settle();
  EXPECT_THAT(JsonOfSample()["began"], SizeIs(1));
}

TEST_F(RecordFormat, Vcpus) {
  host_.SetTimed();
  Sample();
  VmSnapshot& vm = host_.snapshot.vms[1];
  vm.vcpus = {{.vcpu = 0, .exits = vm.exits}, {.vcpu = 7, .exits = vm.exits}};
  Sample();
  host_.AddTimes();
  vm.vcpus[1].exits.reasons[0].exits += 3;
  vm.vcpus.insert(vm.vcpus.begin() + 1, {.vcpu = 3, .exits = vm.exits});
  host_.Settle();
  Sample();
  vm.vcpus.erase(vm.vcpus.begin());
  EXPECT_THAT(JsonOfSample()["began"], SizeIs(1));
}

TEST_F(RecordFormat, SchedulersTimes) {
  Sample();
  host_.snapshot.vms[0].cpu = CpuTimes{.guest = Seconds(1.25),
                                       .user = Seconds(2.5),
                                       .system = Seconds(3),
                                       .run_delay = Seconds(0.000123),
                                       .lifetime = Seconds(100.01)};
  Sample();
  host_.snapshot.vms[0].cpu->guest += Seconds(0.01);
  EXPECT_EQ(JsonOfSample()["vms"].dump(),
            R"({"1000-11":{"cpu_seconds":[1.26,2.5,3.0,0.000123,100.01]}})");
  host_.snapshot.vms[0].cpu.reset();
  Sample();
}

TEST_F(RecordFormat, WhatASourceDoesNotHave) {
  host_.snapshot.total.reset();
  host_.snapshot.total_before.reset();
  Sample();
  host_.snapshot.lost = 17;
  Sample("cannot see much");
  Sample();
}

TEST_F(RecordFormat, AHostWithoutAnExit) {
  const HostSnapshot full = host_.snapshot;
  host_.snapshot = {.taken = full.taken, .vms = {}};
  Sample();
  host_.snapshot.vms = full.vms;
  host_.snapshot.isa = full.isa;
  Sample();
}

TEST_F(RecordFormat, ReasonsThatNobodyKnows) {
  host_.Vm(0).reasons.insert(host_.Vm(0).reasons.end() - 1, {{.number = 90, .name = kUnnamed}, 4});
  host_.Settle();
  const auto line = JsonOfSample();
  EXPECT_EQ(line["names"]["90"], kUnnamed);
  EXPECT_EQ(line["names"][std::to_string(kUnknownReason.number)], "UNKNOWN");
}

TEST_F(RecordFormat, ReadingCanBeginAtEachHeader) {
  host_.SetTimed();
  Sample();
  host_.AddTimes();
  Sample();
  const std::string header = encoder_.Header();
  EXPECT_FALSE(decoder_.Take(LinesOf(header)[0]));
  host_.AddTimes();
  const auto lines = Sample();
  RecordDecoder other;
  EXPECT_FALSE(other.Take(LinesOf(header)[0]));
  EXPECT_TRUE(other.Take(lines.at(0)));
  ExpectSame(host_.snapshot, other.Host());
}

// What a line of a record is changed to, and what is said of that.
struct Wrong {
  const char* name;
  std::function<void(nlohmann::json& header, nlohmann::json& sample)> change;
  const char* message;
};

class WrongRecordFormat : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongRecordFormat, IsAnError) {
  RecordedHost host;
  host.SetTimed();
  RecordEncoder encoder(MakeRecordHeader());
  auto header = nlohmann::json::parse(encoder.Header());
  auto sample = nlohmann::json::parse(encoder.Sample(host.snapshot, ""));
  GetParam().change(header, sample);
  RecordDecoder decoder;
  EXPECT_THAT(
      [&] {
        decoder.Take(header.dump());
        decoder.Take(sample.dump());
      },
      ThrowsMessage<Error>(HasSubstr(GetParam().message)));
}

using Json = nlohmann::json;

INSTANTIATE_TEST_SUITE_P(
    , WrongRecordFormat,
    ::
        testing::
            Values(Wrong{"NoFormat", [](Json& h, Json&) { h.erase("format"); }, "is no header"},
                   Wrong{"OtherFormat", [](Json& h, Json&) { h["format"] = "x"; }, "is no header"},
                   Wrong{"OtherVersion", [](Json& h, Json&) { h["format_version"] = 2; },
                         "another version"},
                   Wrong{"NoObject", [](Json&, Json& s) { s = 3; }, "is no JSON object"},
                   Wrong{"OtherSource", [](Json& h, Json&) { h["source"] = "perf"; },
                         "wrong source"},
                   Wrong{"NoTime", [](Json&, Json& s) { s.erase("time"); }, "wrong time"},
                   Wrong{"TimeIsNone", [](Json&, Json& s) { s["time"] = "today"; }, "wrong time"},
                   Wrong{"Monotonic", [](Json&, Json& s) { s["monotonic_seconds"] = -1; },
                         "wrong monotonic"},
                   Wrong{"LateMonotonic", [](Json&, Json& s) { s["monotonic_seconds"] = 1e10; },
                         "wrong monotonic"},
                   Wrong{"NoIsa", [](Json&, Json& s) { s.erase("isa"); }, "wrong isa"},
                   Wrong{"OtherIsa", [](Json&, Json& s) { s["isa"] = "ARM"; }, "wrong isa"},
                   Wrong{"NegativeExits",
                         [](Json&, Json& s) { s["vms"]["1000-11"]["reasons"]["12"]["exits"] = -1; },
                         "wrong exits"},
                   Wrong{
                       "FractionOfExits",
                       [](Json&, Json& s) { s["vms"]["1000-11"]["reasons"]["12"]["exits"] = 1.5; },
                       "wrong exits"},
                   Wrong{"ReasonIsNoNumber",
                         [](Json&, Json& s) {
                           s["vms"]["1000-11"]["reasons"]["HLT"] = Json::object();
                         },
                         "wrong reasons"},
                   Wrong{"ReasonIsTooLarge",
                         [](Json&, Json& s) { s["all"]["reasons"]["4294967297"] = Json::object(); },
                         "wrong reasons"},
                   Wrong{"TooManyStates",
                         [](Json&, Json& s) {
                           s["vms"]["1000-11"]["states"] = {1, 2, 3, 4, 5, 6, 7, 8};
                         },
                         "wrong states"},
                   Wrong{"NoSuchBin",
                         [](Json&, Json& s) {
                           s["vms"]["1000-11"]["reasons"]["12"]["durations"] = {99, 1};
                         },
                         "wrong durations"},
                   Wrong{"HalfABin",
                         [](Json&, Json& s) {
                           s["vms"]["1000-11"]["reasons"]["12"]["durations"] = {0};
                         },
                         "wrong durations"},
                   Wrong{"WrongBin", [](Json&, Json& s) { s["bins"] = {{1}}; }, "wrong bins"},
                   Wrong{"VmThatHasNotBegun", [](Json&, Json& s) { s.erase("began"); },
                         "wrong vms"},
                   Wrong{"VmWithoutAProcess", [](Json&, Json& s) { s["began"][0].erase("pid"); },
                         "wrong pid"},
                   Wrong{"EndedIsNoName", [](Json&, Json& s) { s["ended"] = {1}; }, "wrong ended"},
                   Wrong{
                       "CpuTimes",
                       [](Json&, Json& s) {
                         s["vms"]["1000-11"]["cpu_seconds"] = {1, 2};
                       },
                       "wrong cpu_seconds"},
                   Wrong{
                       "VcpuIsNoNumber",
                       [](Json&,
                          Json& s) { s["vms"]["1000-11"]["each_vcpu"] = {{"x", Json::object()}}; },
                       "wrong each_vcpu"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(RecordFormatOrder, ASampleThatIsNotLaterIsAnError) {
  RecordedHost host;
  RecordEncoder encoder(MakeRecordHeader());
  RecordDecoder decoder;
  decoder.Take(encoder.Header());
  const std::string sample = encoder.Sample(host.snapshot, "");
  decoder.Take(sample);
  EXPECT_THAT([&] { decoder.Take(sample); }, ThrowsMessage<Error>("is not later than the last"));
}

TEST(RecordFormatOrder, AHeaderOfAnotherHostIsAnError) {
  RecordHeader header = MakeRecordHeader();
  RecordDecoder decoder;
  decoder.Take(RecordEncoder(header).Header());
  decoder.Take(RecordEncoder(header).Header());
  header.host = "other";
  EXPECT_THAT([&] { decoder.Take(RecordEncoder(header).Header()); },
              ThrowsMessage<Error>("is of another host, boot, source or interval"));
}

}  // namespace
}  // namespace kvm_exits
