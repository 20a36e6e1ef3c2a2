// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_BPF_EXITS_H_
#define KVM_EXITS_SOURCE_BPF_EXITS_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/exit_reason.h"
#include "source/bpf_exits_maps.h"
#include "source/bpf_object.h"

namespace kvm_exits {

inline constexpr size_t kBpfBins = kBpfDurationBins;

// Exits of one vCPU for one reason.  Their time is that until the next entry, of those
// that have had one.
struct BpfReason {
  uint32_t number = 0;  // VMX: the basic exit reason; SVM: the low 32 bits of the exit code
  uint64_t exits = 0;
  uint64_t ns = 0;
  uint64_t longest_ns = 0;
  // Bin N is of those of 2^N ns and more, up to the next, the last one of all that are
  // longer; bin 0 is also that of 0 ns.
  std::array<uint64_t, kBpfBins> durations = {};
};

// A thread that runs a vCPU, or has.  The tracepoints do not tell VMs apart: of one
// thread that runs vCPUs of the same number in several VMs, the sum.
struct BpfVcpu {
  pid_t tid = 0;
  pid_t tgid = 0;
  uint32_t vcpu = 0;
  uint64_t guest_ns = 0;           // in the guest, up to the last exit
  std::vector<BpfReason> reasons;  // ascending by number
};

// Everything since the programs were attached.
struct BpfReading {
  std::optional<Isa> isa;      // none before the first exit
  std::vector<BpfVcpu> vcpus;  // ascending by tgid, tid, vcpu
  BpfVcpu forgotten = {};      // the sum of those that ForgetEnded() has left out
  uint64_t lost = 0;           // exits of which no more is known
};

// Counts the VM exits of any KVM, by BPF programs on its tracepoints, which are attached
// as long as this lives.  KVM's modules cannot be unloaded meanwhile.
//
// A count never goes down from one Read() to the next, and is exact as soon as the vCPU
// rests.
class BpfExits {
 public:
  // `only_tgid` is the process whose VMs are wanted, as the initial PID namespace has it.
  //
  // Throws Error where it cannot be: without the rights, without KVM's tracepoints, on a
  // kernel that refuses.
  BpfExits(const std::string& root, std::optional<pid_t> only_tgid);

  // Throws Error where the kernel does not let it.
  BpfReading Read();

  // Makes room: of threads that have ended, and did nothing between the last two readings,
  // later ones have the sum.  For those who stay: there is room for 8192 threads.
  void ForgetEnded();

 private:
  struct KnownThread {
    BpfThreadKey key;
    BpfThreadState state;
    bool is_settled;  // as it was in the reading before: all it did is in this one
  };

  void NeverLess(uint32_t number, std::vector<BpfReason>& reasons);
  bool KnowsThreads() const;
  bool HasEnded(const KnownThread& thread) const;
  void Forget(const KnownThread& thread);

  std::string root_;
  BpfObject object_;
  std::unordered_map<uint32_t, KnownThread> known_;  // of the last reading, by number
  BpfVcpu forgotten_;
  // The exits of the last reading, by BpfReasonKey.
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> shown_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_BPF_EXITS_H_
