// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/error.h"

namespace kvm_exits {
namespace {

// As much of a large map as is read in one system call.  While that is under way in the
// kernel, programs on its CPU do not run: if a vCPU's thread is put in the place of the
// reader there, its exits are missed.  A part is soon read.
constexpr uint32_t kBatch = 256;

int DropMessage(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
  return 0;
}

std::string Reason(int error) {
  return std::string(std::strerror(error)) + " (errno " + std::to_string(error) + ")";
}

// Of what the kernel does not let this process do.
[[noreturn]] void ThrowRefused(const std::string& root, const std::string& what, int error) {
  if (IsLockedDown(root)) {
    throw Error(
        "the kernel is locked down (lockdown=confidentiality), which closes BPF to root, "
        "too; a KVM with kvm_exits needs none");
  }
  // The verifier's refusals are EACCES, too, but nobody without rights gets that far.
  if (error == EPERM || (error == EACCES && geteuid() != 0)) {
    throw Error(
        "counting without kvm_exits takes BPF programs, for which this process lacks the rights "
        "(CAP_BPF and CAP_PERFMON, with kernel.perf_event_paranoid at most 2): run it as root of "
        "the host");
  }
  throw Error(what + ": " + Reason(error));
}

// Says whether this process may have programs and maps at all, before a whole object is
// tried, whose failure says nothing about why.
void RequireBpf(const std::string& root) {
  const int fd =
      bpf_map_create(BPF_MAP_TYPE_ARRAY, nullptr, sizeof(uint32_t), sizeof(uint64_t), 1, nullptr);
  if (fd >= 0) {
    close(fd);
    return;
  }
  if (errno == ENOSYS)
    throw Error("this kernel has no BPF: it is built without CONFIG_BPF_SYSCALL");
  ThrowRefused(root, "the kernel refuses a BPF map", errno);
}

int OpenTracepoint(uint64_t id) {
  perf_event_attr attributes = {};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof(attributes);
  attributes.config = id;
  // A program that is attached to the event of one CPU runs on all of them.
  return static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

void BpfObject::ObjectCloser::operator()(bpf_object* object) const { bpf_object__close(object); }

void BpfObject::LinkCloser::operator()(bpf_link* link) const { bpf_link__destroy(link); }

BpfObject::BpfObject(const std::string& root, std::span<const std::byte> image) : root_(root) {
  libbpf_set_print(&DropMessage);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "kvm_exits");
  object_.reset(bpf_object__open_mem(image.data(), image.size(), &options));
  if (!object_) throw Error("libbpf does not take the program's BPF: " + Reason(errno));
}

bpf_program* BpfObject::FindProgram(const char* program) const {
  bpf_program* const found = bpf_object__find_program_by_name(object_.get(), program);
  if (found == nullptr) throw Error(std::string("there is no BPF program ") + program);
  return found;
}

bpf_map* BpfObject::FindMap(const char* map) const {
  bpf_map* const found = bpf_object__find_map_by_name(object_.get(), map);
  if (found == nullptr) throw Error(std::string("there is no BPF map ") + map);
  return found;
}

void BpfObject::SetConstants(std::span<const std::byte> bytes) {
  if (bpf_map__set_initial_value(FindMap(".rodata"), bytes.data(), bytes.size()) != 0) {
    throw Error("the BPF constants do not fit");
  }
}

void BpfObject::LeaveOut(const char* program) {
  bpf_program__set_autoload(FindProgram(program), false);
}

void BpfObject::SetTracepoint(const char* program, const std::string& event,
                              const TraceFormat& format, std::span<const BpfField> fields) {
  bpf_program* const found = FindProgram(program);
  const bpf_insn* const compiled = bpf_program__insns(found);
  std::vector<bpf_insn> instructions(compiled, compiled + bpf_program__insn_cnt(found));
  PatchFieldLoads(instructions, fields, "tracepoint " + event);
  if (bpf_program__set_insns(found, instructions.data(), instructions.size()) != 0) {
    throw Error("libbpf does not take the program's BPF");
  }
  tracepoints_.push_back({.program = found, .event = event, .id = format.id});
}

void BpfObject::Load() {
  RequireBpf(root_);
  const int status = bpf_object__load(object_.get());
  if (status == 0) return;
  ThrowRefused(root_, "the kernel refuses the BPF programs", -status);
}

std::unique_ptr<bpf_link, BpfObject::LinkCloser> BpfObject::Attach(
    const Tracepoint& tracepoint) const {
  const int fd = OpenTracepoint(tracepoint.id);
  if (fd < 0) ThrowRefused(root_, "cannot open tracepoint " + tracepoint.event, errno);
  std::unique_ptr<bpf_link, LinkCloser> link(
      bpf_program__attach_perf_event(tracepoint.program, fd));
  if (!link) {
    const int error = errno;
    close(fd);
    ThrowRefused(root_, "cannot attach BPF to tracepoint " + tracepoint.event, error);
  }
  return link;  // has the event, too
}

void BpfObject::Attach() {
  for (const Tracepoint& tracepoint : tracepoints_) links_.push_back(Attach(tracepoint));
}

uint64_t BpfObject::Misses(const char* program) const {
  bpf_prog_info info = {};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(bpf_program__fd(FindProgram(program)), &info, &size) != 0) return 0;
  return info.recursion_misses;
}

int BpfObject::MapFd(const char* map) const { return bpf_map__fd(FindMap(map)); }

std::vector<std::byte> BpfObject::Variables() const {
  const bpf_map* const map = FindMap(".bss");
  std::vector<std::byte> variables(bpf_map__value_size(map));
  const uint32_t element = 0;
  if (bpf_map_lookup_elem(bpf_map__fd(map), &element, variables.data()) != 0) {
    throw Error("cannot read a BPF map: " + Reason(errno));
  }
  return variables;
}

namespace {

using Take = std::function<void(const std::byte* key, const std::byte* value)>;

// For kernels and maps without batches: a system call for each key and each value.
void ForEachOneByOne(int map_fd, size_t key_size, size_t value_size, const Take& take) {
  std::vector<std::byte> key(key_size);
  std::vector<std::byte> next(key_size);
  std::vector<std::byte> value(value_size);
  const std::byte* before = nullptr;
  while (bpf_map_get_next_key(map_fd, before, next.data()) == 0) {
    key = next;
    before = key.data();
    if (bpf_map_lookup_elem(map_fd, key.data(), value.data()) == 0) take(key.data(), value.data());
  }
}

}  // namespace

void ForEachInHash(int map_fd, size_t key_size, size_t value_size, const Take& take) {
  uint32_t capacity = kBatch;
  std::vector<std::byte> keys(capacity * key_size);
  std::vector<std::byte> values(capacity * value_size);
  uint32_t position = 0;  // a bucket's number
  bool begun = false;
  for (;;) {
    uint32_t count = capacity;
    uint32_t next = 0;
    const int status = bpf_map_lookup_batch(map_fd, begun ? &position : nullptr, &next, keys.data(),
                                            values.data(), &count, nullptr);
    const int error = status == 0 ? 0 : errno;
    if (error == ENOSPC && capacity < (1U << 20U)) {
      // One bucket has more than that.
      capacity *= 2;
      keys.resize(capacity * key_size);
      values.resize(capacity * value_size);
      continue;
    }
    if (error == EINTR || error == EAGAIN) continue;
    if (error != 0 && error != ENOENT) {
      if (!begun) return ForEachOneByOne(map_fd, key_size, value_size, take);
      throw Error("cannot read a BPF map: " + Reason(error));
    }
    for (uint32_t i = 0; i < count; ++i) take(&keys[i * key_size], &values[i * value_size]);
    if (error == ENOENT) return;
    begun = true;
    position = next;
  }
}

std::vector<uint64_t> ReadPerCpu(int map_fd, size_t numbers) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) throw Error("cannot tell how many CPUs there are: " + Reason(-cpus));
  std::vector<uint64_t> all(static_cast<size_t>(cpus) * numbers);
  const uint32_t element = 0;
  if (bpf_map_lookup_elem(map_fd, &element, all.data()) != 0) {
    throw Error("cannot read a BPF map: " + Reason(errno));
  }
  std::vector<uint64_t> sums(numbers);
  for (size_t i = 0; i < all.size(); ++i) sums[i % numbers] += all[i];
  return sums;
}

}  // namespace kvm_exits
