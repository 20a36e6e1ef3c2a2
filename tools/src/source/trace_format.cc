// SPDX-License-Identifier: GPL-2.0-only
#include "source/trace_format.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "source/proc_file.h"

namespace kvm_exits {
namespace {

// Far more than any event has.
constexpr size_t kMaxFormat = size_t{1} << 16U;
constexpr size_t kMaxFields = 256;

constexpr std::string_view kBlank = " \t\r";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// Takes what stands before the next `end` off `text`, or all of it.
std::string_view TakeUntil(std::string_view& text, char end) {
  const size_t size = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

std::optional<uint32_t> ParseNumber32(std::string_view text) {
  const std::optional<uint64_t> number = ParseNumber(text);
  if (!number || *number > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

// Takes "KEY:VALUE;" off `text`, which may begin with blanks.  Returns the value.
std::optional<std::string_view> TakeValue(std::string_view& text, std::string_view key) {
  std::string_view part = Trim(TakeUntil(text, ';'));
  if (!part.starts_with(key)) return std::nullopt;
  part.remove_prefix(key.size());
  if (!part.starts_with(':')) return std::nullopt;
  return part.substr(1);
}

std::optional<uint32_t> TakeNumber(std::string_view& text, std::string_view key) {
  const auto value = TakeValue(text, key);
  return value ? ParseNumber32(*value) : std::nullopt;
}

// Of a declaration as C has it: "unsigned int exit_reason", "char comm[16]".
std::string_view DeclaredName(std::string_view declaration) {
  declaration = Trim(declaration);
  if (declaration.ends_with(']')) declaration = declaration.substr(0, declaration.rfind('['));
  const size_t before = declaration.find_last_of(" \t*");
  return before == std::string_view::npos ? std::string_view() : declaration.substr(before + 1);
}

// "field:unsigned int exit_reason;	offset:8;	size:4;	signed:0;"
std::optional<TraceField> ParseField(std::string_view line) {
  const auto declaration = TakeValue(line, "field");
  const auto offset = TakeNumber(line, "offset");
  const auto size = TakeNumber(line, "size");
  const auto is_signed = TakeNumber(line, "signed");
  if (!declaration || !offset || !size || !is_signed) return std::nullopt;
  const std::string_view name = DeclaredName(*declaration);
  if (name.empty()) return std::nullopt;
  return TraceField{
      .name = std::string(name), .offset = *offset, .size = *size, .is_signed = *is_signed != 0};
}

// Returns the beginning of a file, or an error's number in `error`.
std::string ReadFile(const std::string& path, int& error) {
  error = 0;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    error = errno;
    return {};
  }
  std::string text;
  std::array<char, 4096> part;
  while (text.size() < kMaxFormat) {
    const ssize_t size = read(fd, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) error = errno;
    if (size <= 0) break;
    text.append(part.data(), static_cast<size_t>(size));
  }
  close(fd);
  return text;
}

[[noreturn]] void ThrowUnreadable(const std::string& root, const std::string& path, int error) {
  if (IsLockedDown(root)) {
    throw Error(
        "the kernel is locked down (lockdown=confidentiality), which closes KVM's tracepoints to "
        "root, too; a KVM with kvm_exits needs none");
  }
  if (error == EACCES || error == EPERM) {
    throw Error("KVM's tracepoints are for root only: run it as root (" + path + ": " +
                std::strerror(error) + ")");
  }
  throw Error("cannot read " + path + ": " + std::strerror(error));
}

bool Exists(const std::string& root, const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) ThrowUnreadable(root, path, errno);
  return false;
}

// The directory of all events.
std::string FindEvents(const std::string& root) {
  for (const char* const tracefs : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    std::string events = root + tracefs + "/events";
    if (Exists(root, events)) return events;
  }
  throw Error(
      "tracefs is not mounted, or the kernel has no tracepoints: try "
      "mount -t tracefs nodev /sys/kernel/tracing");
}

}  // namespace

const TraceField* TraceFormat::Find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &TraceField::name);
  return found == fields.end() ? nullptr : &*found;
}

std::optional<TraceFormat> ParseTraceFormat(std::string_view text) {
  std::optional<uint32_t> id;
  TraceFormat format;
  while (!text.empty()) {
    std::string_view line = Trim(TakeUntil(text, '\n'));
    // What follows is how to print the fields.
    if (line.starts_with("print fmt:")) break;
    if (line.starts_with("ID:")) {
      if (!id) id = ParseNumber32(Trim(line.substr(3)));
    } else if (auto field = ParseField(line); field && format.fields.size() < kMaxFields) {
      format.fields.push_back(*std::move(field));
    }
  }
  if (!id) return std::nullopt;
  format.id = *id;
  return format;
}

std::optional<TraceFormat> ReadKvmTraceFormat(const std::string& root, std::string_view event) {
  const std::string kvm = FindEvents(root) + "/kvm";
  if (!Exists(root, kvm)) {
    throw Error("KVM is not loaded, or is built without tracepoints: there is no " + kvm +
                "; load kvm_intel or kvm_amd first");
  }
  const std::string path = kvm + "/" + std::string(event) + "/format";
  if (!Exists(root, path)) return std::nullopt;
  int error = 0;
  const std::string text = ReadFile(path, error);
  if (error == ENOENT || error == ENODEV) return std::nullopt;  // KVM has just been unloaded
  if (error != 0) ThrowUnreadable(root, path, error);
  auto format = ParseTraceFormat(text);
  if (!format) throw Error("this version of kvm-exits makes no sense of " + path);
  return format;
}

TraceFormat RequireKvmTraceFormat(const std::string& root, std::string_view event) {
  auto format = ReadKvmTraceFormat(root, event);
  if (!format) {
    throw Error("this kernel's KVM has no tracepoint " + std::string(event) +
                ", so its exits cannot be seen from here");
  }
  return *std::move(format);
}

const TraceField& RequireField(const TraceFormat& format, std::string_view event,
                               std::string_view name) {
  const TraceField* const field = format.Find(name);
  if (field == nullptr) {
    throw Error("this version of kvm-exits does not know how to read this kernel's tracepoint " +
                std::string(event) + ": it has no field " + std::string(name));
  }
  return *field;
}

bool IsLockedDown(const std::string& root) {
  int error = 0;
  return ReadFile(root + "/sys/kernel/security/lockdown", error).find("[confidentiality]") !=
         std::string::npos;
}

}  // namespace kvm_exits
