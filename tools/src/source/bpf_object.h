// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_OBJECT_H_
#define KVM_EXITS_SOURCE_BPF_OBJECT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "source/bpf_fields.h"
#include "source/trace_format.h"

struct bpf_link;
struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace kvm_exits {

// BPF programs and maps of one source file, on their way into the kernel: Set... and
// Patch..., Load(), Attach().  They leave it with this object.
//
// What the functions throw is an Error in words for the user.  What libbpf has to say
// goes into these; it prints nothing.
class BpfObject {
 public:
  // `image` is the compiled file, which must outlive this.
  BpfObject(const std::string& root, std::span<const std::byte> image);

  // Sets the bytes of all constants, which the verifier knows.
  void SetConstants(std::span<const std::byte> bytes);

  // The program will not be loaded.
  void LeaveOut(const char* program);

  // Has `program` run at `event`, with the fields that it reads.
  void SetTracepoint(const char* program, const std::string& event, const TraceFormat& format,
                     std::span<const BpfField> fields);

  void Load();

  // Attaches all that have a tracepoint, in the order of SetTracepoint().
  void Attach();

  // Runs of the programs at a tracepoint that the kernel left out, as far as it tells:
  // since 6.7.
  uint64_t Misses(const char* program) const;

  int MapFd(const char* map) const;

  // The bytes of all variables, which the programs change.
  std::vector<std::byte> Variables() const;

 private:
  struct ObjectCloser {
    void operator()(bpf_object* object) const;
  };
  struct LinkCloser {
    void operator()(bpf_link* link) const;
  };
  struct Tracepoint {
    bpf_program* program;
    std::string event;
    uint64_t id;
  };

  bpf_program* FindProgram(const char* program) const;
  bpf_map* FindMap(const char* map) const;
  std::unique_ptr<bpf_link, LinkCloser> Attach(const Tracepoint& tracepoint) const;

  std::string root_;
  std::unique_ptr<bpf_object, ObjectCloser> object_;
  std::vector<Tracepoint> tracepoints_;
  std::vector<std::unique_ptr<bpf_link, LinkCloser>> links_;
};

// Calls `take` with each key and value of a hash map, whose sizes are the map's own; some
// that come or go meanwhile may be left out.
void ForEachInHash(int map_fd, size_t key_size, size_t value_size,
                   const std::function<void(const std::byte* key, const std::byte* value)>& take);

// Returns the sums over all CPUs of element 0 of a per-CPU array of 64-bit numbers.
std::vector<uint64_t> ReadPerCpu(int map_fd, size_t numbers);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_OBJECT_H_
