// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_TRACE_FORMAT_H_
#define KVM_EXITS_SOURCE_TRACE_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvm_exits {

// Where one field of a tracepoint's record stands, in bytes from its beginning.
struct TraceField {
  std::string name;
  uint32_t offset;
  uint32_t size;
  bool is_signed;

  bool operator==(const TraceField&) const = default;
};

// What the running kernel says of a tracepoint: its number, for perf_event_open(2), and
// its fields, whose places are the kernel's own affair and change between versions.
struct TraceFormat {
  uint32_t id = 0;
  std::vector<TraceField> fields;

  // Returns the field of that name, or nullptr.
  const TraceField* Find(std::string_view name) const;
};

// Parses the text of a tracepoint's file `format`.  Lines that make no sense are passed
// over.  Returns nothing where there is no number in it.
std::optional<TraceFormat> ParseTraceFormat(std::string_view text);

// Reads the format of one of KVM's tracepoints, from tracefs under `root`/sys/kernel.
// Returns nothing where this kernel's KVM has no such event.
//
// Throws Error where there are none to read: tracefs is not mounted or not for this user,
// the kernel is locked down, KVM is not loaded.
std::optional<TraceFormat> ReadKvmTraceFormat(const std::string& root, std::string_view event);

// The same of an event that every KVM has.
TraceFormat RequireKvmTraceFormat(const std::string& root, std::string_view event);

// Returns a field that every kernel has, or throws Error.
const TraceField& RequireField(const TraceFormat& format, std::string_view event,
                               std::string_view name);

// Says whether the kernel is locked down so far that not even root may read its memory.
bool IsLockedDown(const std::string& root);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_TRACE_FORMAT_H_
