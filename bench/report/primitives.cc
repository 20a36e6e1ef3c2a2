// SPDX-License-Identifier: GPL-2.0-only
#include "report/primitives.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

using nlohmann::json;

std::string StringOf(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

bool IsAggregate(const json& run) { return StringOf(run, "run_type") == "aggregate"; }

// Reads one run.  The time is that of a thread on its CPU: the one that passes would be
// divided by the threads, and has in it what others do on this machine.
PrimitiveTime ReadRun(const std::string& path, const json& run) {
  // "count_vmx/threads:2"
  const std::string name = StringOf(run, "run_name");
  const PrimitiveKind* const kind = FindPrimitiveKind(name.substr(0, name.find('/')));
  if (kind == nullptr) throw Error(fmt::format("{}: '{}' is no primitive", path, name));
  if (run.contains("error_occurred")) {
    throw Error(
        fmt::format("{}: {} has failed: {}", path, kind->name, StringOf(run, "error_message")));
  }
  if (StringOf(run, "time_unit") != "ns" || !run.contains("cpu_time") ||
      !run["cpu_time"].is_number() || !run.contains("threads") ||
      !run["threads"].is_number_unsigned()) {
    throw Error(
        fmt::format("{}: {} has no cpu_time in ns, or no number of threads", path, kind->name));
  }
  return {.kind = kind,
          .threads = run["threads"].get<int64_t>(),
          .nanoseconds = run["cpu_time"].get<double>()};
}

}  // namespace

Primitives ParsePrimitives(const Input& input) {
  const json document = ParseJson(input);
  if (!document.is_object() || !document.contains("benchmarks") ||
      !document["benchmarks"].is_array() || !document.contains("context") ||
      !document["context"].is_object()) {
    throw Error(input.path + ": this is no output of Google Benchmark");
  }
  Primitives primitives{.cpu = StringOf(document["context"], "cpu"), .times = {}};
  bool has_medians = false;
  for (const json& run : document["benchmarks"]) {
    if (!run.is_object()) throw Error(input.path + ": a benchmark is no object");
    has_medians |= IsAggregate(run);
  }
  for (const json& run : document["benchmarks"]) {
    if (has_medians && StringOf(run, "aggregate_name") != "median") {
      // What has failed has no median.
      if (run.contains("error_occurred")) ReadRun(input.path, run);
      continue;
    }
    primitives.times.push_back(ReadRun(input.path, run));
  }
  if (primitives.times.empty()) throw Error(input.path + ": no benchmark has run");
  // They may have run in any order.  The catalogue is an array.
  std::sort(primitives.times.begin(), primitives.times.end(),
            [](const PrimitiveTime& a, const PrimitiveTime& b) {
              return std::tie(a.kind, a.threads) < std::tie(b.kind, b.threads);
            });
  return primitives;
}

}  // namespace kvm_exits::bench
