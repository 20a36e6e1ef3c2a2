// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_VCPU_THREADS_H_
#define KVM_EXITS_SOURCE_VCPU_THREADS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "source/proc_file.h"

namespace kvm_exits {

// What the scheduler knows of a vCPU's thread since it began, in seconds; free, but only
// as good as the kernel's tick.
//
// Their resolution is 10 ms, but for run_delay.  guest, user and system are as many of the
// kernel's ticks (250 a second in Debian's) as found the thread there; only on CPUs of
// nohz_full= are they measured.  user and system are then scaled so that with the guest's
// they are the thread's exact run time, and guest is not: user can fall by some ticks
// from one reading to the next, so a difference of two is to be cut at 0.
struct ThreadTimes {
  double guest;      // in the guest, and with the interrupt that ended that; field 43
  double user;       // in the VMM; field 14, which has the guest's, without that
  double system;     // in the kernel: KVM's own work, the VMM's system calls, and interrupts
                     // that came meanwhile unless IRQ_TIME_ACCOUNTING is on; field 15
  double run_delay;  // ready to run, while another had the CPU, up to when it last got one;
                     // 0 where the kernel keeps no account
};

struct VcpuThread {
  pid_t tid;
  std::optional<uint32_t> vcpu;  // where the thread's name says which
  double started;                // when, in seconds since the machine booted
  ThreadTimes times;
};

// Reads the vCPUs of one process again and again.  Keeps files open, for opening them is
// most of the work, unless the process that does so runs short of descriptors.
class VcpuThreadReader {
 public:
  VcpuThreadReader(const std::string& root, pid_t pid);

  // Returns the threads that are vCPUs': by their name, or by having guest time.  They
  // ascend by vCPU and thread, those without a number at the end.  There are none when the
  // process is gone.
  //
  // A thread that was no vCPU's is looked at again in each 16th call only.
  std::vector<VcpuThread> Read();

 private:
  struct Thread {
    FileDescriptor stat;
    FileDescriptor schedstat;
    bool is_vcpu = false;
    uint64_t seen = 0;  // the last call that found it
  };

  std::optional<VcpuThread> ReadThread(pid_t tid, Thread& thread) const;

  Directory tasks_;
  std::map<pid_t, Thread> threads_;
  uint64_t calls_ = 0;
};

// The same once.
std::vector<VcpuThread> ReadVcpuThreads(const std::string& root, pid_t pid);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_VCPU_THREADS_H_
