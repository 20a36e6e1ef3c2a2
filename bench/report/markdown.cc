// SPDX-License-Identifier: GPL-2.0-only
#include "report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/error.h"
#include "report/grid.h"

namespace kvm_exits::bench {
namespace {

constexpr std::string_view kBegin = "<!-- bench: ";
constexpr std::string_view kClose = " -->";
constexpr std::string_view kEnd = "<!-- end -->";

// A processor calls itself "Intel(R) <something>_x".
std::string Escaped(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]<>#|&~";
  std::string escaped;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Only at a blank does a browser break the head of a column.
std::string Breakable(std::string head) {
  std::replace(head.begin(), head.end(), '_', ' ');
  return head;
}

std::string TableLine(const std::string& label, const std::vector<std::string>& cells) {
  std::string text = "| " + label + " |";
  for (const std::string& cell : cells) text += ' ' + cell + " |";
  return text + '\n';
}

std::string ToMarkdown(const Grid& grid) {
  std::vector<std::string> heads;
  for (const std::string& head : grid.heads) heads.push_back(Breakable(head));
  std::string text = TableLine(grid.corner, heads);
  text += TableLine("---", std::vector<std::string>(heads.size(), "---:"));
  for (const Grid::Section& section : grid.sections) {
    if (!section.caption.empty()) {
      text += TableLine("*" + section.caption + "*", std::vector<std::string>(heads.size()));
    }
    for (const Grid::Line& line : section.lines) text += TableLine(Escaped(line.label), line.cells);
  }
  return text;
}

std::string LabTable(const Table& table, const Measurements& lab) {
  std::string unit(table.kind->unit);
  unit[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0])));
  return fmt::format("{}; lab {}: {},\nkernel {}.\n\n", unit, lab.lab, Escaped(lab.cpu),
                     Escaped(lab.kernel)) +
         ToMarkdown(MakeGrid(table));
}

std::string ColumnMeanings(const TableKind& kind) {
  std::string text = fmt::format("| {} | what it is |\n|---|---|\n", kind.columns);
  for (const ColumnKind& column : kind.column_kinds) {
    if (column.meaning.empty()) continue;
    text += TableLine(std::string(column.title), {Escaped(column.meaning)});
  }
  return text;
}

std::string PrimitivesTable(const std::string& where, const Primitives& primitives) {
  const auto counting =
      std::find_if(primitives.times.begin(), primitives.times.end(), [](const PrimitiveTime& time) {
        return time.kind->name == kCountingPrimitive && time.threads == 1;
      });
  if (counting == primitives.times.end() || !(counting->nanoseconds > 0)) {
    throw Error(fmt::format("{}: {} with one thread, to compare with, was not measured", where,
                            kCountingPrimitive));
  }
  std::string text;
  if (!primitives.cpu.empty()) text = fmt::format("{}.\n\n", Escaped(primitives.cpu));
  text += "| primitive | threads | ns | times counting |\n|---|---:|---:|---:|\n";
  for (const PrimitiveTime& time : primitives.times) {
    text += fmt::format("| {} | {} | {:.2f} | {:.1f} |\n", time.kind->title, time.threads,
                        time.nanoseconds, time.nanoseconds / counting->nanoseconds);
  }
  return text;
}

// What belongs after a marker that names `what`.
std::string Generate(const std::string& where, const std::string& what, const Results& results) {
  if (what == "primitives") {
    if (results.primitives) return PrimitivesTable(where, *results.primitives);
    throw Error(where + ": the primitives are wanted here: name their file by --primitives");
  }
  const size_t blank = what.find(' ');
  const std::string name = what.substr(0, blank);
  const std::string of = blank == std::string::npos ? "" : what.substr(blank + 1);
  const TableKind& kind = NamedTableKind(where, name);
  if (of == "columns") return ColumnMeanings(kind);
  for (const Measurements& lab : results.labs) {
    if (lab.lab != of) continue;
    if (const Table* const table = lab.Find(name)) return LabTable(*table, lab);
    throw Error(fmt::format("{}: the results of the lab '{}' have no table {}", where, of, name));
  }
  throw Error(fmt::format("{}: there are no results of a lab '{}'", where, of));
}

}  // namespace

std::string FillMarkdown(const Input& document, const Results& results) {
  std::string text;
  std::string begun;  // where the marker is that has no end yet
  bool any = false;
  size_t number = 0;
  for (size_t begin = 0; begin < document.text.size();) {
    const size_t end = std::min(document.text.find('\n', begin), document.text.size() - 1);
    const std::string line = document.text.substr(begin, end - begin + 1);
    begin = end + 1;
    const std::string where = fmt::format("{}:{}", document.path, ++number);

    std::string_view marker = line;
    marker.remove_suffix(marker.size() - marker.find_last_not_of(" \t\r\n") - 1);
    if (marker.starts_with(kBegin) && marker.ends_with(kClose)) {
      if (!begun.empty()) {
        throw Error(fmt::format("{}: this begins before {} has ended: '{}' is missing", where,
                                begun, kEnd));
      }
      begun = where;
      any = true;
      marker.remove_prefix(kBegin.size());
      marker.remove_suffix(kClose.size());
      text += line + '\n' + Generate(where, std::string(marker), results) + '\n';
    } else if (marker == kEnd) {
      if (begun.empty()) throw Error(where + ": this ends what has not begun");
      begun.clear();
      text += line;
    } else if (begun.empty()) {
      text += line;
    }
  }
  if (!begun.empty()) {
    throw Error(fmt::format("{}: this does not end: '{}' is missing", begun, kEnd));
  }
  if (!any) {
    throw Error(fmt::format("{}: there is no marker, '{}TABLE LAB{}', for results", document.path,
                            kBegin, kClose));
  }
  return text;
}

size_t FirstDifference(const std::string& one, const std::string& other) {
  if (one == other) return 0;
  const auto [differs, unused] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return 1 + static_cast<size_t>(std::count(one.begin(), differs, '\n'));
}

}  // namespace kvm_exits::bench
