// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_MEASUREMENTS_H_
#define KVM_EXITS_BENCH_MEASUREMENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/catalogue.h"

namespace kvm_exits::bench {

// What is not measured has no number, which is not the same as 0.
using Value = std::optional<int64_t>;

// As large as a number is in every reader of JSON.
inline constexpr int64_t kMaxValue = (int64_t{1} << 53) - 1;

struct Row {
  std::string name;
  std::vector<Value> values;  // one a column
};

struct Table {
  const TableKind* kind = nullptr;
  std::vector<const ColumnKind*> columns;  // in the catalogue's order
  std::vector<Row> rows;                   // in the order of the measurements

  // The value of a row in the column of that name, if it has one.
  Value Of(const Row& row, std::string_view column) const;
  // The same less that of another column, if both are known.
  Value Added(const Row& row, std::string_view column, std::string_view base) const;
  bool Has(std::string_view column) const;
};

// What one run of the benchmark has measured, in one lab.
struct Measurements {
  std::string lab;
  std::string kernel;
  std::string cpu;
  std::vector<Table> tables;  // in the catalogue's order

  const Table* Find(std::string_view table) const;
};

// Throws Error, which begins with `where` the name stands, if there is no such table.
const TableKind& NamedTableKind(const std::string& where, std::string_view name);

// Puts together what arrives one number at a time, from whatever kind of file.  All
// that is wrong with it is an Error that begins with `where` it stands.
class MeasurementsBuilder {
 public:
  // "lab", "kernel" or "cpu".  The same again is fine.
  void SetHeader(const std::string& where, const std::string& name, const std::string& value);

  void Add(const std::string& where, std::string_view table, std::string_view column,
           std::string_view row, Value value);

  // Throws Error where a header is missing, or there is no number at all; `source`
  // names what was read.
  Measurements Finish(const std::string& source) const;

 private:
  struct Header {
    std::string value;
    std::string where;
  };
  struct Entry {
    Value value;
    std::string where;
  };
  struct Rows {
    std::vector<std::string> names;
    std::map<std::string, std::map<size_t, Entry>, std::less<>> entries;
  };

  std::map<std::string, Header, std::less<>> headers_;
  std::map<const TableKind*, Rows> tables_;
};

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_MEASUREMENTS_H_
