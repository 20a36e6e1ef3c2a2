// SPDX-License-Identifier: GPL-2.0-only
#include "report/measurements_json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Measurements FromText(const std::string& text) {
  return FromJson({.path = "f.json", .text = text});
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t position = text.find(what);
  EXPECT_NE(position, std::string::npos) << what;
  return text.replace(position, what.size(), with);
}

TEST(MeasurementsJson, IsTheDocumentThatIsPromised) {
  const auto document = nlohmann::json::parse(ToJson(Sample()));
  EXPECT_EQ(document, nlohmann::json::parse(R"({
    "format": "kvm-exits bench", "version": 1,
    "lab": "amd", "kernel": "6.12.117+deb12-amd64", "cpu": "AMD EPYC <emulated>",
    "tables": [
      {"name": "exit", "unit": "instructions",
       "columns": ["unpatched", "counting", "ledger", "perf_stat"],
       "rows": [{"name": "CPUID", "values": [3074, 3084, 3116, 13074]},
                {"name": "IPI", "values": [9000, null, null, null]}]},
      {"name": "leaf", "unit": "instructions", "columns": ["1", "8"],
       "rows": [{"name": "TOTAL", "values": [3748, 5365]}]}]})"));
}

TEST(MeasurementsJson, ComesBackAsItWas) {
  const std::string text = ToJson(Sample());
  EXPECT_EQ(ToJson(FromText(text)), text);
}

TEST(MeasurementsJson, HasNoLongLines) {
  std::string text = "# lab amd\n# kernel 6\n# cpu x\n";
  for (const ColumnKind& column : FindTableKind("exit")->column_kinds) {
    text += "exit " + std::string(column.name) + " MSR_WRITE_FASTPATH 9007199254740991\n";
  }
  const std::string json = ToJson(Parse(text));
  std::istringstream lines(json);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_EQ(ToJson(FromText(json)), json);
}

TEST(MeasurementsJson, SaysWhatIsWrong) {
  const std::string good = ToJson(Sample());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "this is no JSON: parse error at line 1, column 1"},
      {good.substr(0, good.size() / 2), "this is no JSON: parse error at line "},
      {"\xff", "this is no JSON"},
      {"[]", "this is no document of bench-report"},
      {"{}", "this is no document of bench-report"},
      {R"({"format": 1})", "this is no document of bench-report"},
      {Replaced(good, "\"version\": 1", "\"version\": 2"), "this is not version 1 of the document"},
      {Replaced(good, "\"version\": 1,", ""), "this is not version 1 of the document"},
      {Replaced(good, R"("lab": "amd",)", ""), "there is no string \"lab\""},
      {Replaced(good, "\"amd\"", "7"), "there is no string \"lab\""},
      {Replaced(good, "\"amd\"", R"("a\u001bmd")"), "'a?md' is no name of a lab"},
      {Replaced(good, "\"tables\": [", R"("tables": 1, "x": [)"), "there is no array \"tables\""},
      {Replaced(good, "\"tables\": [", "\"tables\": [1, "), "there is no string \"name\""},
      {Replaced(good, "\"exit\"", "\"exits\""), "there is no table 'exits'"},
      {Replaced(good, "\"instructions\"", "\"bytes\""), "the table exit is not in instructions"},
      {Replaced(good, "\"counting\"", "\"count\""), "the table exit has no column 'count'"},
      {Replaced(good, "\"counting\"", "\"unpatched\""), "exit unpatched CPUID is already in"},
      {Replaced(good, "\"counting\"", "null"), "the name of a column is no string"},
      {Replaced(good, "\"counting\", ", ""), "the table exit has a row of 4 values for 3 columns"},
      {Replaced(good, "\"IPI\"", "\"CPUID\""), "exit unpatched CPUID is already in"},
      {Replaced(good, "3074", "-3074"),
       "a value is neither a number from 0 to 9007199254740991 nor null"},
      {Replaced(good, "3074", "3074.5"), "a value is neither a number"},
      {Replaced(good, "3074", "\"3074\""), "a value is neither a number"},
      {Replaced(good, "3074", "9007199254740992"), "a value is neither a number"},
      {Replaced(good, "3074", "18446744073709551616"), "a value is neither a number"},
      {Replaced(good, "3074", "1e999"), "this is no JSON"},
      {std::string(100000, '['), "this is no JSON"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT([text = text] { FromText(text); },
                ThrowsMessage<Error>(HasSubstr("f.json: " + message)))
        << text.substr(0, 200);
  }
}

}  // namespace
}  // namespace kvm_exits::bench
