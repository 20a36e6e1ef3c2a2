// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BENCH_GRID_H_
#define KVM_EXITS_BENCH_GRID_H_

#include <string>
#include <vector>

#include "report/measurements.h"

namespace kvm_exits::bench {

// What a table says to people, before it is drawn as text or as Markdown.
struct Grid {
  struct Line {
    std::string label;
    std::vector<std::string> cells;  // one a head
  };
  struct Section {
    std::string caption;  // may be empty
    std::vector<Line> lines;
  };

  std::string corner;
  std::vector<std::string> heads;
  std::vector<Section> sections;
};

// Configurations are lines, with what each adds to KVM and to the configuration that it
// builds on; other tables stay as they are.
Grid MakeGrid(const Table& table);

// "1,234,567"
std::string FormatNumber(int64_t number);
// "+1,234", "-1", "0", or "-" for what is not known.
std::string FormatAdded(Value added);

}  // namespace kvm_exits::bench

#endif  // KVM_EXITS_BENCH_GRID_H_
