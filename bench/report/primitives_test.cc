// SPDX-License-Identifier: GPL-2.0-only
#include "report/primitives.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

using ::testing::StartsWith;
using ::testing::ThrowsMessage;

Primitives Parse(const std::string& benchmarks) {
  return ParsePrimitives({.path = "p.json",
                          .text = R"({"context": {"cpu": "AMD EPYC", "num_cpus": 2},
                                      "benchmarks": [)" +
                                  benchmarks + "]}"});
}

std::string RunOf(const std::string& name, const std::string& more = "") {
  return R"({"run_name": ")" + name +
         R"(", "run_type": "iteration", "threads": 1, "real_time": 9, "cpu_time": 1.5,
            "time_unit": "ns")" +
         more + "}";
}

TEST(ParsePrimitives, HasTheTimeOfAThread) {
  const Primitives primitives = Parse(RunOf("naive/threads:2", R"(, "threads": 2)"));
  EXPECT_EQ(primitives.cpu, "AMD EPYC");
  ASSERT_EQ(primitives.times.size(), 1U);
  EXPECT_EQ(primitives.times[0].kind->name, "naive");
  EXPECT_EQ(primitives.times[0].threads, 2);
  EXPECT_EQ(primitives.times[0].nanoseconds, 1.5);
}

TEST(ParsePrimitives, TakesMediansWhereThereAreAny) {
  const std::string aggregate = R"(, "run_type": "aggregate", "cpu_time": 7, "aggregate_name": )";
  const Primitives primitives =
      Parse(RunOf("rdtsc") + ',' + RunOf("rdtsc", aggregate + "\"mean\"") + ',' +
            RunOf("rdtsc", aggregate + "\"median\""));
  ASSERT_EQ(primitives.times.size(), 1U);
  EXPECT_EQ(primitives.times[0].nanoseconds, 7);
}

TEST(ParsePrimitives, AreInTheOrderOfTheCatalogue) {
  const Primitives primitives = Parse(RunOf("rdtsc") + ',' + RunOf("naive", R"(, "threads": 2)") +
                                      ',' + RunOf("loop") + ',' + RunOf("naive"));
  ASSERT_EQ(primitives.times.size(), 4U);
  EXPECT_EQ(primitives.times[0].kind->name, "loop");
  EXPECT_EQ(primitives.times[1].threads, 1);
  EXPECT_EQ(primitives.times[2].threads, 2);
  EXPECT_EQ(primitives.times[3].kind->name, "rdtsc");
}

TEST(ParsePrimitives, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "p.json: no benchmark has run"},
      {"1", "p.json: a benchmark is no object"},
      {RunOf("other/threads:1"), "p.json: 'other/threads:1' is no primitive"},
      {RunOf("rdtsc", R"(, "error_occurred": true, "error_message": "why")"),
       "p.json: rdtsc has failed: why"},
      {RunOf("rdtsc", R"(, "time_unit": "us")"), "p.json: rdtsc has no cpu_time in ns"},
      {RunOf("rdtsc", R"(, "cpu_time": "1")"), "p.json: rdtsc has no cpu_time in ns"},
      {RunOf("rdtsc", R"(, "threads": -1)"), "p.json: rdtsc has no cpu_time in ns"},
  };
  for (const auto& [benchmarks, message] : cases) {
    EXPECT_THAT([text = benchmarks] { Parse(text); }, ThrowsMessage<Error>(StartsWith(message)));
  }
  for (const std::string text : {"{}", "[]", "7", R"({"benchmarks": []})"}) {
    EXPECT_THAT([&] { ParsePrimitives({.path = "p.json", .text = text}); },
                ThrowsMessage<Error>("p.json: this is no output of Google Benchmark"));
  }
}

}  // namespace
}  // namespace kvm_exits::bench
