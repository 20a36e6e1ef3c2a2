// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/fuzzer.h"
#include "source/host_facts_parser.h"

namespace kvm_exits {

// Two texts, with a zero byte between them where a parser takes two.
void Fuzz(std::string_view input) {
  const size_t end = std::min(input.find('\0'), input.size());
  const std::string_view first = input.substr(0, end);
  const std::string_view second = input.substr(std::min(end + 1, input.size()));
  Require(ParseCpuinfo(input).vendor.size() <= 12);
  ParseRights(first, second);
  ParseLockdown(input);
  ParseLoneNumber(input);
  ParseSwitch(input);
  ParseConfig(second, first);
  IsMounted(second, first, "/sys/kernel/debug");
  Require(!HasWord(second, first) || second.find(first) != std::string_view::npos);
}

std::vector<std::string> FuzzSeeds() {
  using std::string_literals::operator""s;
  return {
      "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu tsc vmx constant_tsc "
      "nonstop_tsc hypervisor\nvmx flags\t: ept vpid\n\nprocessor\t: 1\n",
      "Name:\tx\nUid:\t1000\t7\t8\t9\nCapEff:\t000000c000000004\n\0"
      "         0          0 4294967295\n"s,
      "none [integrity] confidentiality\n",
      "debugfs\0debugfs /sys/kernel/debug debugfs rw,nosuid 0 0\n"s,
      "CONFIG_BPF_EVENTS\0# CONFIG_X is not set\nCONFIG_BPF_EVENTS=y\n"s,
      "18446744073709551616\n",
      "Y\n"};
}

}  // namespace kvm_exits
