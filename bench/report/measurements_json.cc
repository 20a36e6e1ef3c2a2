// SPDX-License-Identifier: GPL-2.0-only
#include "report/measurements_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "kvm-exits bench";
constexpr int kVersion = 1;

// An array in lines that are not too long; they continue below its first element.
std::string WrappedArray(const json& array, size_t column) {
  constexpr size_t kMaxColumns = 92;  // what closes it comes after
  std::string text = "[";
  size_t used = column + 1;
  for (size_t i = 0; i < array.size(); ++i) {
    const std::string element = array[i].dump();
    if (i > 0) {
      text += ',';
      if (used + element.size() + 2 > kMaxColumns) {
        text += '\n' + std::string(column + 1, ' ');
        used = column + 1;
      } else {
        text += ' ';
        used += 2;
      }
    }
    text += element;
    used += element.size();
  }
  return text + ']';
}

std::string TableJson(const Table& table) {
  json columns = json::array();
  for (const ColumnKind* const column : table.columns) columns.push_back(column->name);
  std::string text = fmt::format("    {{\"name\": {}, \"unit\": {},\n     \"columns\": {},\n",
                                 json(table.kind->name).dump(), json(table.kind->unit).dump(),
                                 WrappedArray(columns, 16));
  text += "     \"rows\": [";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    json values = json::array();
    for (const Value value : table.rows[i].values) values.push_back(value ? json(*value) : json());
    text += fmt::format("{}\n       {{\"name\": {},\n        \"values\": {}}}", i > 0 ? "," : "",
                        json(table.rows[i].name).dump(), WrappedArray(values, 18));
  }
  return text + "]}";
}

// Reads one document; all that is wrong with it is an Error that names the file.
class Reader {
 public:
  explicit Reader(const Input& input) : path_(input.path) {}

  Measurements Read(const json& document) {
    if (!document.is_object() || document.value("format", json()) != json(kFormat)) {
      Throw("this is no document of bench-report");
    }
    if (document.value("version", json()) != json(kVersion)) {
      Throw(fmt::format("this is not version {} of the document, which is what is understood here",
                        kVersion));
    }
    for (const char* const header : {"lab", "kernel", "cpu"}) {
      builder_.SetHeader(path_, header, String(document, header));
    }
    for (const json& table : Array(document, "tables")) ReadTable(table);
    return builder_.Finish(path_);
  }

 private:
  [[noreturn]] void Throw(const std::string& message) const { throw Error(path_ + ": " + message); }
  std::string String(const json& object, const char* name) const {
    if (!object.is_object() || !object.contains(name) || !object[name].is_string()) {
      Throw(fmt::format("there is no string \"{}\" where one is needed", name));
    }
    return object[name];
  }
  const json& Array(const json& object, const char* name) const {
    if (!object.is_object() || !object.contains(name) || !object[name].is_array()) {
      Throw(fmt::format("there is no array \"{}\" where one is needed", name));
    }
    return object[name];
  }

  void ReadTable(const json& table) {
    const std::string name = String(table, "name");
    const TableKind& kind = NamedTableKind(path_, name);
    if (String(table, "unit") != kind.unit) {
      Throw(fmt::format("the table {} is not in {}", name, kind.unit));
    }
    const json& columns = Array(table, "columns");
    for (const json& row : Array(table, "rows")) {
      const std::string row_name = String(row, "name");
      const json& values = Array(row, "values");
      if (values.size() != columns.size()) {
        Throw(fmt::format("the table {} has a row of {} values for {} columns", name, values.size(),
                          columns.size()));
      }
      for (size_t i = 0; i < values.size(); ++i) {
        if (!columns[i].is_string()) Throw("the name of a column is no string");
        builder_.Add(path_, name, columns[i].get<std::string>(), row_name, ValueOf(values[i]));
      }
    }
  }

  Value ValueOf(const json& value) const {
    if (value.is_null()) return std::nullopt;
    if (!value.is_number_unsigned() || value.get<uint64_t>() > uint64_t{kMaxValue}) {
      Throw(fmt::format("a value is neither a number from 0 to {} nor null", kMaxValue));
    }
    return value.get<int64_t>();
  }

  std::string path_;
  MeasurementsBuilder builder_;
};

}  // namespace

std::string ToJson(const Measurements& measurements) {
  std::string text = fmt::format(
      "{{\n  \"format\": {},\n  \"version\": {},\n"
      "  \"lab\": {},\n  \"kernel\": {},\n  \"cpu\": {},\n  \"tables\": [\n",
      json(kFormat).dump(), kVersion, json(measurements.lab).dump(),
      json(measurements.kernel).dump(), json(measurements.cpu).dump());
  for (size_t i = 0; i < measurements.tables.size(); ++i) {
    if (i > 0) text += ",\n";
    text += TableJson(measurements.tables[i]);
  }
  return text + "\n  ]\n}\n";
}

Measurements FromJson(const Input& input) { return Reader(input).Read(ParseJson(input)); }

}  // namespace kvm_exits::bench
